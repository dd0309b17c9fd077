using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The start and the end of a recorded run.</summary>
public sealed class RecorderSpanTests : IDisposable
{
    // Two orders of summation through three layers, of numbers of size 1 to 10.
    const double Rounding = 1e-4;

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public RecorderSpanTests() => model = tiny.On(device);

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    static ImmutableArray<Capture> Everything { get; } =
        [.. Enum.GetValues<Activation>().Select(one => new Capture(one))];

    // The activations inside a layer.
    static ImmutableArray<Capture> Inside { get; } =
        [.. Everything.Where(capture => new Site(capture.Activation, 0).IsInLayer)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_run_that_stops_before_a_layer_gives_its_input_and_nothing_later(int layer)
    {
        var whole = Record(Everything);
        var run = Record([.. Inside, new(Activation.Embedding)], new() { StopBefore = layer });
        var end = new Site(Activation.ResidualBefore, layer);
        Assert.Equal(whole.Sites.Where(site => !end.IsBefore(site)), run.Sites);
        Assert.Contains(end, run.Sites);
        Near(whole, run);
    }

    [Fact]
    public void A_run_that_stops_computes_nothing_later()
    {
        var watched = new WatchedDevice();
        using var watchedModel = tiny.On(watched);
        _ = ModelFingerprint.Of(watchedModel);
        watched.Operations.Clear();
        var run = new Recorder(watchedModel).Record(
            tiny.Prompt(5), [new(Activation.ResidualBefore) { Layers = [^1] }], new() { StopBefore = ^1 });
        Assert.Equal([new(Activation.ResidualBefore, 2)], run.Sites);
        // The stream that is recorded is copied once.
        Assert.Equal(1 + 2 * 13 + 1, watched.Operations.Count);
    }

    [Theory]
    [InlineData(Activation.ResidualBefore, 0)]
    [InlineData(Activation.ResidualBefore, 2)]
    [InlineData(Activation.ResidualMiddle, 0)]
    [InlineData(Activation.ResidualMiddle, 1)]
    [InlineData(Activation.ResidualMiddle, 2)]
    [InlineData(Activation.ResidualAfter, 0)]
    [InlineData(Activation.ResidualAfter, 2)]
    public void A_run_that_starts_at_a_stream_gives_the_rest(Activation activation, int layer)
    {
        var whole = Record(Everything);
        var start = new Site(activation, layer);
        var run = Record(
            [.. Inside, new(Activation.FinalNorm), new(Activation.Logits)], new() { Start = whole[start] });
        Assert.Equal(whole.Sites.Where(site => !site.IsBefore(start)), run.Sites);
        Near(whole, run);
        Assert.Equal(whole[start].Values, run[start].Values);
    }

    [Fact]
    public void A_run_from_one_layer_to_the_next_gives_the_stream_between()
    {
        var whole = Record([new(Activation.ResidualBefore)]);
        for (var start = 0; start < 3; start++)
            for (var stop = start; stop < 3; stop++)
            {
                var options = new RecordingOptions
                {
                    Start = whole[new(Activation.ResidualBefore, start)],
                    StopBefore = ^(3 - stop),
                };
                var run = Record([new(Activation.ResidualBefore) { Layers = [stop] }], options);
                Near(whole, run);
            }
    }

    [Fact]
    public void A_run_that_starts_amid_the_model_computes_nothing_earlier()
    {
        var watched = new WatchedDevice();
        using var watchedModel = tiny.On(watched);
        var recorder = new Recorder(watchedModel);
        var whole = recorder.Record(tiny.Prompt(5), [new(Activation.ResidualMiddle)]);
        watched.Operations.Clear();
        recorder.Record(
            tiny.Prompt(5),
            [new(Activation.Logits) { Positions = [^1] }],
            new() { Start = whole[new(Activation.ResidualMiddle, 2)] });
        // Of the last layer, only the row whose logits are asked for is computed, where it lies. The logits are copied
        // out of the run.
        Assert.Equal(
            ["Copy", "RmsNorm", "Linear", "Linear", "SwiGlu", "AddLinear", "RmsNorm", "Linear", "Copy"],
            watched.Operations);
    }

    [Fact]
    public void What_nobody_asks_for_is_not_made()
    {
        var watched = new WatchedDevice();
        using var watchedModel = tiny.On(watched);
        _ = ModelFingerprint.Of(watchedModel);
        watched.Operations.Clear();
        new Recorder(watchedModel).Record(
            tiny.Prompt(5), [new(Activation.HeadOutput) { Layers = [1] }, new(Activation.ResidualBefore)
            {
                Layers = [0],
            }]);
        string[] attention = ["RmsNorm", "Linear", "Rotate", "Linear", "Rotate", "Linear", "Attend"];
        Assert.Equal(
            [
                "Gather", "Copy", .. attention, "AddLinear", "RmsNorm", "Linear", "Linear", "SwiGlu", "AddLinear",
                .. attention, "Copy",
            ],
            watched.Operations);
    }

    [Fact]
    public void Logits_at_the_end_leave_out_the_rest_of_the_last_layer()
    {
        var whole = Record([new(Activation.Logits)]);
        var run = Record([new(Activation.Logits) { Positions = [^2, ^1] }, new(Activation.FinalNorm)
        {
            Positions = [^1],
        }]);
        Assert.Equal([5, 6], run[Site.Logits].Positions);
        Assert.Equal([6], run[Site.FinalNorm].Positions);
        Near(whole, run);
    }

    [Fact]
    public void A_long_prompt_is_recorded_alike_whole_and_in_blocks()
    {
        // An activation inside a layer makes the whole layer run at once.
        var ids = tiny.Prompt(600);
        var recorder = new Recorder(model);
        Capture[] streams = [new(Activation.ResidualAfter) { Positions = [0, 255, 256, ^1] }];
        var blocks = recorder.Record(ids, [.. streams]);
        var whole = recorder.Record(ids, [.. streams, new(Activation.HeadOutput) { Positions = [300], Heads = [5] }]);
        Near(whole, blocks);
        Assert.Equal(8, whole[new(Activation.HeadOutput, 1)].Values.Length);
    }

    [Fact]
    public void Padding_gets_no_attention_and_changes_nothing()
    {
        ImmutableArray<int> mask = [0, 0, 1, 1, 1, 1, 1];
        int[] ids = tiny.Prompt(7), others = [1, 2, .. ids[2..]];
        var run = new Recorder(model).Record(ids, Everything, new() { AttentionMask = mask });
        var other = new Recorder(model).Record(
            others, [new(Activation.Logits) { Positions = [^1, ^2] }], new() { AttentionMask = mask });
        Assert.Equal(mask, run.AttentionMask!.Value);
        Near(run, other);
        for (var head = 0; head < 6; head++)
        {
            var row = run[new(Activation.Pattern, 1)].Row(4, head).ToArray();
            Assert.Equal([0, 0], row[..2]);
            Assert.Equal(1, row.Sum(), 1e-5);
        }
    }

    [Fact]
    public void Lists_that_were_never_made_are_none()
    {
        var run = Record(
            [new(Activation.HeadOutput) { Heads = default, Layers = default, Positions = default }],
            new() { Interventions = default, AttentionMask = default });
        Assert.Equal(3, run.Sites.Count());
        Assert.Null(run.AttentionMask);
    }

    public static TheoryData<string, Func<RecorderSpanTests, Recording>> WrongCalls => new()
    {
        { "There is nothing to record: at least one capture is needed.", on => on.Record([]) },
        {
            "Pattern of layer 1 is asked for twice.",
            on => on.Record([new(Activation.Pattern), new(Activation.Pattern) { Layers = [1] }])
        },
        {
            "layer 3 asked, expected 0 to 2, or ^3 to ^1 from the end.",
            on => on.Record([new(Activation.Pattern) { Layers = [3] }])
        },
        {
            "position 7 asked, expected 0 to 6, or ^7 to ^1 from the end.",
            on => on.Record([new(Activation.Pattern) { Positions = [7] }])
        },
        {
            "A position is given twice: 6, 6.", on => on.Record([new(Activation.Pattern) { Positions = [6, ^1] }])
        },
        {
            "There is no position: at least one is needed, or null for all.",
            on => on.Record([new(Activation.Pattern) { Positions = [] }])
        },
        {
            "head 2 of Value asked, a layer has heads 0 to 1.",
            on => on.Record([new(Activation.Value) { Heads = [2] }])
        },
        {
            "ResidualBefore has no heads, but heads were given.",
            on => on.Record([new(Activation.ResidualBefore) { Heads = [0] }])
        },
        {
            "Capture: Logits belongs to no layer, but layers were given.",
            on => on.Record([new(Activation.Logits) { Layers = [0] }])
        },
        {
            "The attention mask has 2 entries, expected 7, one per token.",
            on => on.Record(Inside, new() { AttentionMask = [1, 1] })
        },
        {
            "Logits was asked for, but the run goes from Embedding to ResidualBefore of layer 1.",
            on => on.Record([new(Activation.Logits)], new() { StopBefore = 1 })
        },
        {
            "Pattern of layer 1 was asked for, but the run goes from Embedding to ResidualBefore of layer 1.",
            on => on.Record([new(Activation.Pattern) { Layers = [1] }], new() { StopBefore = 1 })
        },
        {
            "Pattern of layer 1 was asked for, but the run goes from ResidualMiddle of layer 1 to its end.",
            on => on.Record([new(Activation.Pattern) { Layers = [1] }], new() { Start = on.Middle })
        },
        {
            "layer ^0 asked, expected 0 to 2, or ^3 to ^1 from the end.",
            on => on.Record(Inside, new() { StopBefore = ^0 })
        },
        {
            "The run starts at ResidualMiddle of layer 1, behind ResidualBefore of layer 1, where it is to stop.",
            on => on.Record(Inside, new() { Start = on.Middle, StopBefore = 1 })
        },
        {
            "A run cannot start at Query of layer 1, only at the stream before, amid or after a layer.",
            on => on.Record(Inside, new() { Start = on.Record(Everything)[new(Activation.Query, 1)] })
        },
        {
            "ResidualBefore of layer 1 was recorded 2 wide, expected 40: it is of another model.",
            on => on.Record(Inside, new() { Start = Stream(1, 2, 0, 1, 2, 3, 4, 5, 6) })
        },
        {
            "ResidualBefore of layer 3: the model has layers 0 to 2.",
            on => on.Record(Inside, new() { Start = Stream(3, 40, 0) })
        },
        {
            "ResidualBefore of layer 1 was recorded at 7 positions, 1 to 7, expected all 7 of the prompt.",
            on => on.Record(Inside, new() { Start = Stream(1, 40, 1, 2, 3, 4, 5, 6, 7) })
        },
        {
            "zero ResidualBefore of layer 1: the run starts at ResidualMiddle of layer 1, behind it.",
            on => on.Record([new(Activation.Logits)], new()
            {
                Start = on.Middle,
                Interventions = [Intervention.Zero(InterventionTarget.At(on.model, Activation.ResidualBefore, 1))],
            })
        },
    };

    [Theory]
    [MemberData(nameof(WrongCalls))]
    public void A_wrong_call_says_what_is_wrong(string message, Func<RecorderSpanTests, Recording> call) =>
        Assert.StartsWith(
            message, Assert.ThrowsAny<ArgumentException>(() => call(this)).Message, StringComparison.Ordinal);

    RecordedActivation Middle => Record(Everything)[new(Activation.ResidualMiddle, 1)];

    static RecordedActivation Stream(int layer, int width, params int[] positions) => new(
        new(Activation.ResidualBefore, layer), [.. positions], [], width, [.. new float[positions.Length * width]]);

    Recording Record(ImmutableArray<Capture> captures, RecordingOptions? options = null) =>
        new Recorder(model).Record(tiny.Prompt(7), captures, options);

    static void Near(Recording whole, Recording part)
    {
        Assert.NotEmpty(part.Sites);
        foreach (var site in part.Sites.Where(site => whole.TryGet(site, out _)))
            foreach (var position in part[site].Positions)
                foreach (var head in part[site].Heads.DefaultIfEmpty(-1))
                    Assert.All(
                        Row(whole[site], position, head).Zip(Row(part[site], position, head)),
                        pair => Assert.Equal(pair.First, pair.Second, Rounding));

        static float[] Row(RecordedActivation one, int position, int head) =>
            head < 0 ? one.Row(position).ToArray() : one.Row(position, head).ToArray();
    }
}
