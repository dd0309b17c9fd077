using RatIlgpu.Devices;
using RatIlgpu.Models;
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

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Rows_of_attention_are_two_launches_and_rows_of_a_stored_pattern_one(int rows)
    {
        using var query = device.Allocate(9, 4, 8);
        using var key = device.Allocate(9, 2, 8);
        using var pattern = device.Allocate(4, 9, 9);
        using var result = device.Allocate(rows, 9);
        int[] chosen = [.. Enumerable.Range(0, rows)];
        device.AggregatePattern(query, key, Visibility.Causal, HeadAggregation.Mean, chosen, result);
        Assert.Equal(2, device.Launches);
        device.ReducePattern(pattern, HeadAggregation.Mean, chosen, result);
        Assert.Equal(3, device.Launches);
    }

    [Theory]
    [InlineData(CellLists.MostOfThread, 1)]
    [InlineData(CellLists.MostOfThread + 1, 2)]
    public void Sums_of_cells_are_one_launch_and_long_ones_one_more(int cells, int launches)
    {
        using var pattern = device.Allocate(2, 10, 10);
        using var result = device.Allocate(2, 2);
        CellSums sums = new(
            10, 10, [0, 1, 1 + cells], [.. Enumerable.Range(0, 1 + cells)],
            [.. Enumerable.Repeat(1f, 1 + cells)]);
        device.SumCells(pattern, sums, result);
        Assert.Equal(launches, device.Launches);
    }

    [Fact]
    public void Rows_of_attention_that_take_much_memory_are_computed_one_after_the_other()
    {
        // Two rows are more than 4 Mi numbers. Equal scores: each key has the same share.
        const int Keys = 2_200_000;
        using var query = device.Allocate(2, 1, 1);
        using var key = device.Allocate(Keys, 1, 1);
        using var result = device.Allocate(2, Keys);
        device.Fill(1, query);
        device.Fill(0, key);
        var before = device.Launches;
        device.AggregatePattern(query, key, Visibility.Causal, HeadAggregation.Mean, [1, 0], result);
        Assert.Equal(4, device.Launches - before);
        float[] ofLast = [1f / Keys, 1f / Keys], ofFirst = [1f / (Keys - 1), 0];
        Assert.Equal([.. ofLast, .. ofFirst], Ends());

        float[] Ends()
        {
            var all = device.Download(result);
            return [all[0], all[Keys - 1], all[Keys], all[^1]];
        }
    }

    /// <summary>Norm, projections, attention, output; norm, gate and up, down.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(9, true)]
    [InlineData(9, false)]
    public void A_layer_that_nobody_looks_into_is_seven_launches(int tokens, bool hasBiases) =>
        Assert.Equal(7, LaunchesOfALayer(device, tokens, hasBiases));

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Norms_of_heads_are_two_launches_more(int tokens) =>
        Assert.Equal(9, LaunchesOfALayer(device, tokens, hasBiases: false, normsHeads: true));

    [Fact]
    public void It_is_seven_launches_on_tensor_cores()
    {
        using var emulated = (GroupedDevice<WarpReduction>)GroupedOnCpu.Open(TensorCores.Exact, 4);
        Assert.Equal(7, LaunchesOfALayer(emulated, 9));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void It_is_seven_launches_on_processors(int tokens)
    {
        using var processor = (GroupedDevice<SharedReduction>)GroupedOnCpu.OpenProcessor();
        Assert.Equal(7, LaunchesOfALayer(processor, tokens));
    }

    static long LaunchesOfALayer<TReduction>(
        GroupedDevice<TReduction> device, int tokens, bool hasBiases = true, bool normsHeads = false)
        where TReduction : struct, IReduction
    {
        var config = TinyQwen2.Small with { HasBiases = hasBiases, NormsHeads = normsHeads };
        return Launches(device, config with { LayerCount = 2 }, tokens)
            - Launches(device, config with { LayerCount = 1 }, tokens);
    }

    // Small: emulated tensor cores are slow.
    static long Launches<TReduction>(GroupedDevice<TReduction> device, Qwen2Config config, int tokens)
        where TReduction : struct, IReduction
    {
        using var tiny = new TinyQwen2(config with
        {
            HiddenSize = 16,
            IntermediateSize = 32,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            VocabularySize = 17,
        });
        using var model = tiny.On(device);
        var before = device.Launches;
        using var logits = model.Forward(tiny.Prompt(tokens), new() { LogitCount = 1 });
        return device.Launches - before;
    }
}
