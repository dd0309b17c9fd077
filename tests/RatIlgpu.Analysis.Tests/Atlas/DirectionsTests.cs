namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class DirectionsTests
{
    [Fact]
    public void Points_lie_along_the_two_main_directions()
    {
        // Around (5, 7, 1): ±3 along (0, 1, 0), ±1 along (1, 0, 0), nothing along the third.
        var found = Directions.Of(HeadVectorKind.Key, [[5, 10, 1], [5, 4, 1], [6, 7, 1], [4, 7, 1]]);
        Assert.Equal(HeadVectorKind.Key, found.Kind);
        Assert.Equal([3, 0, -3, 0, 0, 1, 0, -1], found.Points.Select(number => MathF.Round(number, 5)));
        Assert.Equal(0.9, found.FirstShare, 1e-9);
        Assert.Equal(0.1, found.SecondShare, 1e-9);
    }

    [Fact]
    public void The_largest_part_of_a_direction_is_positive()
    {
        // Along (1, −2): a point with a smaller second number is the positive one when turned to (−1, 2).
        var found = Directions.Of(HeadVectorKind.Value, [[1, -2], [-1, 2]]);
        Assert.Equal(-Math.Sqrt(5), found.Points[0], 1e-5);
        Assert.Equal(Math.Sqrt(5), found.Points[2], 1e-5);
        Assert.Equal(1, found.FirstShare, 1e-9);
        Assert.Equal(0, found.SecondShare, 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Equal_vectors_have_no_direction(int count)
    {
        var found = Directions.Of(
            HeadVectorKind.Query, [.. Enumerable.Repeat((float[])[0.1f, 1e6f, -3], count)]);
        Assert.Equal(new float[2 * count], found.Points);
        Assert.Equal((0, 0), (found.FirstShare, found.SecondShare));
    }
}
