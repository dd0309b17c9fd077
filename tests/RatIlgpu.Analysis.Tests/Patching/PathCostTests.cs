using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PathCostTests(ITestOutputHelper output)
{
    // Queries of the prompt, of which the last five differ.
    const int Length = 15, FirstDifference = 10;

    [Fact]
    public void All_paths_of_a_model_of_half_a_billion_take_a_tenth_of_the_multiply_adds_of_whole_runs()
    {
        using var hollow = new HollowQwen2(HollowQwen2.HalfBillion);
        using var device = new CountingDevice();
        using var model = hollow.On(device);
        int[] clean = [.. Enumerable.Range(100, Length)];
        int[] corrupted = [.. clean];
        corrupted[FirstDifference] = 7;
        model.Forward(corrupted)!.Dispose();
        var whole = device.MultiplyAdds;

        var metric = new LogitMetric.Logit(new(11, 12), ^1);
        var sweep = new DirectPathPatching(model).SweepAll(
            new([.. clean], [.. corrupted]), HeadInput.Query, metric);
        var paths = sweep.Sum(map => map.Destinations.Count());
        var all = device.MultiplyAdds - whole;
        var (layers, heads) = (hollow.Config.LayerCount, hollow.Config.HeadCount);
        Assert.Equal(layers * (layers - 1) / 2 * heads * heads, paths);

        // A whole run of 15 tokens: the weights of 24 layers and the unembedding, 494 million, once for each.
        Assert.InRange(whole, 15 * 490e6, 15 * 500e6);
        var ratio = (double)whole * paths / all;
        output.WriteLine($"{paths} paths, {whole} a run, {all} the sweep: 1 / {ratio:F2}");
        Assert.InRange(ratio, 12, 15);
    }
}
