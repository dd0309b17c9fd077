using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class LayerAttentionTests
{
    // Two orders of summation of at most a few dozen probabilities.
    const float Rounding = 2e-6f;

    [Theory]
    [InlineData("mean")]
    [InlineData("max")]
    [InlineData("4")]
    [InlineData("mean:0,3,5")]
    [InlineData("max:1,2")]
    public void Rows_on_demand_are_the_rows_of_the_whole_pattern(string form)
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var ids = tiny.Prompt(33);
        var heads = HeadAggregation.Parse(form);
        var site = new Site(Activation.Pattern, 1);
        var probe = new RecordingProbe(asked => asked == site);
        model.Run(ids, new() { Probe = probe, StopAfter = site });
        using var attention = LayerAttention.Of(model, ids, 1, heads);

        for (var query = 0; query < ids.Length; query++)
        {
            var row = attention.Row(query);
            for (var key = 0; key <= query; key++)
                Assert.Equal(Reduce(probe[site], heads, query, key), row[key], Rounding);
        }

        float Reduce(float[] pattern, HeadAggregation aggregation, int query, int key)
        {
            var values = aggregation.Of(6).Select(head => pattern[(head * 33 + query) * 33 + key]);
            return aggregation.Reduction == HeadReduction.Mean ? values.Average() : values.Max();
        }
    }

    [Fact]
    public void One_layer_has_the_rows_of_every_choice_of_heads()
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var ids = tiny.Prompt(9);
        using var attention = LayerAttention.Of(model, ids, 1, HeadAggregation.Mean);
        foreach (var form in (string[])["max", "4", "mean:0,3,5"])
        {
            var heads = HeadAggregation.Parse(form);
            using var alone = LayerAttention.Of(model, ids, 1, heads);
            for (var query = 0; query < ids.Length; query++)
                Assert.Equal(alone.Row(query).ToArray(), attention.With(heads).Row(query).ToArray());
        }

        Assert.Equal(9, attention.With(HeadAggregation.Max).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => attention.With(HeadAggregation.Head(6)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_that_are_prepared_have_the_bits_of_rows_alone(bool padded)
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var ids = tiny.Prompt(33);
        ImmutableArray<int>? mask = padded ? [.. ids.ToArray().Select((_, at) => at is 0 or 1 or 7 ? 0 : 1)] : null;
        using var alone = LayerAttention.Of(model, ids, 1, HeadAggregation.Mean, mask);
        using var together = LayerAttention.Of(model, ids, 1, HeadAggregation.Mean, mask);
        foreach (var choice in (HeadAggregation[])[HeadAggregation.Mean, HeadAggregation.Max])
        {
            var (one, many) = (alone.With(choice), together.With(choice));
            many.Prepare([20, 1, 7, 32, 0, 5]);
            // Rows that were not named do not disturb those that were.
            foreach (var position in (int[])[32, 31, 0, 20, 1, 6, 5, 7, 20])
                Assert.Equal(one.Row(position).ToArray(), many.Row(position)[..(position + 1)].ToArray());
            many.Prepare([3, 4]);
            Assert.Equal(one.Row(20).ToArray(), many.Row(20).ToArray());
            Assert.Equal(one.Row(4).ToArray(), many.Row(4).ToArray());
        }
    }

    [Fact]
    public void Nothing_after_the_keys_of_the_layer_is_computed()
    {
        using var tiny = new TinyQwen2();
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        using var attention = LayerAttention.Of(model, tiny.Prompt(5), 0, HeadAggregation.Mean);
        Assert.Equal(["Gather", "RmsNorm", "Linear", "Linear", "Rotate", "Copy", "Rotate", "Copy"], device.Operations);
    }

    [Fact]
    public void A_long_prompt_is_traced_in_memory_that_grows_with_it_and_not_with_its_square()
    {
        using var tiny = new TinyQwen2(TinyQwen2.Small with { MaxPositions = 4096 });
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        using var model = tiny.On(device);
        var ids = tiny.Prompt(4096);
        var options = new TraceOptions();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = TraceRun.Of(model, ids, options, TestContext.Current.CancellationToken);
        var managed = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(5, found.Paths.Length);
        Assert.All(found.Paths, path => Assert.Equal(4095, path.Positions[0]));

        // Everything ever allocated, freed or not; one [T, T] matrix of one head would take 64 MiB.
        Assert.InRange(device.Allocated * sizeof(float) + managed, 0, 8L << 20);
    }

    [Fact]
    public void A_layer_or_head_that_is_not_there_is_refused_before_anything_runs()
    {
        using var tiny = new TinyQwen2();
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        Assert.Throws<ArgumentOutOfRangeException>(() => LayerAttention.Of(model, [1], 3, HeadAggregation.Mean));
        Assert.Throws<ArgumentOutOfRangeException>(() => LayerAttention.Of(model, [1], 0, HeadAggregation.Head(6)));
        Assert.Empty(device.Operations);
    }

    [Fact]
    public void Attention_that_is_not_a_number_is_refused()
    {
        using var tiny = new TinyQwen2(TinyQwen2.Small with { RmsNormEpsilon = float.NaN });
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        using var attention = LayerAttention.Of(model, [1, 2], 1, HeadAggregation.Mean);
        var refusal = Assert.Throws<ArithmeticException>(() => attention.Row(1).Length);
        Assert.Equal(
            "The attention of layer 1 is not a number: the weights are damaged or overflow.", refusal.Message);
    }
}
