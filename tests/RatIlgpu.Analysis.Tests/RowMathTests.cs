namespace RatIlgpu.Analysis.Tests;

public sealed class RowMathTests
{
    // exp overflows above 709.
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(-1000)]
    public void Softmax_of_scores_of_any_size_is_that_of_their_differences(double origin)
    {
        var found = RowMath.Softmax([origin, origin + Math.Log(3), double.NegativeInfinity]);
        Assert.Equal([0.25, 0.75, 0], found.Select(share => Math.Round(share, 10)));
    }
}
