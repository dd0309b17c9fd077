using RatIlgpu.Models;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class DerivedScoresTests
{
    const int Tokens = 16;

    static readonly Qwen2Config Config = PositionalModels.Uniform().Config;
    static readonly PassLayout Layout = AtlasLayouts.Of(AtlasPass.Text, Config);

    // A delimiter stands at 12: few queries see it, so its share of the tokens is no chance level.
    [Fact]
    public void The_ratio_of_a_head_that_looks_at_all_keys_alike_is_1_but_by_the_published_rules()
    {
        var seen = Enumerable.Range(12, 4).Sum(query => 1.0 / (query + 1));
        Assert.Equal(1, RatioOf(ScoreProfile.Robust), 1e-9);
        Assert.Equal(seen / Tokens / (1.0 / Tokens), RatioOf(ScoreProfile.Pr403), 1e-9);
    }

    static double RatioOf(ScoreProfile profile)
    {
        var none = ImmutableArray.CreateRange(Enumerable.Repeat(false, Tokens));
        var cells = SequenceMarks.OfText(Layout, new(
            [.. Enumerable.Range(0, Tokens)], 0, [.. Enumerable.Range(0, Tokens).Select(at => at == 12 ? 0 : -1)],
            none, none));
        var pattern = new double[Tokens * Tokens];
        for (var query = 0; query < Tokens; query++)
            pattern.AsSpan(query * Tokens, query + 1).Fill(1.0 / (query + 1));
        var sums = new PassSums(Layout, Config.HeadCount);
        var unit = new UnitScorer(sums, 0, 0);
        unit.Add(cells);
        unit.AddPattern(cells, 0, pattern);
        unit.Finish();
        var (text, head) = (new PassStatistics(sums, Config), new HeadIndex(0, 0));
        return DerivedScores.Of(text, head, profile, text.ScoresOf(head), text.PeakOf(head))
            .Single(score => score.Definition == DerivedScores.DelimiterRatio).Score.Raw;
    }
}
