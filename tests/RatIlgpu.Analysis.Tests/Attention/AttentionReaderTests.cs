using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class AttentionReaderTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public AttentionReaderTests() => model = tiny.On(device);

    AnalysisPrompt Prompt => new([.. tiny.Prompt(12)]);

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void All_heads_come_by_layer()
    {
        var heads = ReadHead.All(model, Prompt, new());
        Assert.Equal(
            from layer in Enumerable.Range(0, 3) from head in Enumerable.Range(0, 6) select new HeadIndex(layer, head),
            heads.Select(one => one.Head));
        Assert.All(heads, one => Assert.Empty(one.Value.Concat(one.Info).Concat(one.Queries).Concat(one.Keys)));
    }

    [Fact]
    public void Heads_that_are_asked_for_keep_their_order_and_are_read_once()
    {
        var options = new AttentionOptions { Heads = [new(2, 5), new(-3, 1), new(-1, -1), new(2, 0), new(0, 1)] };
        Assert.Equal([new(2, 5), new(0, 1), new(2, 0)], new AttentionReader(model).HeadsOf(options));
        Assert.Equal([new(0, 1), new(2, 5), new(2, 0)], ReadHead.All(model, Prompt, options).Select(one => one.Head));
    }

    [Theory]
    [InlineData(AttentionWeights.Standard)]
    [InlineData(AttentionWeights.Value)]
    [InlineData(AttentionWeights.Info)]
    public void Weighted_rows_of_a_head_are_those_that_a_trace_searches(AttentionWeights weights)
    {
        var rows = WeightedRows.Of(
            model, [.. tiny.Prompt(12)], new() { Weights = weights, Predictions = 0 },
            [.. Enumerable.Range(0, 6).Select(HeadAggregation.Head)]);
        new AttentionReader(model).Read(Prompt, new() { ValueFactors = true, InfoFactors = true }, head =>
        {
            var (whole, factors) = (new float[12 * 12], head.FactorsOf(weights));
            head.CopyRows(0, whole);
            for (var query = 0; query < 12; query++)
            {
                var row = rows[(query, head.Head.Layer, HeadAggregation.Head(head.Head.Head))];
                for (var key = 0; key <= query; key++)
                    Assert.Equal(whole[query * 12 + key] * (factors?[key] ?? 1), row[key], 1e-7);
            }
        });
    }

    [Fact]
    public void Layers_count_from_the_end_too() => Assert.Equal(
        [0, 2], new AttentionReader(model).HeadsOf(new() { Layers = [^1, 0] }).Select(head => head.Layer).Distinct());

    // 12 tokens, 6 heads of queries and 2 of keys, each of 8 numbers, from a stream of 40: nothing else is computed.
    [Fact]
    public void The_run_ends_with_the_keys_of_the_last_layer()
    {
        using var counting = new CountingDevice();
        using var counted = tiny.On(counting);
        new AttentionReader(counted).Read(Prompt, new() { Layers = [0] }, _ => { });
        Assert.Equal(12 * (6 + 2) * 8 * 40, counting.MultiplyAdds);
    }

    [Fact]
    public void Rows_are_the_same_whichever_are_asked_for_together() =>
        new AttentionReader(model).Read(Prompt, new() { Heads = [new(1, 4)] }, head =>
        {
            var whole = new float[12 * 12];
            head.CopyRows(0, whole);
            for (var first = 0; first < 12; first++)
                for (var count = 1; count <= 12 - first; count++)
                {
                    var rows = new float[count * 12];
                    rows.AsSpan().Fill(7);
                    head.CopyRows(first, rows);
                    Assert.Equal(whole[(first * 12)..((first + count) * 12)], rows);
                }
        });

    [Fact]
    public void A_head_cannot_be_read_when_the_run_has_gone_on()
    {
        var heads = new List<HeadAttention>();
        new AttentionReader(model).Read(Prompt, new() { Layers = [0] }, heads.Add);
        Assert.All(heads, head => Assert.Throws<ObjectDisposedException>(() => head.CopyRows(0, new float[12])));
    }

    [Fact]
    public void Rows_that_are_not_there_are_refused()
    {
        var head = new HeadAttention(new(0, 0), 3, (_, rows) => rows.Clear());
        Assert.Equal(
            "query 3 asked, expected 0 to 2. (Parameter 'firstQuery')",
            Assert.Throws<ArgumentOutOfRangeException>(() => head.CopyRows(3, new float[3])).Message);
        Assert.Equal(
            "Memory for 4 numbers from query 1 on, expected 3 for each of at most 2 queries. (Parameter 'rows')",
            Assert.Throws<ArgumentException>(() => head.CopyRows(1, new float[4])).Message);
        Assert.Throws<ArgumentException>(() => head.CopyRows(1, new float[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HeadAttention(new(0, 0), 0, (_, _) => { }));
    }

    [Fact]
    public void Factors_that_were_not_asked_for_are_named()
    {
        var head = new HeadAttention(new(0, 0), 1, (_, rows) => rows.Fill(1)) { ValueFactors = [1] };
        Assert.Null(head.FactorsOf(AttentionWeights.Standard));
        Assert.Equal([1], head.FactorsOf(AttentionWeights.Value)!.Value);
        Assert.Equal(
            "The InfoFactors were not asked for: set InfoFactors in AttentionOptions.",
            Assert.Throws<ArgumentException>(() => head.FactorsOf(AttentionWeights.Info)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => head.FactorsOf((AttentionWeights)9));
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(-4, 0)]
    [InlineData(0, 6)]
    [InlineData(0, -7)]
    public void A_head_that_the_model_does_not_have_is_named(int layer, int head) => Assert.Contains(
        $"L{layer}H{head} asked, but the model has layers 0 to 2, each with heads 0 to 5",
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ReadHead.All(model, Prompt, new() { Heads = [new(layer, head)] })).Message);

    [Fact]
    public void Layers_and_heads_together_or_none_of_them_are_refused()
    {
        Refused("Both layers and heads are given, expected one of them.", new() { Layers = [0], Heads = [new(0, 0)] });
        Refused("There is no head: at least one is needed, or null for all.", new() { Heads = [] });
        Refused("There is no layer: at least one is needed, or null for all.", new() { Layers = [] });
    }

    [Fact]
    public void An_intervention_is_seen_in_the_layers_behind_it()
    {
        var ablated = ReadHead.Everything with
        {
            Interventions = [Intervention.Zero(InterventionTarget.At(model, Activation.HeadOutput, 0, [1]))],
        };
        var (plain, found) = (ReadHead.All(model, Prompt), ReadHead.All(model, Prompt, ablated));
        ReadHead.Same(plain[..6], found[..6]);
        Assert.All(plain.Zip(found).Skip(6), pair => Assert.NotEqual(pair.First.Pattern, pair.Second.Pattern));
    }

    [Fact]
    public void An_intervention_that_nothing_read_depends_on_is_refused() => Refused(
        "zero HeadOutput of layer 1, heads 2: the run ends after RotatedKey of layer 1, before it comes there; read a "
        + "head of a later layer, or leave the intervention out.",
        new()
        {
            Layers = [1],
            Interventions = [Intervention.Zero(InterventionTarget.At(model, Activation.HeadOutput, 1, [2]))],
        });

    // A recording has the changed pattern, key or value as well.
    [Theory]
    [InlineData(Activation.Pattern)]
    [InlineData(Activation.HeadKey)]
    [InlineData(Activation.HeadValue)]
    [InlineData(Activation.RotatedQuery)]
    public void What_an_intervention_changes_inside_attention_is_read(Activation activation)
    {
        var options = ReadHead.Everything with
        {
            Interventions = [Intervention.Scale(InterventionTarget.At(model, activation, 1, [2]), 0.5f)],
        };
        var (plain, found) = (ReadHead.All(model, Prompt), ReadHead.All(model, Prompt, options));
        Assert.Equal(
            activation != Activation.HeadValue, !plain[8].Pattern.SequenceEqual(found[8].Pattern));
        Assert.Equal(plain[7].Pattern, found[7].Pattern);
        Assert.Equal(plain[8].Value.Max(), found[8].Value.Max());
        if (activation == Activation.Pattern)
            Assert.Equal(plain[8].Pattern.Select(share => share / 2), found[8].Pattern);
        var run = new Recorder(model).Record(
            Prompt.TokenIds, new AttentionReader(model).Captures(options),
            new() { Interventions = options.Interventions });
        ReadHead.Same(found, ReadHead.All(model, AnalysisPrompt.Of(run), options));
    }

    [Fact]
    public void A_pattern_that_is_not_a_number_is_refused()
    {
        var options = new AttentionOptions
        {
            Interventions =
            [
                Intervention.Edit(
                    InterventionTarget.At(model, Activation.Pattern, 0, [0]), (_, _, row) => row[0] = float.NaN),
            ],
        };
        Assert.StartsWith(
            "The attention of L0H0 is not a number",
            Assert.Throws<ArithmeticException>(() => ReadHead.All(model, Prompt, options)).Message);
    }

    void Refused(string message, AttentionOptions options) => Assert.StartsWith(
        message, Assert.Throws<ArgumentException>(() => ReadHead.All(model, Prompt, options)).Message);
}
