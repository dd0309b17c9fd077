using Scores = System.Collections.Immutable.ImmutableSortedDictionary<RatIlgpu.HeadIndex, double>;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The scores of the demonstration model's heads on random tokens that are repeated once.</summary>
public sealed class DemoHeadTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel demo;

    public DemoHeadTests() => demo = LanguageModel.Load(DemoModel.Folder, device);

    public void Dispose()
    {
        demo.Dispose();
        device.Dispose();
    }

    [Fact]
    public void The_previous_token_head_is_the_first_of_layer_1()
    {
        var scores = Scored(HeadPatternKind.PreviousToken);
        Assert.Equal(new(1, 0), scores.MaxBy(one => one.Value).Key);
        Assert.InRange(scores[new(1, 0)], 0.9, 1);
    }

    // The first half of a prompt has no earlier copies, so a perfect head scores one half.
    [Fact]
    public void Most_heads_of_layer_3_are_induction_heads_and_no_others()
    {
        var scores = Scored(HeadPatternKind.Induction).OrderByDescending(one => one.Value).ToArray();
        Assert.All(scores[..6], one => Assert.Equal(3, one.Key.Layer));
        Assert.All(scores[..6], one => Assert.InRange(one.Value, 0.35, 0.5));
        Assert.All(scores.Where(one => one.Key.Layer < 3), one => Assert.InRange(one.Value, 0, 0.1));
    }

    [Fact]
    public void No_head_looks_for_the_token_itself() =>
        Assert.All(Scored(HeadPatternKind.DuplicateToken).Values, score => Assert.InRange(score, 0, 0.1));

    Scores Scored(HeadPatternKind kind)
    {
        var random = new Random(3);
        return HeadPatternDetector.Average([.. Enumerable.Range(0, 4).Select(prompt =>
        {
            int[] once = [.. Enumerable.Range(0, 12 + prompt).Select(_ => random.Next(demo.Config.VocabularySize - 3))];
            var run = new Recorder(demo.Network).Record([.. once, .. once], [new(Activation.Pattern)]);
            return HeadPatternDetector.Score(run, kind);
        })]);
    }
}
