using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Counts the launches of the kernels of one thread: each takes some 50 µs on two cores, whatever it
/// computes.</summary>
public sealed class LaunchTests
{
    // Norm, projections, attention, output; norm, gate, down.
    const int OfLayer = 7;

    [Theory]
    [InlineData("qwen2", 1)]
    [InlineData("qwen2", 12)]
    [InlineData("llama", 12)]
    [InlineData("mistral", 12)]
    public void A_layer_that_nobody_looks_into_is_seven_launches(string family, int tokens)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Families[family]);
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        using var model = tiny.On(device);
        var (one, two) = (LaunchesUpTo(0), LaunchesUpTo(1));
        Assert.Equal(OfLayer, two - one);

        // The embedding is one more.
        Assert.Equal(OfLayer + 1, one);

        long LaunchesUpTo(int layer)
        {
            var before = device.Launches;
            model.Run(tiny.Prompt(tokens), new() { StopAfter = new(Activation.ResidualAfter, layer) });
            return device.Launches - before;
        }
    }

    [Fact]
    public void A_layer_that_norms_heads_is_two_launches_more()
    {
        using var tiny = new TinyQwen2(TinyQwen2.Qwen3);
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        using var model = tiny.On(device);
        model.Run(tiny.Prompt(5), new() { StopAfter = new(Activation.ResidualAfter, 0) });

        // The embedding; the norm and rotation of queries, and of keys.
        Assert.Equal(1 + OfLayer + 2, device.Launches);
    }

    [Fact]
    public void Rows_of_attention_and_of_a_stored_pattern_are_one_launch_each()
    {
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        using var query = device.Allocate(9, 4, 8);
        using var key = device.Allocate(9, 2, 8);
        using var pattern = device.Allocate(4, 9, 9);
        using var result = device.Allocate(3, 9);
        device.AggregatePattern(query, key, Visibility.Causal, HeadAggregation.Mean, [0, 8, 3], result);
        Assert.Equal(1, device.Launches);
        device.ReducePattern(pattern, HeadAggregation.Max, [0, 8, 3], result);
        Assert.Equal(2, device.Launches);
    }

    [Fact]
    public void Sums_of_cells_and_entropies_are_one_launch_each()
    {
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        using var pattern = device.Allocate(4, 9, 9);
        using var sums = device.Allocate(4, 2);
        using var entropies = device.Allocate(4, 9);
        device.SumCells(pattern, new(9, 9, [0, 1, 3], [80, 0, 5], [1, 1, -1]), sums);
        Assert.Equal(1, device.Launches);
        device.Entropy(pattern, entropies);
        Assert.Equal(2, device.Launches);
    }

    [Fact]
    public void Rows_of_flow_are_two_launches()
    {
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        using var pattern = device.Allocate(4, 9, 9);
        using var value = device.Allocate(9, 2, 8);
        using var weight = device.Allocate(20, 32);
        using var stream = device.Allocate(9, 20);
        using var result = device.Allocate(9, 9);
        device.FlowRows(pattern, value, weight, stream, stream, result);
        Assert.Equal(2, device.Launches);
    }

    [Fact]
    public void A_probe_that_looks_between_the_parts_of_a_projection_gets_the_parts()
    {
        using var tiny = new TinyQwen2();
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        using var model = tiny.On(device);
        var probe = new RecordingProbe(site => site == new Site(Activation.Query, 0));
        var before = device.Launches;
        model.Run(
            tiny.Prompt(5), new ForwardOptions { Probe = probe, StopAfter = new(Activation.ResidualAfter, 0) });

        // Three products and two rotations in place of one launch.
        Assert.Equal(OfLayer + 1 + 4, device.Launches - before);
    }
}
