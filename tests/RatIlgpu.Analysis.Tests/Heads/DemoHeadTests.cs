using Scores = System.Collections.Immutable.ImmutableSortedDictionary<RatIlgpu.HeadIndex, double>;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The scores of the demonstration model's heads on random tokens that are repeated once.</summary>
public sealed class DemoHeadTests : IDisposable
{
    // Two digits are published, and the prompts are not the same.
    const double Deviation = 0.02;

    readonly CpuDevice device = new();
    readonly LanguageModel demo;

    public DemoHeadTests() => demo = LanguageModel.Load(DemoModel.Folder, device);

    public void Dispose()
    {
        demo.Dispose();
        device.Dispose();
    }

    // The README of the model says 0.99, 0.83 and 0.71.
    [Fact]
    public void The_previous_token_heads_are_those_of_the_README()
    {
        var scores = Scored(HeadPatternKind.PreviousToken);
        Assert.Equal(0.99, scores[new(1, 0)], Deviation);
        Assert.Equal(0.83, scores[new(2, 7)], Deviation);
        Assert.Equal(0.71, scores[new(1, 4)], Deviation);
        Assert.Equal(new(1, 0), scores.MaxBy(one => one.Value).Key);
    }

    // The README says 0.92 to 0.96 of the heads 0 to 3 of layer 3, and 0.75 to 0.79 of 4 to 6.
    [Fact]
    public void The_induction_heads_are_those_of_the_README()
    {
        var scores = Scored(HeadPatternKind.Induction);
        Assert.All(Enumerable.Range(0, 4), head =>
            Assert.InRange(scores[new(3, head)], 0.92 - Deviation, 0.96 + Deviation));
        Assert.All(Enumerable.Range(4, 3), head =>
            Assert.InRange(scores[new(3, head)], 0.75 - Deviation, 0.79 + Deviation));
        Assert.All(scores.Where(one => one.Key.Layer < 3), one => Assert.InRange(one.Value, 0, 0.1));
    }

    // In the first copy no token occurred before, so of all queries half can be scored at most.
    [Fact]
    public void Over_all_queries_an_induction_head_scores_half_of_that()
    {
        var all = Scored(HeadPatternKind.Induction, new() { Queries = PatternQueries.All });
        Assert.All(Scored(HeadPatternKind.Induction), one => Assert.Equal(one.Value / 2, all[one.Key], 1e-6));
    }

    [Fact]
    public void No_head_looks_for_the_token_itself() =>
        Assert.All(Scored(HeadPatternKind.DuplicateToken).Values, score => Assert.InRange(score, 0, 0.1));

    // Six prompts as the README's: 40 different tokens from 260 on, then the same again; drawn by another generator.
    Scores Scored(HeadPatternKind kind, HeadPatternOptions? options = null)
    {
        var prompts = Enumerable.Range(0, 6).Select(seed =>
        {
            int[] tokens = [.. Enumerable.Range(260, demo.Config.VocabularySize - 3 - 260)];
            new Random(seed).Shuffle(tokens);
            return new AnalysisPrompt([.. tokens[..40], .. tokens[..40]]);
        }).ToList();
        return HeadPatternDetector.ScoreAll(demo.Network, prompts, kind, options).Mean
            .ToImmutableSortedDictionary(one => one.Key, one => one.Value.Mean);
    }
}
