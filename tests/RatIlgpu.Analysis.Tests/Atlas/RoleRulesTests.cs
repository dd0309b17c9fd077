namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class RoleRulesTests
{
    [Fact]
    public void The_least_excess_is_six_deviations_above_the_median_and_at_least_a_tenth()
    {
        Assert.Equal(0.1, RoleRules.LeastOf([0, 0, 0, 0.9]), 1e-12);
        // The median is 0.3, the deviations are 0.2, 0.1, 0, 0.1 and 0.6.
        Assert.Equal(0.3 + (6 * 0.1), RoleRules.LeastOf([0.1, 0.2, 0.3, 0.4, 0.9]), 1e-12);
        // Of two: the mean of both is the median, and each is 0.05 from it.
        Assert.Equal(0.15 + (6 * 0.05), RoleRules.LeastOf([0.1, 0.2]), 1e-12);
        Assert.Equal(0.1, RoleRules.LeastOf([]), 1e-12);
    }

    [Fact]
    public void A_role_needs_a_lower_end_above_a_tenth_and_an_excess_that_stands_out()
    {
        var heads = Label(
            ScoreProfile.Robust,
            Of("induction", 0.9, low: 0.8), Of("induction", 0.2, low: 0.05), Of("induction", 0.0, low: -0.01),
            Of("induction", 0.0, low: -0.01));
        Assert.Equal(new(HeadRole.Induction, "induction", 0.8), Assert.Single(heads[0].Roles));
        Assert.All(heads.Skip(1), head => Assert.Empty(head.Roles));
    }

    [Fact]
    public void A_previous_token_head_is_one_on_text_and_on_random_tokens()
    {
        var heads = Label(
            ScoreProfile.Robust,
            Of("previous", 0.9, 0.8).Add("previous-random", Score(0.9, 0.8)),
            Of("previous", 0.9, 0.8).Add("previous-random", Score(0.05, 0.04)),
            Of("previous", 0, 0).Add("previous-random", Score(0, 0)),
            Of("previous", 0, 0).Add("previous-random", Score(0, 0)),
            Of("previous", 0, 0).Add("previous-random", Score(0, 0)));
        Assert.Equal([1, 0, 0, 0, 0], heads.Select(head => head.Roles.Length));
    }

    [Fact]
    public void A_head_with_a_distance_of_one_is_not_positional()
    {
        var heads = RoleRules.Label(
            [
                Head(0, Of("offset", 0.9, 0.8)) with { PeakOffset = 1 },
                Head(1, Of("offset", 0.9, 0.8)) with { PeakOffset = 2 },
                Head(2, Of("offset", 0, 0)) with { PeakOffset = 2 },
                Head(3, Of("offset", 0, 0)) with { PeakOffset = 2 },
                Head(4, Of("offset", 0, 0)) with { PeakOffset = 2 },
            ],
            ScoreProfile.Robust);
        Assert.Equal([0, 1, 0, 0, 0], heads.Select(head => head.Roles.Length));
    }

    [Fact]
    public void A_suppressor_attends_to_the_name_that_is_due_and_lowers_names()
    {
        var heads = Label(
            ScoreProfile.Robust,
            [
                Of("ioi-io", 0.9, 0.8).Add("copy", Score(-2, 0)).Add("copy-bottom", Score(0.9, 0)),
                Of("ioi-io", 0.9, 0.8).Add("copy", Score(2, 0)).Add("copy-bottom", Score(0.9, 0)),
                Of("ioi-io", 0.9, 0.8).Add("copy", Score(-2, 0)).Add("copy-bottom", Score(0.5, 0)),
                .. Enumerable.Repeat(Of("ioi-io", 0, 0).Add("copy", Score(-2, 0)).Add("copy-bottom", Score(1, 0)), 9),
            ]);
        Assert.Equal(new(HeadRole.Suppressor, "ioi-io", 0.8), Assert.Single(heads[0].Roles));
        Assert.All(heads.Skip(1), head => Assert.Empty(head.Roles));
    }

    [Fact]
    public void The_strongest_role_comes_first()
    {
        var heads = Label(
            ScoreProfile.Robust,
            Of("induction", 0.5, 0.4).Add("first-token", Score(0.9, 0.8)), Nothing(), Nothing(), Nothing());
        Assert.Equal([HeadRole.FirstToken, HeadRole.Induction], heads[0].Roles.Select(label => label.Role));

        static ImmutableSortedDictionary<string, HeadScore> Nothing() =>
            Of("induction", 0, 0).Add("first-token", Score(0, 0));
    }

    [Fact]
    public void The_published_rules_take_raw_scores_and_fixed_thresholds()
    {
        var heads = Label(
            ScoreProfile.Pr403,
            Of("previous", 0.31, 0), Of("previous", 0.3, 0), Of("offset", 0.4, 0).Add("first-token", Score(0.2, 0)),
            Of("offset", 0.2, 0).Add("first-token", Score(0.2, 0)),
            Of("ioi-s2", 0.2, 0).Add("copy-raw", Score(-0.1, 0)), Of("ioi-s2", 0.2, 0).Add("copy-raw", Score(0.1, 0)),
            Of("delimiter-ratio", 2.1, 0), Of("delimiter-ratio", 2, 0));
        Assert.Equal(
            ["PreviousToken", "", "Positional", "FirstToken", "SInhibition", "", "Delimiter", ""],
            heads.Select(head => string.Join(",", head.Roles.Select(label => label.Role))));
    }

    static ImmutableArray<AtlasHead> Label(
        ScoreProfile profile, params IEnumerable<ImmutableSortedDictionary<string, HeadScore>> scores) =>
        RoleRules.Label([.. scores.Index().Select(one => Head(one.Index, one.Item))], profile);

    static AtlasHead Head(int number, ImmutableSortedDictionary<string, HeadScore> scores) =>
        new(new(0, number), 0) { Scores = scores };

    static ImmutableSortedDictionary<string, HeadScore> Of(string id, double raw, double low) =>
        ImmutableSortedDictionary<string, HeadScore>.Empty.Add(id, Score(raw, low));

    static HeadScore Score(double raw, double low) => new(raw, 1) { Low = low, High = 1 };
}
