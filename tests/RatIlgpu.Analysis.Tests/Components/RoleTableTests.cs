namespace RatIlgpu.Analysis.Tests.Components;

public sealed class RoleTableTests
{
    [Fact]
    public void Roles_are_told_from_weights_activity_induction_and_scores()
    {
        var report = Report(
            [
                HeadSpread.Of(0, 5, 0, 0), HeadSpread.Of(1, 1, 1, 1), HeadSpread.Of(4, 4, 0, 0),
                HeadSpread.Of(0, 0, 0, 0),
            ],
            [HeadSpread.Of(1, 9), HeadSpread.Of(1, 1)]);
        var table = RoleTable.Of(report, 10);
        Assert.Equal(
            [
                "query 0 names of people: in L2H1; active nearly always; helps induction of L2H1 by 0.5; "
                    + "looks for key 1 (1 back)",
                "query 1: in all 4 heads; hardly ever active",
                "query 2: in 2.0 heads, most in L2H0; active at 50.0 %; hinders induction of L2H3 by 0.2",
                "query 3: no weights; active at 50.0 %",
                "key 0: in key/value head 1; active nearly always",
                "key 1: in all 2 heads; active at 25.0 %; helps induction of L2H1 by 0.01; looked for by query 0 "
                    + "(1 back)",
            ],
            table.Rows.Select(row => $"{row[0]}: {row[1]}"));
        Assert.Equal(2, RoleTable.Of(report, 1).Rows.Length);
    }

    [Fact]
    public void A_model_with_one_head_says_so() => Assert.Contains(
        "in L2H0, the only one", RoleTable.Of(Report([HeadSpread.Of(3)], []), 10).Rows[0][1], StringComparison.Ordinal);

    static ComponentReport Report(HeadSpread[] queries, HeadSpread[] keys)
    {
        LabelledArray none = new([], [0]);
        ComponentEffect Effect(AttentionProjection projection, int component, params ValueArray<double> effects) =>
            new(projection, component, 0.5, default, effects);
        return new(
            DecompositionKind.File, 2, [0],
            [
                Matrix(AttentionProjection.Query, queries) with
                {
                    Labels = [.. queries.Select((_, place) => place == 0 ? "names of people" : "")],
                },
                Matrix(AttentionProjection.Key, keys),
            ],
            new(2, 0, [], none, none, none, none, 0), none,
            new(
                2, 200, 0.1,
                [
                    Activity(AttentionProjection.Query, [180, 2, 100, 100]),
                    Activity(AttentionProjection.Key, [200, 50]),
                ],
                []),
            none,
            [
                new(
                    new(2, 1), 0, 30, [], default,
                    [
                        Effect(AttentionProjection.Query, 0, 0.9, 0.5, 0, 0.1),
                        Effect(AttentionProjection.Query, 1, 0.9, 0.009, 0, -0.009),
                        Effect(AttentionProjection.Query, 2, 0, 0.1, 0, 0),
                        Effect(AttentionProjection.Key, 1, 0, 0.01, 0, 0),
                    ],
                    []),
                new(new(2, 3), 1, 30, [], default, [Effect(AttentionProjection.Query, 2, 0, 0, 0, -0.2)], []),
            ],
            [
                new(0, [new(1, 2.5, 1, [], [], []), new(0, 0, 1, [], [], [])], []),
                new(2, [], [new(0, -3, 0, [], [], [])]),
            ]);
    }

    static MatrixReport Matrix(AttentionProjection projection, HeadSpread[] spreads)
    {
        LabelledArray none = new([], [0]);
        return new(
            projection, spreads.Length, spreads.Length, [.. Enumerable.Range(0, spreads.Length)], [], null, [], 0, none,
            [.. spreads], none);
    }

    static MatrixActivity Activity(AttentionProjection projection, long[] active) => new(
        projection, [.. Enumerable.Range(0, active.Length)], [.. active], [], [], new([], [0]));
}
