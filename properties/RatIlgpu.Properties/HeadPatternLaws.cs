using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(HeadPatternLaws)])]
public sealed class HeadPatternLaws
{
    /// <summary>The error of a sum of at most 400 F32 probabilities, whose rows sum to 1 within 1e-7.</summary>
    const double Rounding = 1e-5;

    [Law]
    public void The_difference_is_twice_the_share_less_the_cells_for_each_token(PatternCase found)
    {
        foreach (var kind in Enum.GetValues<HeadPatternKind>())
        {
            var mask = DetectionPattern.For(kind, found.Ids);
            var cells = found.Places.Sum(query => found.Places.Count(key => mask[query, key]));
            Assert.Equal(
                2 * Score(found.Run, kind, PatternMeasure.AttentionShare) - cells / (double)found.Ids.Length,
                Score(found.Run, kind, PatternMeasure.AbsoluteDifference),
                Rounding);
        }
    }

    [Law]
    public void A_head_that_does_what_is_looked_for_scores_1(PatternCase found)
    {
        // Each token attends to one key only, and the detection pattern has exactly these keys.
        var (cells, rows) = (new int[found.Length, found.Length], new float[found.Length * found.Length]);
        foreach (var query in found.Places)
        {
            var key = found.Ids[query] % (query + 1);
            (cells[query, key], rows[query * found.Length + key]) = (1, 1);
        }

        foreach (var measure in Enum.GetValues<PatternMeasure>())
            Assert.Equal(1, HeadPatternDetector.Score(
                PatternCase.RunOf(found.Ids, rows),
                DetectionPattern.Of(cells),
                new() { Measure = measure })[new(0, 0)]);
    }

    [Law]
    public void Scores_stay_in_their_range(PatternCase found)
    {
        foreach (var kind in Enum.GetValues<HeadPatternKind>())
        {
            // The detection pattern may have every key of a token.
            Assert.InRange(Score(found.Run, kind, PatternMeasure.AttentionShare), 0, 1 + Rounding);
            Assert.InRange(Score(found.Run, kind, PatternMeasure.AbsoluteDifference), -found.Length, 1 + Rounding);
        }
    }

    // The definition of docs/analysis.md, over the queries that have an expected key.
    [Law]
    public void A_score_is_the_mean_attention_of_the_queries_to_their_expected_keys(PatternCase found)
    {
        var pattern = found.Run[new(Activation.Pattern, 0)];
        foreach (var kind in Enum.GetValues<HeadPatternKind>())
        {
            var expected = DetectionPattern.For(kind, found.Ids);
            double[] shares =
            [
                .. found.Places.Where(query => found.Places.Any(key => expected[query, key])).Select(query =>
                    found.Places.Where(key => expected[query, key]).Sum(key => (double)pattern.Row(query, 0)[key])),
            ];
            var score = HeadPatternDetector.Score(found.Run, kind)[new(0, 0)];
            if (shares.Length == 0)
                Assert.Equal(double.NaN, score);
            else
                Assert.Equal(shares.Average(), score, Rounding);
        }
    }

    static double Score(Recording run, HeadPatternKind kind, PatternMeasure measure) =>
        HeadPatternDetector.Score(
            run, kind, new() { Measure = measure, Queries = PatternQueries.All })[new(0, 0)];

    internal static Arbitrary<PatternCase> Cases { get; } = Arb.From(
        from length in Gen.Choose(2, 20)
        from tokens in Gen.Choose(1, 12)
        from seed in Gen.Choose(0, 10000)
        select new PatternCase(length, tokens, seed),
        found => found.Smaller());

    /// <summary>A prompt and an attention pattern.</summary>
    public sealed record PatternCase(int Length, int Tokens, int Seed)
    {
        public int[] Ids { get; } = [.. Random(Length, Seed).Select(share => (int)(share * Tokens))];

        public IEnumerable<int> Places => Enumerable.Range(0, Length);

        public Recording Run => RunOf(Ids, Rows());

        public static Recording RunOf(int[] ids, float[] rows) => new(new("a model"), [.. ids], null, [new(
            new(Activation.Pattern, 0), [.. Enumerable.Range(0, ids.Length)], [0], ids.Length, [.. rows])]);

        public IEnumerable<PatternCase> Smaller()
        {
            if (Length > 2)
                yield return new(Length - 1, Tokens, Seed);
            if (Tokens > 1)
                yield return new(Length, Tokens - 1, Seed);
        }

        float[] Rows()
        {
            var rows = new float[Length * Length];
            foreach (var query in Places)
            {
                var weights = Random(query + 1, Seed + query + 1).Select(share => Math.Exp(8 * share)).ToArray();
                for (var key = 0; key <= query; key++)
                    rows[query * Length + key] = (float)(weights[key] / weights.Sum());
            }

            return rows;
        }

        static IEnumerable<double> Random(int count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        }
    }
}
