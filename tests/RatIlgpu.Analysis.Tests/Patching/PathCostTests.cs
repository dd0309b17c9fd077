using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PathCostTests(ITestOutputHelper output)
{
    // Against whole runs that compute every position of every layer and every logit.
    [Theory]
    [InlineData(HeadInput.Query, 15, 10, 12, 15)]
    [InlineData(HeadInput.Query, 15, 14, 55, 75)]
    [InlineData(HeadInput.Key, 15, 10, 12, 15)]
    public void All_paths_of_a_model_of_half_a_billion_take_a_fraction_of_the_multiply_adds_of_whole_runs(
        HeadInput input, int length, int firstDifference, double atLeast, double atMost)
    {
        using var hollow = new HollowQwen2(HollowQwen2.HalfBillion);
        using var device = new CountingDevice();
        using var model = hollow.On(device);
        int[] clean = [.. Enumerable.Range(100, length)], corrupted = [.. clean];
        corrupted[firstDifference] = 7;
        model.Forward(corrupted).Dispose();
        var whole = device.MultiplyAdds;
        var sweep = new DirectPathPatching(model).SweepAll(
            new(clean, corrupted), input, new LogitMetric.Logit(new(11, 12), ^1));
        var paths = sweep.Sum(map => map.Patched.Count());
        var all = device.MultiplyAdds - whole;

        // 24 layers of 14 heads, and 494 million weights, once for each token.
        Assert.Equal(24 * 23 / 2 * 14 * 14, paths);
        Assert.InRange(whole, length * 490e6, length * 500e6);
        var ratio = (double)whole * paths / all;
        output.WriteLine($"{input}, {length} tokens, {length - firstDifference} of them in the tail: {ratio:F2}");
        Assert.InRange(ratio, atLeast, atMost);
    }
}
