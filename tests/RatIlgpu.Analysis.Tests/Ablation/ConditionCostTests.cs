using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

/// <summary>Counts the multiply-adds of a study of the default size on the shape of half a billion weights.</summary>
public sealed class ConditionCostTests(ITestOutputHelper output) : IDisposable
{
    const int Samples = 10, Tokens = 128;

    readonly HollowQwen2 hollow = new(HollowQwen2.HalfBillion);
    readonly CountingDevice device = new();

    static Qwen2Config Config => HollowQwen2.HalfBillion;

    static ImmutableArray<AblationSample> Drawn { get; } = AblationSample.Draw(
        new(Tokenizer.Load(DemoModel.Folder), Config.VocabularySize, new() { Most = Tokens }), TextCorpus.BuiltIn,
        Samples);

    // From the changed layer on, at the positions from the changed one on, with their logits; and one run without a
    // change.
    [Theory]
    [InlineData(0)]
    [InlineData(22)]
    [InlineData(23)]
    public void Heads_set_to_zero_cost_the_layers_and_positions_that_they_change_and_one_whole_run(int layer)
    {
        using var model = hollow.On(device);
        var options = new AblationOptions { Layer = layer, Kinds = [AblationKind.Zero], ShownSamples = 0 };
        ImmutableArray<AblationSample> few = [.. Drawn.Take(2)];
        AblationStudy.Run(model, few, options);
        Assert.Equal(few.Sum(sample => Cost(sample.Ids.Length, sample.Position, layer)), device.MultiplyAdds);
    }

    [Theory]
    [InlineData(22, 5.0)]
    [InlineData(0, 1.8)]
    public void The_default_study_costs_a_fraction_of_whole_runs(int layer, double atLeast)
    {
        using var model = hollow.On(device);
        var report = AblationStudy.Run(model, Drawn, new() { Layer = layer });
        Assert.Equal(2 * Config.HeadCount, report.Conditions.Length);
        var whole = Drawn.Sum(sample => Whole(sample.Ids.Length)) * (report.Conditions.Length + 1);
        var ratio = (double)whole / device.MultiplyAdds;
        output.WriteLine($"layer {layer}: {ratio:F2}");
        Assert.InRange(ratio, atLeast, 2 * atLeast);
    }

    public void Dispose()
    {
        device.Dispose();
        hollow.Dispose();
    }

    // No logit of a position before the changed one is needed.
    static long Cost(int tokens, int position, int layer) =>
        Layers(tokens, tokens, 0) + Logits(tokens - position)
        + (Config.HeadCount * (Layers(tokens - position, tokens, layer) + Logits(tokens - position)));

    static long Whole(int tokens) => Layers(tokens, tokens, 0) + Logits(tokens);

    static long Logits(long positions) => positions * Config.HiddenSize * Config.VocabularySize;

    // Queries at the last positions of all keys.
    static long Layers(long positions, long keys, int layer)
    {
        var (width, inner, heads) = (
            (long)Config.HiddenSize, (long)Config.IntermediateSize, (long)Config.HeadCount * Config.HeadSize);
        var shared = Config.KeyValueHeadCount * Config.HeadSize;
        var weights = (width * (heads + (2 * shared))) + (heads * width) + (3 * width * inner);
        return (Config.LayerCount - layer) * positions * (weights + (2 * keys * heads));
    }
}
