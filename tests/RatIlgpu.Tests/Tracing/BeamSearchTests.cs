using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class BeamSearchTests
{
    static readonly AttentionMatrix Four = new(
        [1f],
        [0.5f, 0.5f],
        [0.25f, 0.5f, 0.25f],
        [0.125f, 0.25f, 0.5f, 0.125f]);

    static readonly TraceOptions Raw = new() { LengthNormalization = LengthNormalization.None };

    [Fact]
    public void Finds_every_path_of_a_small_matrix_best_first()
    {
        // 3→2→1→0 and 3→2→0, 3→1→0, 3→0 all have 1/8: the order of making decides.
        var paths = Search(Four, 3, Raw);
        Assert.Equal([[3, 0], [3, 2, 0], [3, 1, 0], [3, 2, 1, 0]], paths.Select(path => path.Positions.ToArray()));
        Assert.All(paths, path => Assert.Equal(Math.Log(0.125), path.Score, 1e-15));
    }

    [Fact]
    public void Names_the_rows_of_a_round_before_it_asks_for_them()
    {
        var asked = new AttentionMatrix([1f], [0.5f, 0.5f], [0.25f, 0.5f, 0.25f], [0.25f, 0.5f, 0.125f, 0.125f]);
        Search(asked, 3, Raw);
        // From 3 to 1 and 2; 2 leads to 1, which is known by then.
        Assert.Equal([[3], [1, 2], []], asked.Prepared);
        Assert.Equal([3, 1, 2], asked.Asked);
    }

    [Fact]
    public void The_mean_prefers_the_long_way()
    {
        var best = Search(Four, 3, new())[0];
        Assert.Equal([3, 2, 1, 0], best.Positions);
        Assert.Equal([0.5, 0.5, 0.5], best.EdgeAttentions);
        Assert.Equal(Math.Log(0.5), best.Score, 1e-15);
        Assert.Equal(3 * Math.Log(0.5), best.RawScore, 1e-15);
    }

    [Fact]
    public void Takes_the_smaller_key_of_equals()
    {
        var equal = new AttentionMatrix([1f], [1f, 0f], [0.5f, 0.5f, 0f]);
        var path = Assert.Single(Search(equal, 2, Raw with { TopK = 1 }));
        Assert.Equal([2, 0], path.Positions);
    }

    [Fact]
    public void Never_steps_to_the_position_itself()
    {
        var inward = new AttentionMatrix([1f], [0.01f, 0.99f]);
        Assert.Equal([1, 0], Assert.Single(Search(inward, 1, new())).Positions);
    }

    [Fact]
    public void A_path_that_is_pruned_is_lost()
    {
        var late = new AttentionMatrix([1f], [1f, 0f], [0.125f, 0f, 0f], [0f, 0.25f, 0.75f, 0f]);
        Assert.Equal([3, 1, 0], Search(late, 3, new() { TopBeam = 2 })[0].Positions);
        Assert.Equal([3, 2, 0], Assert.Single(Search(late, 3, new() { TopBeam = 1 })).Positions);
    }

    [Fact]
    public void A_finished_path_is_not_pruned()
    {
        // The step to 0 is the worst of the first round, and the best of all paths when length costs.
        var path = Assert.Single(Search(Four, 3, Raw with { TopBeam = 1, LengthNormalization = new(-1) }));
        Assert.Equal([3, 0], path.Positions);
    }

    [Fact]
    public void Ends_where_attention_is_too_small_to_go_on()
    {
        var path = Assert.Single(Search(Four, 3, new() { MinAttention = 0.5, TopBeam = 9 }));
        Assert.Equal([3, 2, 1, 0], path.Positions);
        var nowhere = Assert.Single(Search(Four, 3, new() { MinAttention = 0.6 }));
        Assert.Equal([3], nowhere.Positions);
        Assert.Empty(nowhere.EdgeAttentions);
        Assert.Equal(0, nowhere.Score);
    }

    [Theory]
    [InlineData(0.7f, 0.7, 2)]
    [InlineData(0.3f, 0.3, 2)]
    [InlineData(0.6999999f, 0.7, 1)]
    public void A_threshold_is_compared_as_a_float(float attention, double least, int positions)
    {
        var one = new AttentionMatrix([1f], [attention, 1 - attention]);
        Assert.Equal(positions, Assert.Single(Search(one, 1, new() { MinAttention = least })).Positions.Length);
    }

    [Fact]
    public void Ends_at_a_stop()
    {
        var paths = Search(Four, 3, Raw, position => position == 2);
        Assert.Equal([[3, 2], [3, 0], [3, 1, 0]], paths.Select(path => path.Positions.ToArray()));
    }

    [Fact]
    public void Does_not_end_at_a_target_that_is_a_stop() =>
        Assert.Equal([3, 2, 1, 0], Search(Four, 3, new(), position => position == 3)[0].Positions);

    [Fact]
    public void Passes_masked_keys_by()
    {
        var paths = Search(Four, 3, Raw with { AttentionMask = [0, 1, 0, 1] });
        Assert.Equal([3, 1], Assert.Single(paths).Positions);
    }

    [Fact]
    public void The_logarithm_of_a_vanishing_attention_stays_finite()
    {
        var faint = new AttentionMatrix([1f], [1e-30f, 1f]);
        var path = Assert.Single(Search(faint, 1, new()));
        Assert.Equal(Math.Log(1e-12), path.RawScore);
        Assert.Equal([(double)1e-30f], path.EdgeAttentions);
    }

    [Fact]
    public void The_first_position_is_a_path() =>
        Assert.Equal([0], Assert.Single(Search(Four, 0, new())).Positions);

    [Fact]
    public void Finds_its_way_through_thousands_of_positions()
    {
        var previous = Enumerable.Range(0, 3000).Select(query => Row(query)).ToArray();
        var path = Search(new AttentionMatrix(previous), 2999, new() { TopBeam = 1, TopK = 2 })[0];
        Assert.Equal(Enumerable.Range(0, 3000).Reverse(), path.Positions);

        static float[] Row(int query)
        {
            var row = new float[query + 1];
            row[Math.Max(query - 1, 0)] = 0.75f;
            return row;
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void Says_which_positions_there_are(int target)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Search(Four, target, new()));
        Assert.StartsWith(
            FormattableString.Invariant($"The target is {target}, expected 0 to 3."),
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal("target", error.ParamName);
    }

    public static TheoryData<string, string, TraceOptions> WrongOptions => new()
    {
        { "TopBeam", "0, expected at least 1.", new() { TopBeam = 0 } },
        { "TopK", "-2, expected at least 1.", new() { TopK = -2 } },
        { "MinAttention", "1.5, expected 0 to 1.", new() { MinAttention = 1.5 } },
        { "MinAttention", "NaN, expected 0 to 1.", new() { MinAttention = double.NaN } },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Says_which_option_is_out_of_range(string option, string fault, TraceOptions options)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Search(Four, 3, options));
        Assert.StartsWith($"{option} is {fault}", error.Message, StringComparison.Ordinal);
        Assert.Equal(option, error.ParamName);
    }

    [Fact]
    public void Says_that_the_mask_is_too_short()
    {
        var options = new TraceOptions { AttentionMask = [1, 1, 1] };
        var error = Assert.Throws<ArgumentException>(() => Search(Four, 3, options));
        Assert.StartsWith(
            "AttentionMask has 3 entries, expected one for each of the 4 positions.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stops_when_cancelled() => Assert.Throws<OperationCanceledException>(
        () => BeamSearch.Search(Four, 3, new(), null, new CancellationToken(canceled: true)));

    static ImmutableArray<BeamPath> Search(
        AttentionMatrix attention, int target, TraceOptions options, Func<int, bool>? endsAt = null) =>
        BeamSearch.Search(attention, target, options, endsAt, TestContext.Current.CancellationToken);
}
