using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Analysis.Tests;

public sealed class RecordingFileTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly TemporaryFolder folder = new();
    readonly Qwen2Model model;

    public RecordingFileTests() => model = tiny.On(device);

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void What_is_saved_loads_as_it_was()
    {
        var all = Enum.GetValues<Activation>().Select(activation => new Capture(activation));
        var masked = new RecordingOptions { AttentionMask = [0, 1, 1, 1, 1] };
        Same(new Recorder(model).Record(tiny.Prompt(5), [.. all]));
        Same(new Recorder(model).Record(
            tiny.Prompt(5),
            [
                new(Activation.Pattern) { Heads = [5, 2], Positions = [^1, 1], Layers = [1] },
                new(Activation.Value) { Heads = [1], Positions = [0, 1] },
                new(Activation.Logits) { Positions = [^1] },
                new(Activation.ResidualAfter) { Layers = [^1] },
            ],
            masked));
    }

    [Fact]
    public void The_positions_that_were_looked_at_are_kept()
    {
        var run = new Recorder(model).Record(tiny.Prompt(5), [new(Activation.Logits)], new() { PromptLength = 4 });
        Assert.Empty(run.AskedPositions);
        Assert.Equal([1, 4], run.AskedAt(^1, 1).AskedPositions);
        Same(run.AskedAt(1, 3));
        Same(run.AskedAt(0));
        // The last alone is what a file without them means, which older programs read.
        Same(run.AskedAt(^1));
        Assert.Equal("2", VersionOf(run.AskedAt(^1)));
        Assert.Equal("3", VersionOf(run.AskedAt(1)));
        Assert.Equal(run[Site.Logits].Values, run.AskedAt(1)[Site.Logits].Values);
        Assert.Throws<ArgumentException>(() => run.AskedAt());
        Assert.Throws<ArgumentException>(() => run.AskedAt(1, ^4));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.AskedAt(5));

        string VersionOf(Recording one)
        {
            one.Save(folder.Path("run"));
            using var file = SafetensorsFile.Open(folder.Path("run"));
            return file.Metadata["version"];
        }
    }

    [Theory]
    [InlineData("3 1")]
    [InlineData("1 1")]
    [InlineData("3")]
    [InlineData("")]
    public void Positions_that_cannot_have_been_looked_at_are_refused(string asked)
    {
        var about = About();
        (about["version"], about["asked_positions"]) = ("3", asked);
        Refused(
            $"metadata 'asked_positions' is '{asked}', expected "
            + (asked.Length == 0
                ? "whole numbers with single spaces between them."
                : "positions below 3, each above the last."),
            Tensors(), about);
    }

    [Fact]
    public void A_number_that_is_not_finite_is_named_by_its_tensor()
    {
        var run = new Recorder(model).Record(tiny.Prompt(5), [new(Activation.Value), new(Activation.Logits)]);
        Assert.Null(run.NotFinite());
        Assert.Equal("'layers.0.value' holds NaN at 2 of 4", Holding([1, 2, float.NaN, float.NaN]).NotFinite());
        Assert.Equal("'layers.0.value' holds -Infinity at 0 of 2", Holding([float.NegativeInfinity, 0]).NotFinite());

        static Recording Holding(ImmutableArray<float> values) => new(
            new("m"), [1], null, [new(new(Activation.Value, 0), [0], [0], values.Length, values)]);
    }

    [Fact]
    public void The_tensors_of_the_file_are_named_by_layer_and_activation()
    {
        var run = new Recorder(model).Record(
            tiny.Prompt(5),
            [new(Activation.Pattern), new(Activation.HeadOutput) { Positions = [2] }, new(Activation.Logits)]);
        run.Save(folder.Path("run"));
        using var file = SafetensorsFile.Open(folder.Path("run"));
        Assert.Equal(
            ["layers.0.pattern", "layers.0.head_output", "layers.1.pattern", "layers.1.head_output", "layers.2.pattern",
                "layers.2.head_output", "logits"],
            file.Names);
        Assert.Equal(new Shape(6, 5, 5), file.ShapeOf("layers.1.pattern"));
        Assert.Equal("2", file.Metadata["layers.1.head_output.positions"]);
        Assert.Equal(ModelFingerprint.Of(model).Text, file.Metadata["model"]);
        Assert.Equal(string.Join(' ', tiny.Prompt(5)), file.Metadata["tokens"]);
        Assert.False(file.Metadata.ContainsKey("layers.1.pattern.positions"));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_not_begun()
    {
        var run = new Recorder(model).Record(tiny.Prompt(5), [new(Activation.Logits)]);
        Directory.CreateDirectory(folder.Path("run"));
        Assert.Throws<IOException>(() => run.Save(folder.Path("run")));
        Assert.Throws<DirectoryNotFoundException>(() => run.Save(folder.Path("nowhere", "run")));
        Assert.Empty(Directory.GetFiles(folder.Root));
        Assert.Throws<FileNotFoundException>(() => Recording.Load(folder.Path("none")));
    }

    [Fact]
    public void What_an_intervention_replaces_may_come_from_a_file()
    {
        int[] ids = tiny.Prompt(5), others = tiny.Prompt(5, seed: 8);
        var site = new Site(Activation.ResidualAfter, 1);
        var source = new Recorder(model).Record(others, [new(site.Activation), new(Activation.Logits)]);
        source.Save(folder.Path("run"));
        var replace = Intervention.Replace(
            InterventionTarget.At(model, site.Activation, 1), Recording.Load(folder.Path("run")));
        var run = new Recorder(model).Record(ids, [new(Activation.Logits)], new() { Interventions = [replace] });
        Assert.All(
            source[Site.Logits].Values.ToArray().Zip(run[Site.Logits].Values.ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    public static TheoryData<string, string?, string> Metadata => new()
    {
        { "format", null, "holds no recording: metadata 'format' is missing, expected 'ratilgpu-recording'." },
        { "format", "pt", "holds no recording: metadata 'format' is 'pt', expected 'ratilgpu-recording'." },
        { "version", "2", "metadata 'prompt_length' is missing, expected 1 to 3, the number of tokens." },
        { "prompt_length", "2", "has metadata 'prompt_length', which no recording has." },
        { "version", "3", "metadata 'asked_positions' is missing, expected positions below 3, each above the last." },
        { "asked_positions", "1", "has metadata 'asked_positions', which no recording has." },
        { "version", "4", "metadata 'version' is '4', expected '1', '2' or '3'." },
        { "model", "", "metadata 'model' is '', expected the fingerprint of the model." },
        { "tokens", null, "metadata 'tokens' is missing, expected the ids of the prompt." },
        {
            "tokens", "1 2 -3",
            "metadata 'tokens' is '1 2 -3', expected whole numbers with single spaces between them."
        },
        { "tokens", "", "metadata 'tokens' is '', expected whole numbers with single spaces between them." },
        {
            "tokens", "1 2 99999999999",
            "metadata 'tokens' is '1 2 99999999999', expected whole numbers with single spaces between them."
        },
        { "mask", "1 1", "metadata 'mask' is '1 1', expected 0 or 1 for each of the 3 tokens." },
        { "mask", "1 2 1", "metadata 'mask' is '1 2 1', expected 0 or 1 for each of the 3 tokens." },
        {
            "logits.positions", "0",
            "metadata 'logits.positions' is '0', expected 2 positions below 3, each above the last."
        },
        {
            "logits.positions", "1 3",
            "metadata 'logits.positions' is '1 3', expected 2 positions below 3, each above the last."
        },
        {
            "logits.positions", "2 1",
            "metadata 'logits.positions' is '2 1', expected 2 positions below 3, each above the last."
        },
        {
            "logits.positions", null,
            "metadata 'logits.positions' is missing, expected 2 positions below 3, each above the last."
        },
        {
            "layers.0.value.heads", "1 1",
            "metadata 'layers.0.value.heads' is '1 1', expected 2 heads, each above the last."
        },
        { "logits.head", "1", "has metadata 'logits.head', which no recording has." },
    };

    [Theory]
    [MemberData(nameof(Metadata))]
    public void Metadata_that_say_something_else_are_refused(string name, string? text, string message)
    {
        var about = About();
        if (text is null)
            about.Remove(name);
        else
            about[name] = text;
        Refused(message, Tensors(), about);
    }

    [Fact]
    public void Tensors_that_are_no_activations_are_refused()
    {
        Refused("holds no activation, expected one at least.", [], About(positions: false));
        Refused(NoName("layers.00.pattern"), [Of("layers.00.pattern", 1, 3, 3)]);
        Refused(NoName("layers.-1.pattern"), [Of("layers.-1.pattern", 1, 3, 3)]);
        Refused(NoName("layers.0.logits"), [Of("layers.0.logits", 3, 4)]);
        Refused(NoName("pattern"), [Of("pattern", 1, 3, 3)]);
        Refused(NoName("model.norm.weight"), [Of("model.norm.weight", 4)]);
        Refused(
            "'embedding' is F16, expected F32.",
            [SafetensorsTensor.Of("embedding", DataType.F16, new(3, 1), new float[3])]);
        const string Most = "axes and 1 to 2,147,483,647 numbers.";
        Refused($"'embedding' is [3, 2, 2], expected 2 {Most}", [Of("embedding", 3, 2, 2)]);
        Refused($"'layers.0.value' is [3, 2], expected 3 {Most}", [Of("layers.0.value", 3, 2)]);
        Refused($"'embedding' is [3, 0], expected 2 {Most}", [Of("embedding", 3, 0)]);
        Refused(
            "'layers.0.pattern' is [1, 3, 4], expected 3 keys, as many as the prompt has tokens.",
            [Of("layers.0.pattern", 1, 3, 4)]);

        static string NoName(string name) =>
            $"'{name}' is no activation, expected a name such as 'layers.0.pattern' or 'logits'.";
    }

    [Fact]
    public void A_checkpoint_is_no_recording()
    {
        SafetensorsWriter.Write(folder.Path("x"), [Of("lm_head.weight", 2, 2)]);
        Assert.Throws<InvalidDataException>(() => Recording.Load(folder.Path("x")));
        folder.Write([1, 2, 3], "y");
        Assert.Throws<InvalidDataException>(() => Recording.Load(folder.Path("y")));
    }

    void Same(Recording expected)
    {
        expected.Save(folder.Path("run"));
        var found = Recording.Load(folder.Path("run"));
        RecordingEquality.Same(expected, found);
    }

    static SortedDictionary<string, string> About(bool positions = true)
    {
        var about = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "ratilgpu-recording",
            ["version"] = "1",
            ["model"] = "a model",
            ["tokens"] = "4 5 6",
        };
        if (positions)
            about["logits.positions"] = "1 2";
        return about;
    }

    static SafetensorsTensor[] Tensors() => [Of("logits", 2, 4), Of("layers.0.value", 3, 2, 2)];

    static SafetensorsTensor Of(string name, params int[] shape) =>
        SafetensorsTensor.Of(name, DataType.F32, new(shape), new float[new Shape(shape).Count]);

    void Refused(string message, SafetensorsTensor[] tensors, IReadOnlyDictionary<string, string>? about = null)
    {
        SafetensorsWriter.Write(folder.Path("x"), tensors, about ?? About(positions: false));
        var fault = Assert.Throws<InvalidDataException>(() => Recording.Load(folder.Path("x")));
        Assert.Equal($"{folder.Path("x")}: {message}", fault.Message);
    }
}
