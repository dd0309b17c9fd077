using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class RecordedTraceTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly ReverseAttentionTracer tracer;
    readonly Recorder recorder;
    readonly ImmutableArray<int> ids;

    public RecordedTraceTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        (tracer, recorder) = (new(model), new(model.Network));
        ids = model.Tokenizer.Encode("When Mary and John went to the store, John gave a drink to").Ids;
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void A_saved_run_is_traced_as_the_prompt_is()
    {
        using var folder = new TemporaryFolder();
        var run = recorder.Record(ids.AsSpan(), RecordedTrace.Captures(), new() { PromptLength = 12 });
        run.Save(folder.Path("run"));
        var found = Assert.Single(tracer.TraceRecording(Recording.Load(folder.Path("run"))));
        var live = tracer.Trace(ids.AsSpan());
        Assert.Equal(live.Paths.Select(path => path.Positions), found.Paths.Select(path => path.Positions));
        Assert.Equal(live.Predictions, found.Predictions);
        Assert.Equal(live.Tokens, found.Tokens);
        Assert.Equal(12, found.PromptLength);
    }

    [Fact]
    public void The_interventions_of_the_run_are_in_its_traces()
    {
        var silent = Intervention.Zero(InterventionTarget.At(model.Network, Activation.HeadOutput, 1, [0]));
        var run = recorder.Record(ids.AsSpan(), RecordedTrace.Captures(), new() { Interventions = [silent] });
        Assert.Equal(
            tracer.Trace(ids.AsSpan(), new() { Interventions = [silent] }).Predictions,
            tracer.TraceRecording(run)[0].Predictions);
    }

    [Theory]
    [InlineData(Activation.RotatedKey, AttentionWeights.Standard)]
    [InlineData(Activation.Value, AttentionWeights.Value)]
    [InlineData(Activation.Value, AttentionWeights.Info)]
    [InlineData(Activation.Value, AttentionWeights.Contribution)]
    public void What_was_changed_for_one_query_head_is_traced(Activation activation, AttentionWeights weights)
    {
        var change = Intervention.Edit(
            InterventionTarget.At(model.Network, activation, 3, [2], scope: KeyValueScope.QueryHead),
            (position, _, row) =>
            {
                for (var i = 0; i < row.Length; i++)
                    row[i] *= (position % 3) - 0.5f;
            });
        var options = new TraceOptions { Layer = 3, Heads = HeadAggregation.Head(2), Weights = weights };
        var run = Changed(change, options);
        Same(tracer.Trace(ids.AsSpan(), options with { Interventions = [change] }), run, options);
        Assert.NotEqual(
            tracer.Trace(ids.AsSpan(), options).Paths.Select(path => path.Score),
            tracer.TraceRecording(run, options: options)[0].Paths.Select(path => path.Score));
        // Its neighbour in the group reads what was not changed, recorded or not.
        var neighbour = options with { Heads = HeadAggregation.Head(3) };
        Same(tracer.Trace(ids.AsSpan(), neighbour), run, neighbour);
        Same(tracer.Trace(ids.AsSpan(), neighbour), Changed(change, options, recordsOwn: false), neighbour);
    }

    [Theory]
    [InlineData(Activation.HeadKey, AttentionWeights.Standard)]
    [InlineData(Activation.HeadValue, AttentionWeights.Info)]
    [InlineData(Activation.Pattern, AttentionWeights.Standard)]
    public void A_change_that_was_not_recorded_is_refused(Activation changed, AttentionWeights weights)
    {
        var change = Intervention.Scale(InterventionTarget.At(model.Network, changed, 3, [2], [4]), 0.5f);
        var options = new TraceOptions { Layer = 3, Weights = weights };
        var run = Changed(change, options, recordsOwn: false);
        Assert.Equal(
            $"L3H2: the run was changed at its {changed} (scale {changed} of layer 3, heads 2, positions 4), but "
            + $"{changed} was not recorded at every position: record {changed} of layer 3.",
            Assert.Throws<NotRecordedException>(() => tracer.TraceRecording(run, options: options)).Message);
        Assert.Single(tracer.TraceRecording(run, options: options with { Heads = HeadAggregation.Head(3) }));
    }

    [Theory]
    [InlineData(AttentionWeights.Value)]
    [InlineData(AttentionWeights.Info)]
    [InlineData(AttentionWeights.Contribution)]
    public void A_head_whose_output_is_0_brings_nothing(AttentionWeights weights)
    {
        var silent = Intervention.Zero(InterventionTarget.At(model.Network, Activation.HeadOutput, 3, [2]));
        var zero = Intervention.Zero(
            InterventionTarget.At(model.Network, Activation.Value, 3, [2], scope: KeyValueScope.QueryHead));
        var options = new TraceOptions { Layer = 3, Heads = HeadAggregation.MeanOf(2, 5), Weights = weights };
        var run = Changed(silent, options, recordsOwn: false);
        Same(tracer.Trace(ids.AsSpan(), options with { Interventions = [zero] }), run, options);
        // What is recorded decides where the description does not.
        var none = Intervention.Scale(InterventionTarget.At(model.Network, Activation.HeadOutput, 3, [2]), 0);
        Same(tracer.Trace(ids.AsSpan(), options with { Interventions = [zero] }), Changed(none, options), options);
    }

    [Fact]
    public void Weights_by_values_are_refused_where_the_output_of_a_head_is_another()
    {
        var change = Intervention.Zero(InterventionTarget.At(model.Network, Activation.HeadOutput, 3, [2], [4]));
        var options = new TraceOptions { Layer = 3, Weights = AttentionWeights.Info };
        var run = Changed(change, options);
        Assert.Equal(
            "L3H2: the run was changed at its output (zero HeadOutput of layer 3, heads 2, positions 4), expected an "
            + "output that follows from its values, or 0 at all positions: what it brings from each key is not known; "
            + "read attention without values, or record a run that changes its values instead.",
            Assert.Throws<ArgumentException>(() => tracer.TraceRecording(run, options: options)).Message);
        Assert.Single(tracer.TraceRecording(run, options: options with { Heads = HeadAggregation.Head(3) }));
        Assert.Single(tracer.TraceRecording(run, options: options with { Weights = AttentionWeights.Standard }));
    }

    // The run as a file keeps it.
    Recording Changed(Intervention change, TraceOptions options, bool recordsOwn = true)
    {
        var captures = RecordedTrace.Captures(options: options);
        if (recordsOwn)
            captures = captures.Add(new(change.Target.ChangedSite.Activation) { Layers = [3] });
        using var folder = new TemporaryFolder();
        recorder.Record(ids.AsSpan(), captures, new() { Interventions = [change] }).Save(folder.Path("run"));
        return Recording.Load(folder.Path("run"));
    }

    void Same(TraceResult expected, Recording run, TraceOptions options)
    {
        var found = Assert.Single(tracer.TraceRecording(run, options: options));
        Assert.Equal(expected.Paths.Select(path => path.Positions), found.Paths.Select(path => path.Positions));
        foreach (var (path, same) in expected.Paths.Zip(found.Paths))
            foreach (var (attention, other) in path.EdgeAttentions.Zip(same.EdgeAttentions))
                Assert.Equal(attention, other, 2e-5);
    }

    [Fact]
    public void A_run_without_logits_has_paths_and_no_predictions()
    {
        var run = recorder.Record(ids.AsSpan(), [new(Activation.Pattern) { Layers = [2], Heads = [1, 4] }]);
        var options = new TraceOptions { Layer = 2, Heads = HeadAggregation.MaxOf(1, 4) };
        var found = tracer.TraceRecording(run, options: options)[0];
        Assert.Equal(
            tracer.Trace(ids.AsSpan(), options).Paths.Select(path => path.Positions),
            found.Paths.Select(path => path.Positions));
        Assert.Empty(found.Predictions);
        Assert.Equal(
            "The predictions after position 13 are left out: the recording has no logits there.",
            found.Notices.Except(model.Notices).Last());
        Assert.Empty(tracer.TraceRecording(run, options: options with { Predictions = 0 })[0].Notices
            .Except(tracer.Trace(ids.AsSpan(), options).Notices));
    }

    [Fact]
    public void Says_what_was_not_recorded()
    {
        var run = recorder.Record(ids.AsSpan(), [new(Activation.Pattern) { Layers = [2], Heads = [1] }]);
        Assert.Equal(
            "RotatedQuery of layer 3 was not recorded: ask for RotatedQuery when recording.", Refusal(new()));
        Assert.StartsWith("Head 0 of Pattern of layer 2 was not recorded", Refusal(new() { Layer = 2 }),
            StringComparison.Ordinal);
        Assert.Equal(
            "The options have a mask or interventions, expected neither: a recorded run has its own.",
            Refusal(new() { AttentionMask = [1] }));

        string Refusal(TraceOptions options) =>
            Assert.ThrowsAny<ArgumentException>(() => tracer.TraceRecording(run, options: options)).Message;
    }
}
