using RatIlgpu.Devices;
using RatIlgpu.Tracing;

namespace RatIlgpu.Analysis.Tests;

public sealed class TraceExplainerTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly ReverseAttentionTracer tracer;
    readonly ImmutableArray<int> ids;

    public TraceExplainerTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        tracer = new(model);
        ids = model.Tokenizer.Encode("When Mary and John went to the store, John gave a drink to").Ids;
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Each_link_of_each_trace_is_explained_as_alone()
    {
        TraceAxes axes = new()
        {
            Positions = [9, ^1],
            Layers = [0, 3],
            Heads = [HeadAggregation.Head(1), HeadAggregation.Head(3)],
        };
        ImmutableArray<TraceResult> traces = [.. tracer.TraceEach(ids.AsSpan(), axes)];
        var attributor = new AttentionScoreAttributor(model.Network);
        var explained = new TraceExplainer(model.Network).Explain(traces);
        Assert.Equal(traces, explained.Select(trace => trace with { Explanations = [] }));
        foreach (var trace in explained)
        {
            Assert.Equal(
                trace.Sankey.Links.Select(link => (link.Source, link.Target)),
                trace.Explanations.Select(one => (one.Source, one.Target)));
            var one = trace.Explanations[^1];
            var found = attributor.Explain(
                ids.AsSpan(), new(trace.Layer, trace.Options.Heads.Heads[0]), one.Target, one.Source);
            Assert.Equal(
                found.Top(5).Select(pair => new LinkPair(pair.Query.Label, pair.Key.Label, pair.Value)), one.Pairs);
            Assert.Equal(
                (found.Score, found.Attention, found.PositionAlone), (one.Score, one.Attention, one.PositionAlone));
        }

        // The trace has the attention in F32, by another order of summation.
        Assert.All(
            explained.SelectMany(trace => trace.Sankey.Links.Zip(trace.Explanations)),
            pair => Assert.Equal(pair.First.Attention, pair.Second.Attention, 2e-5));
    }

    [Fact]
    public void One_run_serves_all_links()
    {
        var shares = new Shares();
        TraceAxes axes = new()
        {
            Positions = [9, ^1],
            Layers = [2, 3],
            Heads = [HeadAggregation.Head(1), HeadAggregation.Head(3)],
        };
        new TraceExplainer(model.Network) { Progress = shares }.Explain([.. tracer.TraceEach(ids.AsSpan(), axes)]);
        Assert.NotEmpty(shares.Seen);
        // A second run would begin anew.
        Assert.Equal(shares.Seen.Order(), shares.Seen);
        Assert.Equal(shares.Seen.Distinct(), shares.Seen);
    }

    [Fact]
    public void A_recording_serves_and_says_what_it_lacks()
    {
        var options = new TraceOptions { Heads = HeadAggregation.Head(1) };
        ImmutableArray<TraceResult> traces = [tracer.Trace(ids.AsSpan(), options)];
        var explainer = new TraceExplainer(model.Network);
        var run = new Recorder(model.Network).Record(ids.AsSpan(), TraceExplainer.Captures([3]));
        Assert.Equal(
            explainer.Explain(traces)[0].Explanations.Select(one => one.Pairs[0].Query),
            explainer.Explain(run, traces)[0].Explanations.Select(one => one.Pairs[0].Query));
        var lacking = new Recorder(model.Network).Record(ids.AsSpan(), RecordedTrace.Captures(options: options));
        Assert.Equal(
            "ResidualBefore of layer 3 was not recorded",
            Assert.Throws<NotRecordedException>(() => explainer.Explain(lacking, traces)).Missing);
        var other = new Recorder(model.Network).Record(ids.AsSpan()[1..], TraceExplainer.Captures([3]));
        Assert.Contains(
            "The run was recorded over other tokens than the traced prompt",
            Assert.Throws<ArgumentException>(() => explainer.Explain(other, traces)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_given_is_refused()
    {
        var explainer = new TraceExplainer(model.Network);
        Assert.StartsWith(
            "There is no layer: at least one is needed.",
            Assert.Throws<ArgumentException>(() => TraceExplainer.Captures([])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => TraceExplainer.Captures(null!));
        Assert.Throws<ArgumentNullException>(() => explainer.Explain(null!));
        Assert.Throws<ArgumentNullException>(() => explainer.Explain((Recording)null!, []));
        Assert.Empty(explainer.Explain([]));
    }

    [Fact]
    public void The_run_has_the_interventions_of_the_trace()
    {
        ImmutableArray<Intervention> changes =
        [
            Intervention.Zero(InterventionTarget.At(model.Network, Activation.HeadOutput, 1, [0])),
            // Behind the scores of the last layer: these do not notice it.
            Intervention.Zero(InterventionTarget.At(model.Network, Activation.HeadOutput, 3, [0])),
        ];
        var options = new TraceOptions { Heads = HeadAggregation.Head(1), Interventions = [.. changes] };
        ImmutableArray<TraceResult> traces = [tracer.Trace(ids.AsSpan(), options)];
        var explained = new TraceExplainer(model.Network).Explain(traces, [.. changes])[0];
        Assert.All(
            explained.Sankey.Links.Zip(explained.Explanations),
            pair => Assert.Equal(pair.First.Attention, pair.Second.Attention, 2e-5));
        Assert.DoesNotContain(explained.Explanations, one => one.Pairs.Any(pair => pair.Key == "L1H0"));
        Assert.Contains(
            new TraceExplainer(model.Network).Explain(traces)[0].Explanations,
            one => one.Pairs.Any(pair => pair.Key == "L1H0"));
    }

    [Fact]
    public void Weights_change_nothing_of_a_score()
    {
        var options = new TraceOptions { Heads = HeadAggregation.Head(3) };
        var explainer = new TraceExplainer(model.Network);
        var standard = explainer.Explain([tracer.Trace(ids.AsSpan(), options)])[0];
        var weighted = explainer.Explain(
            [tracer.Trace(ids.AsSpan(), options with { Weights = AttentionWeights.Info })])[0];
        var both = standard.Explanations.IntersectBy(
            weighted.Explanations.Select(one => (one.Source, one.Target)), one => (one.Source, one.Target));
        Assert.NotEmpty(both);
        Assert.Empty(both.Except(weighted.Explanations));
    }

    [Fact]
    public void Traces_of_several_heads_prompts_or_of_padding_are_refused()
    {
        var explainer = new TraceExplainer(model.Network);
        var head = new TraceOptions { Heads = HeadAggregation.Head(1) };
        Refused(
            "Trace 1 is of the heads mean, expected one head",
            tracer.Trace(ids.AsSpan(), head), tracer.Trace(ids.AsSpan()));
        Refused(
            "Trace 1 is of another prompt than trace 0",
            tracer.Trace(ids.AsSpan(), head), tracer.Trace(ids.AsSpan()[1..], head));
        ValueArray<int> mask = [.. ids.Select((_, at) => at == ids.Length - 1 ? 0 : 1)];
        Refused("Position 13 is padding", tracer.Trace(ids.AsSpan(), head with { AttentionMask = mask }));
        Assert.Empty(explainer.Explain([]));
        var first = tracer.Trace(ids.AsSpan(), head with { TargetPosition = 0 });
        Assert.Equal([first], explainer.Explain([first]));

        void Refused(string message, params ImmutableArray<TraceResult> traces) => Assert.Contains(
            message, Assert.Throws<ArgumentException>(() => explainer.Explain(traces)).Message,
            StringComparison.Ordinal);
    }

    sealed class Shares : IProgress<double>
    {
        public List<double> Seen { get; } = [];

        public void Report(double value) => Seen.Add(value);
    }
}
