using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Verification;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>Holds the attention that is read on a device to the float64 references.</summary>
public abstract class AttentionContract : IClassFixture<ClassFixture>
{
    /// <summary>Numbers in [0, 1] of an F32 run through three layers, and scores below 10, against F64.</summary>
    const double Absolute = 1e-5;

    /// <summary>Gets the golden folders.</summary>
    public static TheoryData<string> Folders =>
    [
        "tiny-gqa-tied-f32", "tiny-llama3-bf16", "tiny-mha-untied-bf16-sharded", "tiny-mistral-f16", "tiny-qwen3-f32",
        "tiny-window-f16",
    ];

    protected abstract Device Create();

    static ImmutableArray<int> Prompt => AttributionFixture.Clean;

    Device Device => ClassFixture.Shared(Create);

    [Fact]
    public void Patterns_factors_and_scores_are_those_of_the_reference()
    {
        using var fixture = new AttributionFixture();
        using var model = fixture.On(Device);
        var expected = fixture.Results.GetProperty("attention");
        var found = ReadHead.All(model, new([.. Prompt]));
        Assert.Equal(12, found.Count);
        foreach (var head in found)
        {
            Close(Of("pattern", head).EnumerateArray().SelectMany(Numbers), head.Pattern);
            Close(Numbers(Of("value_factor", head)), head.Value);
            Close(Numbers(Of("info_factor", head)), head.Info);
            foreach (var (query, row) in Of("score", head).EnumerateArray().Index())
                Close(Numbers(row), [.. Enumerable.Range(0, query + 1).Select(key => Score(head, query, key))]);
        }

        JsonElement Of(string name, ReadHead head) => expected.GetProperty(name)[head.Head.Layer][head.Head.Head];
    }

    [Fact]
    public void The_rollout_is_that_of_the_reference()
    {
        using var fixture = new AttributionFixture();
        using var model = fixture.On(Device);
        using var rollout = new AttentionRollout(Device, Prompt.Length);
        new AttentionReader(model).Read(new AnalysisPrompt([.. Prompt]), new(), rollout.Add);
        var expected = fixture.Results.GetProperty("attention").GetProperty("rollout");
        Close(expected.EnumerateArray().SelectMany(Numbers), rollout.ToRows());
    }

    [Fact]
    public void Heads_carry_the_rollout_through_all_heads_up_to_their_layer()
    {
        using var fixture = new AttributionFixture();
        using var model = fixture.On(Device);
        var (layers, heads) = (model.Config.LayerCount, model.Config.HeadCount);
        var prompt = new AnalysisPrompt([.. Prompt]);
        var reader = new AttentionReader(model);
        HeadIndex[] asked = [new(layers - 1, heads - 1), new(0, 0), new(layers - 1, 0)];
        var options = new AttentionOptions { Heads = [.. asked], Rollout = true };
        List<(HeadIndex Head, float[]? Rows)> found = [], recorded = [];
        reader.Read(prompt, options, head => found.Add((head.Head, Rows(head))));
        var run = new Recorder(model).Record(prompt.TokenIds.AsSpan(), reader.Captures(options));
        reader.Read(run, options, head => recorded.Add((head.Head, Rows(head))));

        Assert.Equal([asked[1], asked[0], asked[2]], found.Select(one => one.Head));
        Assert.Equal([false, true, false], found.Select(one => one.Rows is null));
        Close(Rolled(0).Select(number => (double)number), found[0].Rows!);
        Close(Rolled(layers - 1).Select(number => (double)number), found[2].Rows!);
        Close(found[2].Rows!.Select(number => (double)number), recorded[2].Rows!);

        float[] Rolled(int layer)
        {
            using var rollout = new AttentionRollout(Device, Prompt.Length);
            reader.Read(
                prompt, new() { Layers = [.. Enumerable.Range(0, layer + 1).Select(one => (Index)one)] }, rollout.Add);
            return rollout.ToRows();
        }

        static float[]? Rows(HeadAttention head)
        {
            if (head.Rollout is not { } write)
                return null;
            var rows = new float[head.TokenCount * head.TokenCount];
            write(0, rows);
            return rows;
        }
    }

