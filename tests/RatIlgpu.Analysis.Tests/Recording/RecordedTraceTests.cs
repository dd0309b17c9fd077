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

    [Fact]
    public void A_run_without_logits_has_paths_and_no_predictions()
    {
        var run = recorder.Record(ids.AsSpan(), [new(Activation.Pattern) { Layers = [2], Heads = [1, 4] }]);
        var options = new TraceOptions { Layer = 2, Heads = Devices.HeadAggregation.MaxOf(1, 4) };
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
