using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class RecordedAttentionTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public RecordedAttentionTests() => model = tiny.On(device);

    AnalysisPrompt Prompt => new([.. tiny.Prompt(9)]);

    AttentionReader Reader => new(model);

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void A_recorded_pattern_is_read_as_it_is()
    {
        var run = Record(new Capture(Activation.Pattern));
        foreach (var head in ReadHead.All(model, AnalysisPrompt.Of(run), new()))
            for (var query = 0; query < 9; query++)
                Assert.Equal(run[new(Activation.Pattern, head.Head.Layer)].Row(query, head.Head.Head), head.Row(query));
    }

    [Fact]
    public void A_recording_is_not_changed()
    {
        Capture[] all =
        [
            new(Activation.RotatedQuery), new(Activation.RotatedKey), new(Activation.Value), new(Activation.Pattern),
        ];
        var (run, same) = (Record(all), Record(all));
        var first = ReadHead.All(model, AnalysisPrompt.Of(run));
        ReadHead.Same(first, ReadHead.All(model, AnalysisPrompt.Of(run)));
        RecordingEquality.Same(same, run);
    }

    [Fact]
    public void Captures_are_of_the_heads_asked_for_and_of_those_that_they_share()
    {
        var options = ReadHead.Everything with { Heads = [new(-1, 4), new(-1, 3), new(0, 0)] };
        var run = Record([.. Reader.Captures(options)]);
        Assert.Equal([3, 4], run[new(Activation.RotatedQuery, 2)].Heads);
        Assert.Equal([1], run[new(Activation.RotatedKey, 2)].Heads);
        Assert.Equal([1], run[new(Activation.Value, 2)].Heads);
        Assert.Equal([0], run[new(Activation.Value, 0)].Heads);
        ReadHead.Same(ReadHead.All(model, Prompt, options), ReadHead.All(model, AnalysisPrompt.Of(run), options));
    }

    [Fact]
    public void Of_all_heads_those_are_read_that_every_recording_has()
    {
        var (one, other) = (
            Record(new Capture(Activation.Pattern) { Layers = [0, 1], Heads = [1, 2] }),
            Record(
                new Capture(Activation.RotatedQuery) { Layers = [1, 2] },
                new Capture(Activation.RotatedKey) { Layers = [1, 2], Heads = [0] }));
        Assert.Equal([new(1, 1), new(1, 2)], Reader.HeadsOf(new(), one, other));
        Assert.Equal(6, Reader.HeadsOf(new(), other).Length);
        Assert.Equal(6, Reader.HeadsOf(new() { Layers = [0] }, one, other).Length);
    }

    [Fact]
    public void Recordings_without_a_layer_in_common_are_refused()
    {
        var (first, last) = (
            Record(new Capture(Activation.Pattern) { Layers = [0] }),
            Record(new Capture(Activation.Pattern) { Layers = [2] }));
        Assert.Equal(
            "The 2 recordings have no layer in common whose attention was recorded at all positions: record Pattern, "
            + "or RotatedQuery and RotatedKey.",
            Assert.Throws<NotRecordedException>(() => Reader.HeadsOf(new(), first, last)).Message);
        Assert.StartsWith(
            "The recording has no layer whose attention was recorded at all positions",
            Assert.Throws<NotRecordedException>(() => Reader.HeadsOf(
                new(), Record(new Capture(Activation.Pattern) { Positions = [^1] }))).Message);
    }

    [Fact]
    public void What_was_not_recorded_is_named()
    {
        Capture pattern = new(Activation.Pattern) { Layers = [1] };
        Missing(
            "L0H0: the rows of the pattern at all positions were not recorded: record Pattern, or RotatedQuery and "
            + "RotatedKey, of layer 0.", new() { Layers = [0] }, pattern);
        Missing(
            "L1H0: values at all positions were not recorded: record Value of layer 1.",
            new() { InfoFactors = true }, pattern);
        Missing(
            "L1H0: rotated queries and keys at all positions were not recorded: record RotatedQuery and RotatedKey of "
            + "layer 1.", new() { Vectors = true }, pattern);
        Missing(
            "L1H0: the rows of the pattern at all positions were not recorded: record Pattern, or RotatedQuery and "
            + "RotatedKey, of layer 1.",
            new() { Layers = [1] }, new Capture(Activation.RotatedQuery), new(Activation.RotatedKey) { Heads = [1] });
    }

    [Fact]
    public void A_recording_of_another_model_is_refused()
    {
        using var other = new TinyQwen2(seed: 9);
        using var another = other.On(device);
        var run = Record(new Capture(Activation.Pattern));
        Assert.StartsWith(
            "The recording is of another model",
            Assert.Throws<ArgumentException>(() => ReadHead.All(another, AnalysisPrompt.Of(run), new())).Message);
        Assert.Throws<ArgumentException>(() => new AttentionReader(another).CanRead(run, new()));
    }

    void Missing(string message, AttentionOptions options, params ReadOnlySpan<Capture> captures)
    {
        var run = Record(captures);
        Assert.False(Reader.CanRead(run, options));
        Assert.Equal(
            message,
            Assert.Throws<NotRecordedException>(() => ReadHead.All(model, AnalysisPrompt.Of(run), options)).Message);
    }

    Recording Record(params ReadOnlySpan<Capture> captures) =>
        new Recorder(model).Record(Prompt.TokenIds, [.. captures]);
}
