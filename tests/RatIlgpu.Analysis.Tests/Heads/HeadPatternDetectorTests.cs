using RatIlgpu.Testing;
using Scores = System.Collections.Immutable.ImmutableSortedDictionary<RatIlgpu.HeadIndex, double>;

namespace RatIlgpu.Analysis.Tests;

public sealed class HeadPatternDetectorTests
{
    // Attention of one head, spread evenly over what a token sees: 1, 1/2, 1/3, 1/4.
    static readonly Recording Even = Of(
        [7, 8, 9, 10], null, [1, 0, 0, 0, 0.5f, 0.5f, 0, 0, 1 / 3f, 1 / 3f, 1 / 3f, 0, 0.25f, 0.25f, 0.25f, 0.25f]);

    static readonly HeadIndex Only = new(0, 0);

    [Fact]
    public void Scores_are_those_worked_by_hand()
    {
        // Before each token lie 1/2 + 1/3 + 1/4 of 4 rows; what differs is the rest, and what is missing there.
        Near((1 / 2.0 + 1 / 3.0 + 1 / 4.0) / 4, Score(AllQueries));
        Near(2 * (1 / 2.0 + 1 / 3.0 + 1 / 4.0) / 4 - 3 / 4.0, Score(Difference));

        // Without the first position, row 0 is empty: 2/3 and 3/4 and 1/2 are left, of which 1/3 and 1/4 are before.
        Near(
            (1 / 3.0 + 1 / 4.0) / (1 / 2.0 + 2 / 3.0 + 3 / 4.0),
            Score(AllQueries with { ExcludeFirstPosition = true }));
        Near(
            (1 / 2.0 + 1 / 3.0 + 1 / 4.0) / (1 / 2.0 + 2 / 3.0 + 3 / 4.0),
            Score(AllQueries with { ExcludeCurrentToken = true }));

        // 1/2 is missing in row 1; 2/3 and 1/3 differ in row 2, 3/4 and 1/4 and 1/4 in row 3.
        Near(1 - (1 / 2.0 + 2 / 3.0 + 1 / 3.0 + 3 / 4.0 + 1 / 2.0) / 4, Score(Difference with
        {
            ExcludeCurrentToken = true,
        }));

        static double Score(HeadPatternOptions options) =>
            HeadPatternDetector.Score(Even, HeadPatternKind.PreviousToken, options)[Only];
    }

    [Fact]
    public void By_default_a_score_is_the_mean_attention_of_the_queries_that_have_an_expected_key()
    {
        Near((1 / 2.0 + 1 / 3.0 + 1 / 4.0) / 3, Score(Even, HeadPatternKind.PreviousToken, new()));
        Near((1 / 3.0 + 1 / 4.0) / 2, Score(Even, HeadPatternKind.PreviousToken, new() { Positions = [2, ^1] }));

        // The first query has no token before it: chosen, it still is not scored, unless all queries are.
        Near(1 / 4.0, Score(Even, HeadPatternKind.PreviousToken, new() { Positions = [0, 3] }));
        Near(1 / 8.0, Score(Even, HeadPatternKind.PreviousToken, AllQueries with { Positions = [0, 3] }));

        // Of 5 6 5 6, the last two tokens occurred before: their keys are 1 and 2, of three and of four seen.
        var repeated = Of([5, 6, 5, 6], null, [.. Even[new(Activation.Pattern, 0)].Values]);
        Near((1 / 3.0 + 1 / 4.0) / 2, Score(repeated, HeadPatternKind.Induction, new()));
        Near((1 / 3.0 + 1 / 4.0) / 4, Score(repeated, HeadPatternKind.Induction, AllQueries));
        Near((1 / 3.0 + 1 / 4.0) / 2, Score(repeated, HeadPatternKind.DuplicateToken, new()));

        static double Score(Recording run, HeadPatternKind kind, HeadPatternOptions options) =>
            HeadPatternDetector.Score(run, kind, options)[Only];
    }

