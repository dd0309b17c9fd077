using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>How many kernels an operation launches: on a GPU each launch of a small operation takes as long as the
/// operation.</summary>
public sealed class GroupedLaunchTests : IDisposable
{
    readonly GroupedDevice<WarpReduction> device =
        (GroupedDevice<WarpReduction>)GroupedOnCpu.Open<WarpReduction>();

    public void Dispose() => device.Dispose();

    [Theory]
    [InlineData(1, 16)]
    [InlineData(9, 16)]
    [InlineData(9, 15)]
    public void A_linear_layer_with_a_bias_is_one_launch(int rows, int inputs)
    {
        using var x = device.Allocate(rows, inputs);
        using var weight = device.Allocate(5, inputs);
        using var bias = device.Allocate(5);
        using var result = device.Allocate(rows, 5);
        device.Linear(x, weight, bias, result);
        Assert.Equal(1, device.Launches);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void The_projections_of_attention_are_one_launch(int rows)
    {
        using var x = device.Allocate(rows, 16);
        using var query = device.Allocate(12, 16);
        using var key = device.Allocate(4, 16);
        using var bias = device.Allocate(12);
        using var angles = device.Allocate(rows, 4);
        using var queries = device.Allocate(rows, 3, 4);
        using var keys = device.Allocate(rows, 1, 4);
        using var values = device.Allocate(rows, 1, 4);
        device.ProjectHeads(x, new(query, bias), new(key, null), new(key, null), angles, queries, keys, values);
        Assert.Equal(1, device.Launches);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void A_gated_layer_is_one_launch(int rows)
    {
        using var x = device.Allocate(rows, 16);
        using var weight = device.Allocate(5, 16);
        using var scratch = device.Allocate(rows, 5);
        using var result = device.Allocate(rows, 5);
        device.GatedLinear(x, weight, weight, scratch, result);
        Assert.Equal(1, device.Launches);
    }

    /// <summary>Norm, projections, attention, output; norm, gate and up, down.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void A_layer_that_nobody_looks_into_is_seven_launches(int tokens) =>
        Assert.Equal(2 * 7, Launches(3, tokens) - Launches(1, tokens));

    long Launches(int layers, int tokens)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Small with
        {
            HiddenSize = 48,
            IntermediateSize = 64,
            LayerCount = layers,
        });
        using var model = tiny.On(device);
        var before = device.Launches;
        using var logits = model.Forward(tiny.Prompt(tokens));
        return device.Launches - before;
    }
}
