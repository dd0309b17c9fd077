using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class AblatedScoresTests
{
    // What the description of the demonstration model says of it, measured with a reference of F64.
    [Fact]
    public void Induction_heads_of_the_demonstration_model_rest_on_one_previous_token_head_alone()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        HeadIndex fed = new(1, 0), other = new(1, 4), later = new(2, 7);
        var found = AblatedScores.Run(model, new() { Heads = [fed, other, later], Kinds = [AblationKind.Zero] });
        Assert.Equal([fed, other, later], found.Conditions.Select(condition => condition.Heads.Single()));
        var induction = found.Scores.Where(score => score.Score == "induction").ToDictionary(score => score.Head);
        for (var head = 0; head < 7; head++)
        {
            var score = induction[new(3, head)];
            Assert.InRange(score.Before, 0.7, 0.99);
            Assert.InRange(score.After[0], 0, 0.2);
            Assert.InRange(score.After[1], score.Before - 0.07, score.Before + 0.07);
            Assert.InRange(score.After[2], score.Before - 0.07, score.Before + 0.07);
        }
    }

    // What is put in place comes from runs that end early; the layers before the changed one are scored all the same.
    [Fact]
    public void Means_and_components_of_a_later_layer_leave_the_scores_of_earlier_ones()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        AblatedScoreOptions few = new() { Sequences = 2 };
        var zero = AblatedScores.Run(model, new() { Heads = [new(2, 7)], Kinds = [AblationKind.Zero] }, few);
        var both = AblatedScores.Run(model, new() { Heads = [new(2, 7)] }, few);
        Assert.Equal(2, both.Conditions.Length);
        var components = AblatedScores.Run(
            model,
            new()
            {
                Components = new(
                    Decomposition.Svd(model.Network, 2, DecompositionKind.HeadSvd),
                    [new(AttentionProjection.Query, 0)]),
            },
            few);
        foreach (var ((one, other), third) in zero.Scores.Zip(both.Scores).Zip(components.Scores))
        {
            Assert.Equal(one.Before, other.Before, 1e-6);
            Assert.Equal(one.After[0], other.After[0], 1e-6);
            if (one.Head.Layer < 2)
                Assert.Equal(one.Before, third.After[0], 1e-6);
        }
    }

    [Fact]
    public void Scores_are_those_of_an_atlas_and_of_whole_runs_with_the_heads_taken_away()
    {
        using var device = new CpuDevice();
        using var folder = new TemporaryFolder();
        using var run = ConstructedRun.Load(CircuitModels.Induction(), folder.Root, device);
        using var model = LanguageModel.Load(folder.Root, device);
        var found = AblatedScores.Run(
            model, new() { Heads = [CircuitModels.Previous], Kinds = [AblationKind.Zero] },
            new() { Sequences = 4, CopyLength = ConstructedShape.Vocabulary });
        var repeats = new RepeatedSequences(model.Tokenizer, ConstructedShape.Vocabulary, new()
        {
            LeastHalfLength = ConstructedShape.Vocabulary,
            MostHalfLength = ConstructedShape.Vocabulary,
        });
        var layout = AtlasLayouts.Of(AtlasPass.Repeats, model.Config);
        var before = run.Statistics(
            layout, Enumerable.Range(0, 4).Select(number => AtlasPlan.RepeatOf(repeats.Make(number), layout, 8)));
        foreach (var score in found.Scores)
        {
            var definition = layout.Scores.Single(one => one.Id == score.Score);
            Assert.Equal(before.Of(definition, score.Head)!.Value.Raw, score.Before, 1e-6);
            if (score.Head != CircuitModels.Inductor)
                Assert.Equal(score.Before, score.After[0], 1e-6);
        }

        // Without what it looks for, the head is uniform.
        var inductor = found.Scores.Single(
            score => score.Score == "induction" && score.Head == CircuitModels.Inductor);
        var uniform = before.Of(InductionDetector.OnRandom, CircuitModels.Inductor)!.Value.Chance!.Value;
        Assert.True(inductor.Before > 0.9);
        Assert.Equal(uniform, inductor.After[0], 1e-3);
    }
}
