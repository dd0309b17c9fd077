using RatIlgpu.Models;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class PassStatisticsTests
{
    static readonly Qwen2Config Config = PositionalModels.Uniform().Config with { LayerCount = 2 };
    static readonly HeadIndex Head = new(1, 2);
    static readonly HeadScoreDefinition Own = new("own", "Own", "Of the tests.", AtlasPass.Repeats);

    // The queries see 1, 2 and 3 keys.
    static readonly double[] Pattern = [1, 0, 0, 0.25, 0.75, 0, 0.5, 0.2, 0.3];

    [Fact]
    public void A_score_has_its_chance_level_and_its_parts_without_the_first_key_and_without_itself()
    {
        var score = Score([int.MaxValue], Config, rows =>
        {
            rows.Add(Own, 1, [0]);
            rows.Add(Own, 2, [1]);
        });
        Assert.Equal((0.25 + 0.2) / 2, score.Raw, 1e-12);
        Assert.Equal(2, score.Count);
        Assert.Equal((1 / 2.0 + 1 / 3.0) / 2, score.Chance!.Value, 1e-12);
        Assert.Equal((0.225 - (5 / 12.0)) / (1 - (5 / 12.0)), score.Excess, 1e-12);
        Assert.Equal(0.2 / (0.75 + 0.5), score.WithoutFirst!.Value, 1e-12);
        Assert.Equal(0.45 / (0.25 + 0.7), score.WithoutSelf!.Value, 1e-12);
        Assert.Null(score.Low);
    }

    [Fact]
    public void Targets_at_the_query_itself_are_taken_out_without_itself()
    {
        var score = Score([int.MaxValue], Config, rows => rows.Add(Own, 2, [1, 2]));
        Assert.Equal(0.5, score.Raw, 1e-12);
        Assert.Equal(0.2 / 0.7, score.WithoutSelf!.Value, 1e-12);
        Assert.Equal(0.5 / 0.5, score.WithoutFirst!.Value, 1e-12);
    }

    [Fact]
    public void A_control_counts_against_the_score_and_not_as_a_query()
    {
        var score = Score([int.MaxValue], Config, rows =>
        {
            rows.Add(Own, 1, [1]);
            rows.Add(Own, 2, [1], weight: -1, count: 0);
        });
        Assert.Equal(0.75 - 0.2, score.Raw, 1e-12);
        Assert.Equal(1, score.Count);
        Assert.Equal((1 / 2.0) - (1 / 3.0), score.Chance!.Value, 1e-12);
    }

    [Fact]
    public void Chance_is_that_of_the_keys_that_the_layer_sees()
    {
        var sliding = Config with { SlidingWindow = 2, MaxWindowLayers = 1 };
        Assert.Equal((int.MaxValue, 2), (sliding.WindowOf(0), sliding.WindowOf(1)));
        var score = Score([2, int.MaxValue], sliding, rows => rows.Add(Own, 2, [0, 1]));
        Assert.Equal(1 / 2.0, score.Chance!.Value, 1e-12);
    }

    [Fact]
    public void A_score_without_a_query_is_none() =>
        Assert.Null(Statistics([int.MaxValue], Config, _ => { }).Of(Own, Head));

    [Fact]
    public void What_rounding_leaves_of_no_attention_has_no_share()
    {
        var score = Statistics([int.MaxValue], Config, rows => rows.Add(Own, 2, [1]), [1, 0, 0, 1, 0, 0, 1, 1e-9, 0])
            .Of(Own, Head)!.Value;
        Assert.Null(score.WithoutFirst);
        Assert.Equal(1e-9, score.WithoutSelf!.Value, 1e-12);
    }

    [Fact]
    public void An_interval_holds_the_excess_and_is_narrow_where_sequences_agree()
    {
        var layout = Layout([int.MaxValue]);
        var (agreeing, different) = (new PassSums(layout, 8), new PassSums(layout, 8));
        for (var number = 0; number < 40; number++)
        {
            Add(agreeing, number, 0.6);
            Add(different, number, number % 2 == 0 ? 0.2 : 1);
        }

        var (same, wide) = (Read(agreeing), Read(different));
        Assert.Equal(0.6, same.Raw, 1e-9);
        Assert.Equal(same.Excess, same.Low!.Value, 1e-9);
        Assert.Equal(same.Excess, same.High!.Value, 1e-9);
        Assert.Equal(0.6, wide.Raw, 1e-9);
        // The standard error of the excess is 0.4 / (1 − 1/2) / √40.
        Assert.InRange(wide.Low!.Value, wide.Excess - 0.3, wide.Excess - 0.2);
        Assert.InRange(wide.High!.Value, wide.Excess + 0.2, wide.Excess + 0.3);

        void Add(PassSums sums, int number, double attention)
        {
            var rows = new ScoreRows(layout, 2);
            rows.Add(Own, 1, [0]);
            Unit(sums, number, rows.ToCells(), [1, 0, attention, 1 - attention]);
        }

        HeadScore Read(PassSums sums) => new PassStatistics(sums, Config).Of(Own, Head)!.Value;
    }

    static HeadScore Score(ImmutableArray<int> windows, Qwen2Config config, Action<ScoreRows> mark) =>
        Statistics(windows, config, mark).Of(Own, Head)!.Value;

    static PassStatistics Statistics(
        ImmutableArray<int> windows, Qwen2Config config, Action<ScoreRows> mark, double[]? pattern = null)
    {
        var layout = Layout(windows);
        var sums = new PassSums(layout, 8);
        var rows = new ScoreRows(layout, 3);
        mark(rows);
        Unit(sums, 0, rows.ToCells(), pattern ?? Pattern);
        return new(sums, config);
    }

    static PassLayout Layout(ImmutableArray<int> windows) => new(AtlasPass.Repeats, Own) { Windows = windows };

    static void Unit(PassSums sums, int number, SequenceCells cells, double[] pattern)
    {
        var unit = new UnitScorer(sums, number, number % PassSums.GroupCount);
        unit.Add(cells);
        unit.AddPattern(cells, (Head.Layer * Config.HeadCount) + Head.Head, pattern);
        unit.Finish();
    }
}