    [Fact]
    public void Chosen_queries_alone_need_to_be_recorded()
    {
        float[] rows = [.. Even[new(Activation.Pattern, 0)].Values];
        var run = new Recording(
            new("a model"), [7, 8, 9, 10], null, [new(new(Activation.Pattern, 0), [2, 3], [0], 4, [.. rows[8..]])]);
        var options = new HeadPatternOptions { Positions = [2, 3] };
        Assert.Equal(
            HeadPatternDetector.Score(Even, HeadPatternKind.PreviousToken, options),
            HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken, options));
        Assert.Contains(
            "Position 1 of Pattern of layer 0 was not recorded",
            Assert.Throws<NotRecordedException>(() => HeadPatternDetector.Score(
                run, HeadPatternKind.PreviousToken, new() { Positions = [1] })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_scores_each_prompt_as_alone()
    {
        using var device = new CpuDevice();
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        int[][] prompts = [[5, 6, 7, 5, 6, 7, 5], [1, 2, 3], [4, 4, 4, 9]];
        var batch = HeadPatternDetector.ScoreAll(
            model, [.. prompts.Select(ids => new AnalysisPrompt([.. ids]))], HeadPatternKind.Induction);
        foreach (var (ids, scores) in prompts.Zip(batch.Scores))
            Assert.Equal(
                HeadPatternDetector.Score(
                    new Recorder(model).Record(ids, HeadPatternDetector.Captures()), HeadPatternKind.Induction),
                scores);

        // Nothing repeats in the second prompt: it has no score.
        Assert.All(batch.Scores[1].Values, score => Assert.Equal(double.NaN, score));
        Assert.All(batch.Mean, one => Assert.Equal(
            MeanAndSpread.Of(batch.Scores[0][one.Key], batch.Scores[2][one.Key]), one.Value));
        Assert.All(batch.Mean, one => Assert.Equal((2, true), (one.Value.Count, one.Value.Spread > 0)));
    }

    [Fact]
    public void A_batch_scores_padded_prompts_as_those_without_padding()
    {
        using var device = new CpuDevice();
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        AnalysisPrompt[] padded =
        [
            new([0, 0, 5, 6, 7, 5, 6]) { AttentionMask = [0, 0, 1, 1, 1, 1, 1] },
            new([4, 9, 4, 9, 0]) { AttentionMask = [1, 1, 1, 1, 0] },
        ];
        AnalysisPrompt[] plain = [new([5, 6, 7, 5, 6]), new([4, 9, 4, 9])];
        foreach (var kind in Enum.GetValues<HeadPatternKind>())
        {
            var (expected, found) = (HeadPatternDetector.ScoreAll(model, plain, kind),
                HeadPatternDetector.ScoreAll(model, padded, kind));
            Assert.Equal(padded.Select(prompt => prompt.AttentionMask), found.AttentionMasks);
            foreach (var (one, other) in expected.Scores.Zip(found.Scores))
                Assert.All(one, score => Assert.Equal(score.Value, other[score.Key], PatchingCase.Tolerance));
            Assert.All(found.Mean, one => Assert.Equal(2, one.Value.Count));

            // A recorded run brings its mask along.
            AnalysisPrompt[] recorded =
            [
                .. padded.Select(prompt => AnalysisPrompt.Of(new Recorder(model).Record(
                    prompt.TokenIds,
                    HeadPatternDetector.Captures(),
                    new() { AttentionMask = prompt.AttentionMask }))),
            ];
            var read = HeadPatternDetector.ScoreAll(model, recorded, kind);
            Assert.Equal(found.Scores, read.Scores);
            Assert.Equal(found.AttentionMasks, read.AttentionMasks);
        }
    }

    [Fact]
    public void A_batch_records_the_layers_of_its_heads_alone()
    {
        var watched = new WatchedDevice();
        using var tiny = new TinyQwen2();
        using var model = tiny.On(watched);
        AnalysisPrompt[] prompts = [new([5, 6, 7, 5, 6, 7, 5])];
        HeadIndex[] heads = [new(1, 5), new(0, 1), new(1, 2)];
        var all = HeadPatternDetector.ScoreAll(model, prompts, HeadPatternKind.Induction);
        watched.Operations.Clear();
        var some = HeadPatternDetector.ScoreAll(model, prompts, HeadPatternKind.Induction, null, heads);
        Assert.Equal(2, watched.Operations.Count(name => name is "Pattern" or "CausalSoftmax"));
        Assert.Equal(heads.Order(), some.Scores[0].Keys);
        Assert.All(some.Scores[0], one => Assert.Equal(all.Scores[0][one.Key], one.Value));
    }

    [Fact]
    public void A_batch_that_asks_for_something_wrong_does_not_run()
    {
        var watched = new WatchedDevice();
        using var tiny = new TinyQwen2();
        using var model = tiny.On(watched);
        _ = ModelFingerprint.Of(model);
        watched.Operations.Clear();
        AnalysisPrompt good = new([5, 6, 7]);
        Refused("9 is no measure of a pattern.", options: new() { Measure = (PatternMeasure)9 });
        Refused("9 is no choice of queries.", options: new() { Queries = (PatternQueries)9 });
        Refused("9 is no kind of head.", kind: (HeadPatternKind)9);
        Refused("L3H0: the model has layers 0 to 2", heads: [new(0, 0), new(3, 0)]);
        Refused("There is no head to score: at least one is needed.", heads: []);
        Refused("A position is given twice: 2, 2.", options: new() { Positions = [2, ^1] });
        Refused("The prompt has 1 token, expected 2 at least", prompts: [good, new([5])]);
        Refused("There is no prompt: at least one is needed.", prompts: []);
        Refused(
            "Position 2 is padding, expected that of a token.",
            [good, new([5, 6, 7]) { AttentionMask = [1, 1, 0] }], options: new() { Positions = [^1] });
        Assert.Empty(watched.Operations);

        void Refused(
            string message,
            AnalysisPrompt[]? prompts = null,
            HeadPatternKind kind = default,
            HeadPatternOptions? options = null,
            HeadIndex[]? heads = null) => Assert.StartsWith(
                message,
                Assert.ThrowsAny<ArgumentException>(() => HeadPatternDetector.ScoreAll(
                    model, prompts ?? [good, good], kind, options, heads)).Message,
                StringComparison.Ordinal);
    }

    // 0.3567 of the attention of four rows, and three cells asked for.
    [Fact]
    public void Rounded_to_three_digits_they_are_those_published()
    {
        const float Share = 4 * 0.3567f / 3;
        float[] rows =
        [
            1, 0, 0, 0, Share, 1 - Share, 0, 0, 0, Share, 1 - Share, 0, 0, 0, Share, 1 - Share,
        ];
        var run = Of([7, 8, 9, 10], null, [.. rows]);
        Near(0.3567, HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken, AllQueries)[Only]);
        var difference = HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken, Difference)[Only];
        Assert.Equal(-0.037, Math.Round(difference, 3));
    }

