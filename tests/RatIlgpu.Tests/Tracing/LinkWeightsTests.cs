using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class LinkWeightsTests : IDisposable
{
    static readonly Site Values = new(Activation.Value, 0);

    readonly PlainDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public LinkWeightsTests() => model = tiny.On(device);

    // Six heads, two of values, each of eight numbers; three tokens.
    float[] Some => [.. Enumerable.Range(0, 3 * 2 * 8).Select(i => i / 8 < 2 ? 2f : 1)];

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void A_row_is_multiplied_by_the_lengths_of_values_against_the_longest()
    {
        var weights = new LinkWeighting(model, AttentionWeights.Value).Of(Values, Some, null);
        var rows = weights.RowsOf(HeadAggregation.Mean, (_, _, row) => row.Fill(1f / row.Length));
        Assert.Equal(3, rows.Length);
        Assert.Equal([1 / 3f, 1 / 6f, 1 / 6f], rows.Row(2).ToArray());
    }

    [Fact]
    public void Padding_is_no_measure_of_others_and_counts_nothing()
    {
        var weights = new LinkWeighting(model, AttentionWeights.Value).Of(Values, Some, [0, 1, 1]);
        var rows = weights.RowsOf(HeadAggregation.Max, (_, _, row) => row.Fill(0.25f));
        Assert.Equal([0, 0.25f, 0.25f], rows.Row(2).ToArray());
    }

    [Fact]
    public void Contributions_of_parallel_values_are_shares_of_attention_times_length()
    {
        var weights = new LinkWeighting(model, AttentionWeights.Contribution).Of(Values, Some, null);
        foreach (var heads in (HeadAggregation[])[HeadAggregation.Mean, HeadAggregation.MeanOf(1, 4)])
        {
            float[] attention = [0.25f, 0.25f, 0.5f];
            var row = weights.RowsOf(heads, (_, _, row) => attention.AsSpan(0, row.Length).CopyTo(row)).Row(2);
            // 2 · ¼, ¼ and ½ of 1¼.
            Assert.All(row.ToArray().Zip([0.4f, 0.2f, 0.4f]), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
        }
    }

    [Fact]
    public void Where_heads_bring_nothing_no_key_has_a_share()
    {
        var weights = new LinkWeighting(model, AttentionWeights.Contribution).Of(Values, new float[48], null);
        Assert.Equal([0, 0], weights.RowsOf(HeadAggregation.Mean, (_, _, row) => row.Fill(0.5f)).Row(1).ToArray());
    }

    [Fact]
    public void What_is_no_number_is_refused()
    {
        var values = Some;
        values[3] = float.NaN;
        foreach (var weights in (AttentionWeights[])[AttentionWeights.Value, AttentionWeights.Info])
            Assert.StartsWith(
                "Value of layer 0 is not a finite number",
                Assert.Throws<ArithmeticException>(
                    () => new LinkWeighting(model, weights).Of(Values, values, null)).Message,
                StringComparison.Ordinal);
        var rows = new LinkWeighting(model, AttentionWeights.Contribution).Of(Values, values, null)
            .RowsOf(HeadAggregation.Mean, (_, _, row) => row.Fill(0.5f));
        Assert.StartsWith(
            "The attention is not a number", Assert.Throws<ArithmeticException>(() => rows.Row(1).Length).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_are_no_values_of_the_prompt_is_refused()
    {
        var weighting = new LinkWeighting(model, AttentionWeights.Contribution);
        Refuses("Pattern of layer 0 was given, expected Value or HeadValue.", new(Activation.Pattern, 0), Some, null);
        foreach (var some in (float[][])[Some[1..], []])
            Refuses(
                $"{some.Length} numbers of Value of layer 0 were given, expected whole rows of 16, at least one.",
                Values, some, null);
        Refuses("The mask has 2 entries, expected 3, one for each token.", Values, Some, [1, 1]);

        void Refuses(string message, Site site, float[] values, ImmutableArray<int>? mask) => Assert.Equal(
            message, Assert.Throws<ArgumentException>(() => weighting.Of(site, values, mask)).Message);
    }

    [Theory]
    [InlineData(AttentionWeights.Value)]
    [InlineData(AttentionWeights.Info)]
    [InlineData(AttentionWeights.Contribution)]
    public void Weights_stop_being_made_when_they_are_cancelled(AttentionWeights weights)
    {
        using var stop = new CancellationTokenSource();
        var weighting = new LinkWeighting(model, weights);
        Assert.NotNull(weighting.Of(Values, Some, null, stop.Token));
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => weighting.Of(Values, Some, null, stop.Token));
    }

    [Fact]
    public void Contributions_have_no_maximum_and_standard_weights_need_no_values()
    {
        var options = new TraceOptions { Weights = AttentionWeights.Contribution, Heads = HeadAggregation.Max };
        Assert.StartsWith(
            "Weights is Contribution, which adds up heads, and Heads is max; expected mean, a head, or a mean over "
            + "some.",
            Assert.Throws<ArgumentException>(() => options.Resolve(3, 4, 6, 9)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Weights is 9, expected Standard, Value, Info or Contribution.",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => (options with { Weights = (AttentionWeights)9 }).Resolve(3, 4, 6, 9)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Standard weights need no values.",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new LinkWeighting(model, AttentionWeights.Standard).Of(Values, Some, null)).Message,
            StringComparison.Ordinal);
    }
}
