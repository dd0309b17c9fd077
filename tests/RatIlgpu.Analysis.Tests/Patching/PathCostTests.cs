using RatIlgpu.Models;
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

    // Each path changes the stream behind its destination in its own way, and every later layer reads it at all
    // positions from the first difference on.
    [Theory]
    [InlineData(HeadInput.Query, 12, 3)]
    [InlineData(HeadInput.Query, 12, 10)]
    [InlineData(HeadInput.Value, 12, 3)]
    public void All_paths_take_hardly_more_multiply_adds_than_what_they_change(
        HeadInput input, int length, int firstDifference)
    {
        using var hollow = new HollowQwen2(HollowQwen2.HalfBillion);
        using var device = new CountingDevice();
        using var model = hollow.On(device);
        int[] clean = [.. Enumerable.Range(100, length)], corrupted = [.. clean];
        corrupted[firstDifference] = 7;
        var sweep = new DirectPathPatching(model).SweepAll(
            new(clean, corrupted), input, new LogitMetric.Logit(new(11, 12), ^1));
        var paths = sweep.Sum(map => map.Patched.Count());
        var least = Enumerable.Range(1, model.Config.LayerCount - 1).Sum(
            layer => layer * model.Config.HeadCount * model.Config.HeadCount
                * LeastOfPath(model.Config, layer, length, length - firstDifference));
        var ratio = device.MultiplyAdds / least;
        output.WriteLine($"{input}, {length} tokens, {length - firstDifference} of them in the tail: "
            + $"{least / 1e12:F1} tera multiply-adds at least, {ratio:F3} times as many, {paths} paths");
        Assert.InRange(ratio, 1, 1.02);
    }

    // One head of the destination's layer, its part of the output product, and the MLP; then whole layers, the last one
    // at the metric's position.
    static double LeastOfPath(Qwen2Config config, int destination, int length, int tail)
    {
        double width = config.HiddenSize, keys = config.KeyValueHeadCount * config.HeadSize, size = config.HeadSize;
        var mlp = 3 * width * config.IntermediateSize;
        var queried = 2 * width * width + 2 * width * length + mlp;
        var whole = queried + 2 * width * keys;
        var last = config.LayerCount - 1;
        var received = 2 * size * length + size * width + mlp;
        return destination == last
            ? received
            : tail * (received + (last - destination - 1) * whole + 2 * width * keys) + queried;
    }
}
