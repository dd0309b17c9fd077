using FsCheck.Fluent;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Properties;

public sealed class BeamSearchLaws
{
    const int Many = 2000;

    [Fact]
    public void Finds_what_the_definition_finds_in_the_same_order() => Law.Holds(
        SearchCase.Any, it => Assert.Equal(PlainSearch.Beam(it), it.Search()), Many);

    [Fact]
    public void A_wide_search_finds_every_path() => Law.Holds(SearchCase.Any, it =>
    {
        var options = it.Options with { TopK = it.Rows.Length, TopBeam = 1 << Math.Max(it.Target - 1, 0) };
        var wide = it with { Options = options };
        var found = wide.Search();
        Assert.Equal(PlainSearch.All(wide).Select(Line).Order(), found.Select(Line).Order());
        Assert.Equal(found.Select(path => path.Score).OrderDescending(), found.Select(path => path.Score));
    });

    [Fact]
    public void A_path_starts_at_the_target_and_goes_back() => HoldsForPaths((it, path) =>
    {
        Assert.Equal(it.Target, path.Positions[0]);
        Assert.All(Steps(path), step => Assert.True(step.Query > step.Key));
    });

    [Fact]
    public void A_step_is_allowed_and_one_of_the_top_k_of_its_row() => HoldsForPaths((it, path) =>
        Assert.All(Steps(path), step =>
        {
            var (query, key) = step;
            Assert.True(it.Allows(query, key));
            var row = it.Rows[query];
            Assert.True(it.Options.TopK > Enumerable.Range(0, query).Count(other => it.Allows(query, other)
                && (row[other] > row[key] || row[other] == row[key] && other < key)));
        }));

    [Fact]
    public void A_step_carries_the_attention_of_the_row() => HoldsForPaths((it, path) =>
        Assert.Equal(Steps(path).Select(step => (double)it.Rows[step.Query][step.Key]), path.EdgeAttentions));

    [Fact]
    public void The_raw_score_is_the_sum_of_logarithms() => HoldsForPaths((_, path) =>
        Assert.Equal(path.EdgeAttentions.Sum(attention => Math.Log(Math.Max(attention, 1e-12))), path.RawScore));

    [Fact]
    public void The_score_is_the_raw_score_by_a_power_of_the_length() => HoldsForPaths((it, path) => Assert.Equal(
        path.EdgeCount == 0 ? 0 : path.RawScore / Math.Pow(path.EdgeCount, it.Options.LengthNormalization.Exponent),
        path.Score,
        1e-9));

    [Fact]
    public void The_best_come_first_and_are_no_more_than_asked() => Law.Holds(SearchCase.Any, it =>
    {
        var scores = it.Search().Select(path => path.Score).ToArray();
        Assert.InRange(scores.Length, 1, it.Options.TopBeam);
        Assert.Equal(scores.OrderDescending(), scores);
    });

    [Fact]
    public void No_path_is_found_twice() => Law.Holds(SearchCase.Any, it => Assert.Distinct(it.Search().Select(Line)));

    [Fact]
    public void Masked_positions_are_on_no_path() => HoldsForPaths((it, path) =>
        Assert.All(path.Positions.Skip(1), position => Assert.NotEqual(0, it.Options.AttentionMask?[position])));

    [Fact]
    public void A_path_ends_at_0_at_a_stop_or_where_no_step_is_left_and_nowhere_else() => HoldsForPaths((it, path) =>
    {
        var last = path.Positions[^1];
        var stuck = !Enumerable.Range(0, last).Any(key => it.Allows(last, key));
        Assert.True(last == 0 || it.Ends.Contains(last) || stuck);
        Assert.DoesNotContain(path.Positions.Skip(1).SkipLast(1), it.Ends.Contains);
    });

    [Fact]
    public void A_row_is_asked_for_once() => Law.Holds(SearchCase.Any, it =>
    {
        var rows = new AttentionMatrix(it.Rows);
        it.Search(rows);
        Assert.Distinct(rows.Asked);
    });

    [Fact]
    public void The_best_few_are_those_a_stable_sort_puts_in_front() => Law.Holds(
        Law.Cases(
            from capacity in Gen.Choose(1, 9)
            from scores in Gen.Choose(-2, 2).ListOf()
            select (Capacity: capacity, Scores: scores),
            few => few.Scores.Select((_, i) => few with { Scores = [.. few.Scores[..i], .. few.Scores[(i + 1)..]] })),
        few =>
        {
            var best = new Best<int>(few.Capacity);
            foreach (var (i, score) in few.Scores.Index())
                best.Add(i, score);
            var sorted = few.Scores.Index().OrderByDescending(item => item.Item).Select(item => item.Index);
            Assert.Equal(sorted.Take(few.Capacity), best.Take());
        });

    static void HoldsForPaths(Action<SearchCase, BeamPath> statement) => Law.Holds(
        SearchCase.Any, it => Assert.All(it.Search(), path => statement(it, path)));

    static IEnumerable<(int Query, int Key)> Steps(BeamPath path) => path.Positions.Zip(path.Positions.Skip(1));

    static string Line(BeamPath path) => string.Join(" ", path.Positions);
}
