namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(SearchCase), typeof(BeamSearchLaws)])]
public sealed class BeamSearchLaws
{
    const int Many = 2000;

    [Law(Many)]
    public void Finds_what_the_definition_finds_in_the_same_order(SearchCase it) =>
        Assert.Equal(PlainSearch.Beam(it), it.Search());

    [Law(Arbitrary = [typeof(SearchCase.Wide)])]
    public void Finds_what_the_definition_finds_where_more_paths_finish_than_are_kept(SearchCase it) =>
        Assert.Equal(PlainSearch.Beam(it), it.Search());

    [Law]
    public void A_wide_search_finds_every_path(SearchCase it)
    {
        var options = it.Options with { TopK = it.Rows.Length, TopBeam = 1 << Math.Max(it.Target - 1, 0) };
        var wide = it with { Options = options };
        var found = wide.Search();
        Assert.Equal(PlainSearch.All(wide).Select(Line).Order(), found.Select(Line).Order());
        Assert.Equal(found.Select(path => path.Score).OrderDescending(), found.Select(path => path.Score));
    }

    [Law]
    public void A_path_starts_at_the_target_and_goes_back(SearchCase it) => Assert.All(it.Search(), path =>
    {
        Assert.Equal(it.Target, path.Positions[0]);
        Assert.All(Steps(path), step => Assert.True(step.Query > step.Key));
    });

    [Law]
    public void A_step_is_allowed_and_one_of_the_top_k_of_its_row(SearchCase it) => Assert.All(it.Search(), path =>
        Assert.All(Steps(path), step =>
        {
            var (query, key) = step;
            Assert.True(it.Allows(query, key));
            var row = it.Rows[query];
            Assert.True(it.Options.TopK > Enumerable.Range(0, query).Count(other => it.Allows(query, other)
                && (row[other] > row[key] || row[other] == row[key] && other < key)));
        }));

    [Law]
    public void A_step_carries_the_attention_of_the_row(SearchCase it) => Assert.All(it.Search(), path =>
        Assert.Equal(Steps(path).Select(step => (double)it.Rows[step.Query][step.Key]), path.EdgeAttentions));

    [Law]
    public void The_raw_score_is_the_sum_of_logarithms(SearchCase it) => Assert.All(it.Search(), path =>
        Assert.Equal(path.EdgeAttentions.Sum(attention => Math.Log(Math.Max(attention, 1e-12))), path.RawScore));

    [Law]
    public void The_score_is_the_raw_score_by_a_power_of_the_length(SearchCase it) => Assert.All(it.Search(), path =>
        Assert.Equal(
            path.EdgeCount == 0 ? 0 : path.RawScore / Math.Pow(path.EdgeCount, it.Options.LengthNormalization.Exponent),
            path.Score,
            1e-9));

    [Law]
    public void The_best_come_first_and_are_no_more_than_asked(SearchCase it)
    {
        var scores = it.Search().Select(path => path.Score).ToArray();
        Assert.InRange(scores.Length, 1, it.Options.TopBeam);
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Law]
    public void No_path_is_found_twice(SearchCase it) => Assert.Distinct(it.Search().Select(Line));

    [Law]
    public void Masked_positions_are_on_no_path(SearchCase it) => Assert.All(it.Search(), path =>
        Assert.All(path.Positions.Skip(1), position => Assert.NotEqual(0, it.Options.AttentionMask?[position])));

    [Law]
    public void A_path_ends_at_0_at_a_stop_or_where_no_step_is_left_and_nowhere_else(SearchCase it) =>
        Assert.All(it.Search(), path =>
        {
            var last = path.Positions[^1];
            var stuck = !Enumerable.Range(0, last).Any(key => it.Allows(last, key));
            Assert.True(last == 0 || it.Ends.Contains(last) || stuck);
            Assert.DoesNotContain(path.Positions.Skip(1).SkipLast(1), it.Ends.Contains);
        });

    [Law]
    public void A_row_is_asked_for_once(SearchCase it)
    {
        var rows = new AttentionMatrix(it.Rows);
        it.Search(rows);
        Assert.Distinct(rows.Asked);
    }

    [Law]
    public void The_best_few_are_those_a_stable_sort_puts_in_front((int Capacity, IList<int> Scores) few)
    {
        var best = new TopK<int>(few.Capacity);
        foreach (var (i, score) in few.Scores.Index())
            best.Add(i, score);
        var sorted = few.Scores.Index().OrderByDescending(item => item.Item).Select(item => item.Index);
        Assert.Equal(sorted.Take(few.Capacity), best.Take());
    }

    internal static Arbitrary<(int Capacity, IList<int> Scores)> Few { get; } = Arb.From(
        from capacity in Gen.Choose(1, 9)
        from scores in Gen.Choose(-2, 2).ListOf()
        select (Capacity: capacity, Scores: (IList<int>)scores),
        few => few.Scores.Select((_, i) =>
            (few.Capacity, (IList<int>)[.. few.Scores.Take(i), .. few.Scores.Skip(i + 1)])));

    static IEnumerable<(int Query, int Key)> Steps(BeamPath path) => path.Positions.Zip(path.Positions.Skip(1));

    static string Line(BeamPath path) => string.Join(" ", path.Positions);

    /// <summary>The definition of the search, without regard to time and memory.</summary>
    static class PlainSearch
    {
        /// <summary>Keeps every finished path, and sorts all of them at the end.</summary>
        public static BeamPath[] Beam(SearchCase it)
        {
            List<BeamPath> live = [new([it.Target], [], 0, 0)];
            List<BeamPath> finished = [];
            while (live.Count > 0)
            {
                List<BeamPath> grown = [];
                foreach (var path in live)
                {
                    var steps = Steps(it, path.Positions[^1]).Take(it.Options.TopK).ToArray();
                    if (steps.Length == 0)
                        finished.Add(path);
                    foreach (var key in steps)
                        (key == 0 || it.Ends.Contains(key) ? finished : grown).Add(Longer(it, path, key));
                }

                live = [.. grown.OrderByDescending(path => path.Score).Take(it.Options.TopBeam)];
            }

            return [.. finished.OrderByDescending(path => path.Score).Take(it.Options.TopBeam)];
        }

        /// <summary>Walks every path to its end.</summary>
        public static IEnumerable<BeamPath> All(SearchCase it) => From(it, new([it.Target], [], 0, 0));

        static IEnumerable<BeamPath> From(SearchCase it, BeamPath path)
        {
            var position = path.Positions[^1];
            var steps = path.EdgeCount > 0 && it.Ends.Contains(position) ? [] : Steps(it, position);
            return steps.Length == 0 ? [path] : steps.SelectMany(key => From(it, Longer(it, path, key)));
        }

        static int[] Steps(SearchCase it, int query)
        {
            var keys = Enumerable.Range(0, query).Where(key => it.Allows(query, key));
            return [.. keys.OrderByDescending(key => it.Rows[query][key])];
        }

        static BeamPath Longer(SearchCase it, BeamPath path, int key)
        {
            double attention = it.Rows[path.Positions[^1]][key];
            var raw = path.RawScore + Math.Log(Math.Max(attention, 1e-12));
            var score = it.Options.LengthNormalization.Apply(raw, path.EdgeCount + 1);
            return new(path.Positions.Items.Add(key), path.EdgeAttentions.Items.Add(attention), raw, score);
        }
    }
}