    [Fact]
    public void A_rollout_of_a_long_prompt_is_refused()
    {
        using var fixture = new AttributionFixture();
        using var model = fixture.On(Device);
        var prompt = new AnalysisPrompt([.. Enumerable.Repeat(Prompt[0], AttentionRollout.MostTokens + 1)]);
        var error = Assert.Throws<ArgumentException>(() => new AttentionReader(model).Read(
            prompt, new() { Rollout = true }, _ => Assert.Fail("A head was read.")));
        Assert.Equal(
            "The prompt has 2049 tokens, and a rollout multiplies squares of them: at most 2048 are allowed; shorten "
            + "the prompt, or leave the rollout out.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Heads_of_the_golden_models_are_those_of_the_definition(string name)
    {
        var folder = Repository.Path("tests", "golden", name);
        var golden = GoldenFolder.Read(folder);
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        using var checkpoint = Checkpoint.Open(folder);
        using var model = new Qwen2Model(golden.Config, checkpoint, Device);
        var bound = VerificationBounds.Of(golden.Config, golden.Ids.Length).Attention;
        (string, ValueArray<int>?)[] runs = [("plain", null), ("masked", golden.AttentionMask)];
        foreach (var (kind, mask) in runs)
        {
            var prompt = new AnalysisPrompt(golden.Ids) { AttentionMask = mask };
            var run = new Recorder(model).Record(
                golden.Ids.AsSpan(),
                [new(Activation.RotatedQuery), new(Activation.RotatedKey), new(Activation.Value)],
                new() { AttentionMask = mask });
            var found = ReadHead.All(model, prompt);
            Assert.Equal(golden.Config.LayerCount * golden.Config.HeadCount, found.Count);
            foreach (var head in found)
            {
                var plain = new PlainHead(model, run, head.Head);
                Close(plain.ValueFactors(), head.Value, Tolerances.Arithmetic);
                Close(plain.InfoFactors(), head.Info, Tolerances.Arithmetic);
                var pattern = reference.Tensor($"{kind}.pattern.{head.Head.Layer}");
                for (var query = 0; query < golden.Ids.Length; query++)
                {
                    var row = pattern.AsSpan<double>(
                        (head.Head.Head * golden.Ids.Length + query) * golden.Ids.Length, golden.Ids.Length);
                    Close(
                        mask is { } given && given[query] == 0 ? new double[row.Length] : row.ToArray(),
                        head.Row(query).ToArray(), bound);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_recording_has_the_heads_of_the_run(string name)
    {
        var folder = Repository.Path("tests", "golden", name);
        var golden = GoldenFolder.Read(folder);
        using var checkpoint = Checkpoint.Open(folder);
        using var model = new Qwen2Model(golden.Config, checkpoint, Device);
        var prompt = new AnalysisPrompt(golden.Ids) { AttentionMask = golden.AttentionMask };
        var options = ReadHead.Everything with { Heads = [new(-1, -1), new(0, 1)] };
        var run = new Recorder(model).Record(
            golden.Ids.AsSpan(), new AttentionReader(model).Captures(options),
            new() { AttentionMask = golden.AttentionMask });
        var expected = ReadHead.All(model, prompt, options);
        Assert.Equal([new(0, 1), new(golden.Config.LayerCount - 1, golden.Config.HeadCount - 1)],
            expected.Select(one => one.Head));
        ReadHead.Same(expected, ReadHead.All(model, AnalysisPrompt.Of(run), options));
    }

    static float Score(ReadHead head, int query, int key)
    {
        var size = AttributionFixture.Config.HeadSize;
        var sum = 0.0;
        for (var i = 0; i < size; i++)
            sum += head.Queries[query * size + i] * head.Keys[key * size + i];
        return (float)(sum / Math.Sqrt(size));
    }

    static IEnumerable<double> Numbers(JsonElement list) => list.EnumerateArray().Select(one => one.GetDouble());

    static void Close(IEnumerable<double> expected, IReadOnlyList<float> found, double bound = Absolute)
    {
        double[] numbers = [.. expected];
        Assert.Equal(numbers.Length, found.Count);
        Assert.All(numbers.Zip(found), pair => Assert.Equal(pair.First, pair.Second, bound));
    }
}
