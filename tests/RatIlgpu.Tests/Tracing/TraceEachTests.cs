using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Tracing;

public sealed class TraceEachTests : DemoModelTraces
{
    ImmutableArray<int> PromptIds => model.Tokenizer.Encode(Prompt).Ids;

    [Fact]
    public void Every_combination_comes_once_by_position_then_layer_then_heads()
    {
        var traces = tracer.TraceEach(PromptIds.AsSpan(), new()
        {
            Positions = [^1, 3, 3, ^11],
            Layers = [2, 0],
            Heads = [HeadAggregation.Max, HeadAggregation.Head(1), HeadAggregation.Max],
        });
        Assert.Equal(
            [
                (3, 0, "max"), (3, 0, "1"), (3, 2, "max"), (3, 2, "1"),
                (13, 0, "max"), (13, 0, "1"), (13, 2, "max"), (13, 2, "1"),
            ],
            traces.Select(one => (one.TargetPosition, one.Layer, one.Options.Heads.ToString())));
    }

    [Fact]
    public void Each_is_the_trace_alone()
    {
        foreach (var options in (TraceOptions[])[new(), new() { Predictions = 0, BosTokenId = PromptIds[2] }, Masked()])
        {
            var axes = new TraceAxes { Positions = [.. Enumerable.Range(0, 14).Select(at => (Index)at)] };
            var traces = tracer.TraceEach(PromptIds.AsSpan(), axes, options);
            Assert.Equal(
                Enumerable.Range(0, 14).Select(at => tracer.TraceText(Prompt, options with { TargetPosition = at })),
                traces);
        }

        TraceOptions Masked() => new() { AttentionMask = [0, 0, .. Enumerable.Repeat(1, 12)] };
    }

    [Fact]
    public void Axes_without_an_entry_are_refused()
    {
        Assert.Equal("There is no position to trace: at least one is needed.", Refusal(new() { Positions = [] }));
        Assert.Equal("There is no choice of heads to trace: at least one is needed.", Refusal(new() { Heads = [] }));
        Assert.Equal(
            "TargetPosition is 14, expected ^14 to 13 for a prompt of 14 tokens. (Parameter 'TargetPosition')",
            Refusal(new() { Positions = [0, 14] }));

        string Refusal(TraceAxes axes) =>
            Assert.ThrowsAny<ArgumentException>(() => tracer.TraceEach(PromptIds.AsSpan(), axes)).Message;
    }

    [Fact]
    public void A_changed_pattern_or_key_of_a_head_is_what_is_traced()
    {
        var uniform = Intervention.Edit(
            InterventionTarget.At(model.Network, Activation.Pattern, 1, [2]),
            (position, _, row) => row[..(position + 1)].Fill(1f / (position + 1)));
        var options = new TraceOptions { Layer = 1, Heads = HeadAggregation.Head(2), Interventions = [uniform] };
        Assert.All(tracer.TraceText(Prompt, options).TargetAttention, share => Assert.Equal(1 / 14.0, share, 1e-7));

        var without = Intervention.Zero(InterventionTarget.At(
            model.Network, Activation.Key, 1, [2], scope: KeyValueScope.QueryHead));
        var trace = tracer.TraceText(Prompt, options with { Interventions = [without] });
        Assert.All(trace.TargetAttention, share => Assert.Equal(1 / 14.0, share, 1e-7));
        var other = options with { Heads = HeadAggregation.Head(3) };
        Assert.Equal(
            tracer.TraceText(Prompt, other with { Interventions = [] }).Paths,
            tracer.TraceText(Prompt, other with { Interventions = [without] }).Paths);
    }

    [Theory]
    [InlineData(Activation.FinalNorm)]
    [InlineData(Activation.Logits)]
    public void An_intervention_behind_the_layers_acts_at_its_position_among_the_traced_ones(Activation activation)
    {
        var zero = Intervention.Zero(InterventionTarget.At(model.Network, activation, positions: [3]));
        var options = new TraceOptions { Interventions = [zero] };
        var traces = tracer.TraceEach(PromptIds.AsSpan(), new() { Positions = [3, 9] }, options);
        Assert.Equal(
            new[] { 3, 9 }.Select(at => tracer.TraceText(Prompt, options with { TargetPosition = at })), traces);
        Assert.All(traces[0].Predictions, token => Assert.Equal(0, token.Logit));
    }

    [Fact]
    public void An_intervention_that_the_run_does_not_reach_is_refused()
    {
        var late = Intervention.Zero(InterventionTarget.At(model.Network, Activation.MlpOutput, 3));
        var error = Assert.Throws<ArgumentException>(() => tracer.TraceText(
            Prompt, new() { Layer = 2, Predictions = 0, Interventions = [late] }));
        Assert.Equal(
            "zero MlpOutput of layer 3: the run ends after RotatedKey of layer 2, before it comes there; trace a later "
            + "layer, ask for predictions, or leave the intervention out.",
            error.Message);
    }
}
