using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Prediction tables, made without a model: changes of the logits of a small vocabulary.</summary>
static class SamplePredictions
{
    /// <summary>The vocabulary; a token's id is its place plus 100.</summary>
    public static readonly string[] Words =
    [
        "When", " Mary", " and", " John", " went", " to", " the", " store", "\n", "rock", ",", " paper", " scissors",
        " pepper", "salt", " Vinegar", " lightning", " unquestionably", "]]>", " 2", " 3",
    ];

    public static readonly PredictionPageOptions Told = new()
    {
        Model = new("qwen2-sample", 4, 14) { KeyHeadCount = 2 },
        Origin = new() { Title = "Salt & pepper", Command = "ratilgpu predict --crafted", Version = "1.2.3" },
    };

    /// <summary>Makes tables.</summary>
    /// <param name="prompts">The number of prompts.</param>
    /// <param name="top">The most tokens that rise or fall.</param>
    /// <param name="words">The number of words of the vocabulary that are used.</param>
    public static PredictionTableReport Report(int prompts = 1, int top = 6, int words = 21)
    {
        var random = new Random(5);
        HeadIndex[] heads = [new(1, 3), new(2, 11)];
        return new(
            new() { Top = top, Masked = [7] }, [.. heads], true,
            [.. Enumerable.Range(0, prompts).Select(place => Table(place, heads, random, top, words))]);
    }

    /// <summary>Makes a table of hostile tokens.</summary>
    public static (PredictionTableReport Report, Func<int, TokenText> Tokens) Hostile()
    {
        string[] words = ["start", .. SampleTrace.Hostile, "end"];
        var report = Report(top: words.Length, words: words.Length);
        var prompt = report.Prompts[0];
        return (
            report with
            {
                Prompts =
                [
                    prompt with
                    {
                        Prompt = new([.. Enumerable.Range(100, words.Length)], words.Length - 1, "</option><b>"),
                        Rows =
                        [
                            .. prompt.Rows.Select(row => row with
                            {
                                Condition = row.Condition with { Name = "<img onerror=x>" + row.Condition.Name },
                            }),
                        ],
                    },
                ],
            },
            id => new(id, words[id - 100], []));
    }

    public static TokenText Token(int id) => new(id, Words[id - 100], []);

    static PromptPredictions Table(int place, HeadIndex[] heads, Random random, int top, int words)
    {
        PredictionCondition[] conditions =
        [
            new(PredictionConditionKind.Baseline, [], null, "baseline"),
            new(PredictionConditionKind.Heads, [heads[0]], null, "L1H3: outputs at t"),
            new(PredictionConditionKind.Heads, [heads[1]], null, "L2H11: outputs at t"),
            new(PredictionConditionKind.Heads, [.. heads], null, "L1H3, L2H11: outputs at t"),
            new(PredictionConditionKind.PreviousValues, [], 1, "layer 1: values at t−1"),
            new(PredictionConditionKind.LayerValues, [], 1, "layer 1: values up to t"),
            new(PredictionConditionKind.AllValues, [], null, "all layers: values up to t"),
        ];
        var before = Logits(random, words);
        return new(
            new(
                [.. Enumerable.Range(0, 4 + place).Select(at => 100 + (at % 8)), 108], 4 + place,
                place == 0 ? "" : $"binomials {place}"),
            [.. conditions.Select((one, row) => Row(one, before, row == 0 ? before : Logits(random, words), top))]);
    }

    static PredictionRow Row(PredictionCondition condition, double[] before, double[] after, int top)
    {
        var (was, now) = (Array.IndexOf(before, before.Max()), Array.IndexOf(after, after.Max()));
        TokenChange[] moved =
            [.. after.Select((logit, place) => new TokenChange(100 + place, logit - before[place]))];
        var change = after[was] - before[was];
        var log = change - (LogSum(after) - LogSum(before));
        return new(
            condition, new(100 + now, after[now], Math.Exp(after[now] - LogSum(after))), was == now, change, log,
            Enumerable.Range(0, before.Length).Sum(id => Math.Exp(before[id] - LogSum(before))
                * (before[id] - LogSum(before) - after[id] + LogSum(after))),
            [.. moved.Where(one => one.Change > 0).OrderByDescending(one => one.Change).Take(top)],
            [.. moved.Where(one => one.Change < 0).OrderBy(one => one.Change).Take(top)]);
    }

    static double LogSum(double[] logits) => Math.Log(logits.Sum(Math.Exp));

    static double[] Logits(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (double)((random.NextSingle() * 8) - 2))];
}