    [Fact]
    public void Where_nothing_repeats_scores_are_zero_and_no_query_has_a_key()
    {
        foreach (var kind in (HeadPatternKind[])[HeadPatternKind.DuplicateToken, HeadPatternKind.Induction])
        {
            Assert.Equal(0, HeadPatternDetector.Score(Even, kind, AllQueries)[Only]);
            Near(0, HeadPatternDetector.Score(Even, kind, Difference)[Only]);
            Assert.Equal(double.NaN, HeadPatternDetector.Score(Even, kind)[Only]);
        }
    }

    [Fact]
    public void Where_no_attention_is_left_there_is_no_share()
    {
        var run = Of([1, 2], null, [1, 0, 0.5f, 0.5f]);
        var options = new HeadPatternOptions { ExcludeFirstPosition = true, ExcludeCurrentToken = true };
        Assert.Equal(double.NaN, HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken, options)[Only]);
        Assert.Equal(1, HeadPatternDetector.Score(
            run, HeadPatternKind.PreviousToken, Difference with
            {
                ExcludeFirstPosition = true,
                ExcludeCurrentToken = true,
            })[Only]);
    }

    [Fact]
    public void Padding_counts_for_nothing()
    {
        // The same four tokens, with padding before and between them.
        float[] even = [.. Even[new(Activation.Pattern, 0)].Values];
        var padded = new float[7 * 7];
        int[] places = [2, 3, 5, 6];
        for (var query = 0; query < 4; query++)
            for (var key = 0; key < 4; key++)
                padded[places[query] * 7 + places[key]] = even[query * 4 + key];
        var run = Of([0, 0, 7, 8, 0, 9, 10], [0, 0, 1, 1, 0, 1, 1], [.. padded]);
        foreach (var kind in Enum.GetValues<HeadPatternKind>())
            foreach (var options in (HeadPatternOptions[])[new(), Difference with { ExcludeFirstPosition = true }])
                Assert.Equal(
                    HeadPatternDetector.Score(Even, kind, options), HeadPatternDetector.Score(run, kind, options));

        // A given pattern includes the padding; its cells there are ignored.
        var cells = new int[7, 7];
        (cells[3, 2], cells[5, 3], cells[6, 5], cells[1, 0], cells[4, 3]) = (1, 1, 1, 1, 1);
        Assert.Equal(
            HeadPatternDetector.Score(Even, HeadPatternKind.PreviousToken),
            HeadPatternDetector.Score(run, DetectionPattern.Of(cells)));
    }

    [Fact]
    public void Prompts_of_any_length_count_alike()
    {
        var other = Of([1, 2], null, [1, 0, 0.5f, 0.5f]);
        Scores[] scores =
        [
            .. new[] { Even, other }.Select(run => HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken)),
        ];
        Near((scores[0][Only] + scores[1][Only]) / 2, HeadPatternDetector.Average(scores)[Only]);
        Assert.Equal(scores[0], HeadPatternDetector.Average(scores[0]));
    }

    public static TheoryData<string, Func<Scores>> WrongCalls => new()
    {
        {
            "The prompt has 1 token, expected 2 at least: one alone attends to itself only.",
            () => PreviousToken(Of([1], null, [1]))
        },
        {
            "The prompt has 1 token, expected 2 at least: one alone attends to itself only.",
            () => PreviousToken(Of([1, 2], [0, 1], [0.5f, 0.5f, 0, 1]))
        },
        {
            "The detection pattern is for 2 positions, expected 4, those of the prompt.",
            () => HeadPatternDetector.Score(Even, DetectionPattern.Of(new int[2, 2]))
        },
        {
            "Pattern of layer 1 was not recorded: ask for Pattern when recording.",
            () => HeadPatternDetector.Score(Even, HeadPatternKind.PreviousToken, heads: [new(1, 0)])
        },
        {
            "Head 1 of Pattern of layer 0 was not recorded: heads 0 were.",
            () => HeadPatternDetector.Score(Even, HeadPatternKind.PreviousToken, heads: [new(0, 1)])
        },
        {
            "No pattern was recorded: ask for Pattern when recording.",
            () => PreviousToken(new(new("m"), [1, 2], null, [new(Site.Embedding, [0, 1], [], 1, [1, 2])]))
        },
        {
            "Pattern of layer 0 was recorded at 1 positions, expected all 2 of the prompt.",
            () => PreviousToken(new(new("m"), [1, 2], null, [new(new(Activation.Pattern, 0), [1], [0], 2, [0, 1])]))
        },
        {
            "9 is no measure of a pattern. (Parameter 'Measure')",
            () => HeadPatternDetector.Score(
                Even, HeadPatternKind.PreviousToken, new() { Measure = (PatternMeasure)9 })
        },
        {
            "9 is no choice of queries. (Parameter 'Queries')",
            () => HeadPatternDetector.Score(
                Even, HeadPatternKind.PreviousToken, new() { Queries = (PatternQueries)9 })
        },
        {
            "A position is given twice: 3, 3.",
            () => HeadPatternDetector.Score(Even, HeadPatternKind.PreviousToken, new() { Positions = [3, ^1] })
        },
        {
            "Position 0 is padding, expected that of a token.",
            () => HeadPatternDetector.Score(
                Of([1, 2, 3], [0, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0.5f, 0.5f]),
                HeadPatternKind.PreviousToken,
                new() { Positions = [0] })
        },
        {
            "There are no scores to average: those of one prompt at least are needed.",
            () => HeadPatternDetector.Average()
        },
        {
            "Scores of heads L0H1 cannot be averaged with those of L0H0: the same heads are needed for every prompt.",
            () => HeadPatternDetector.Average(Scores.Empty.Add(Only, 1), Scores.Empty.Add(new(0, 1), 1))
        },
    };

    [Theory]
    [MemberData(nameof(WrongCalls))]
    public void A_wrong_call_says_what_is_wrong(string message, Func<Scores> call) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(call).Message);

    static Scores PreviousToken(Recording run) => HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken);

    [Fact]
    public void Only_the_heads_asked_for_are_scored_and_the_pattern_is_left_as_it_is()
    {
        using var device = new CpuDevice();
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        int[] prompt = [5, 6, 7, 5, 6, 7, 5];
        var run = new Recorder(model).Record(prompt, [new(Activation.Pattern) { Layers = [0, 2] }]);
        var before = run.Sites.Select(site => run[site].Values.ToArray()).ToArray();
        var options = new HeadPatternOptions { ExcludeFirstPosition = true, ExcludeCurrentToken = true };
        var all = HeadPatternDetector.Score(run, HeadPatternKind.Induction, options);
        Assert.Equal(2 * 6, all.Count);
        HeadIndex[] asked = [new(2, 5), new(0, 1), new(2, 5)];
        var some = HeadPatternDetector.Score(run, HeadPatternKind.Induction, options, asked);
        Assert.Equal([new(0, 1), new(2, 5)], some.Keys);
        Assert.All(some, one => Assert.Equal(all[one.Key], one.Value));
        Assert.Equal(before, run.Sites.Select(site => run[site].Values.ToArray()));
        Assert.All(before[0].Chunk(7), row => Assert.Equal(1, row.Sum(), 1e-5));
    }

    static HeadPatternOptions AllQueries { get; } = new() { Queries = PatternQueries.All };

    static HeadPatternOptions Difference { get; } =
        AllQueries with { Measure = PatternMeasure.AbsoluteDifference };

    static void Near(double expected, double found) => Assert.Equal(expected, found, 1e-6);

    static Recording Of(ImmutableArray<int> ids, ImmutableArray<int>? mask, ImmutableArray<float> rows) =>
        new(new("a model"), ids, mask, [new(
            new(Activation.Pattern, 0), [.. Enumerable.Range(0, ids.Length)], [0], ids.Length, rows)]);
}
