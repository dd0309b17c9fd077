using RatIlgpu.Analysis;
using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The facts, names and sentences of a page of two checkpoints.</summary>
static class DiffWords
{
    public static readonly ImmutableArray<(string What, string Meaning)> Meanings =
    [
        ("Relative change", "‖B − A‖ / ‖A‖, Frobenius norms: 0 is no change, 1 a change as large as the weight itself. "
            + "– where A is zero and B is not."),
        ("Rank", "How many directions the change has: its singular values above 1/10,000 of the largest and above what "
            + "the rounding of stored numbers makes. A merged adapter (LoRA) has that of the adapter, a full training "
            + "all. Of large matrices, ranks up to 64 are found."),
        ("Effective rank", "The exponential of the entropy of the shares of the squared singular values: how many "
            + "directions have most of the change."),
        ("Jensen-Shannon", "How far the attention of A and B is apart, in nats: 0 is alike, ln 2 = 0.693 no key in "
            + "common. The mean over all queries but the first of each text."),
        ("Attention moved", "The share of a query's attention that goes to other keys (total variation)."),
        ("Scores, B − A", "The difference of the excess over chance of a score. Blue is more in B, orange less. Scores "
            + "differ where the 95 % intervals of A and B do not meet."),
        ("KL(A ‖ B)", "How far the prediction of the next token is from that of A, in nats, at each position."),
        ("Hatched", "There is no such number."),
        TraceWords.SignMeaning,
        ("Export", "SVG and PNG are both matrices as they stand; CSV has all numbers of all heads; JSON is the file of "
            + "the command, with all numbers."),
    ];

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["Tab"], "into the matrices, the list, the text"),
        (["←", "→", "↑", "↓"], "to the next cell or token"),
        (["Enter", "Space"], "keep a head, a weight or a token, or let it go"),
        (["Esc"], "let go"),
        (["[", "]"], "previous or next head"),
        ([",", "."], "previous or next number of the heads"),
        (["{", "}"], "previous or next text"),
        (["/"], "find heads by name; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    /// <summary>Returns the title of a page.</summary>
    public static string TitleOf(CheckpointDiff diff, DiffPageOptions options) => TraceWords.TitleOf(
        options.Title, options.Origin, $"{TraceWords.Name(diff.A.Name)} → {TraceWords.Name(diff.B.Name)}");

    /// <summary>Returns the facts at the top of the page, in reading order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(CheckpointDiff diff)
    {
        yield return ("A", TraceWords.Name(diff.A.Name));
        yield return ("B", TraceWords.Name(diff.B.Name));
        yield return ("Heads", Invariant(
            $"{CountText.Of(diff.LayerCount, "layer")} × {diff.HeadCount}, ")
            + $"{CountText.Of(diff.KeyValueHeadCount, "key/value head")} each");
        var changed = diff.Weights.Count(weight => weight.Whole.Norm > 0);
        yield return ("Weights changed", Invariant($"{changed} of {diff.Weights.Length}"));
        if (diff.Texts is { } texts)
        {
            yield return ("Texts", TraceWords.Name(texts.Origin));
            yield return (
                "Positions", $"{texts.PositionCount} in {CountText.Of(texts.Texts.Length, "sequence")}");
            if (texts.MeanKl is { } kl)
            {
                yield return ("Mean KL(A ‖ B)", $"{Number(kl)} nats");
                yield return ("Predictions changed", Invariant($"{texts.Predictions.Length}"));
            }

            if (texts is { LossA: { } a, LossB: { } b })
                yield return ("Loss", $"A {Number(a)}, B {Number(b)} nats");
        }

        if (diff.Scores is { } scores)
            yield return ("Scores that differ", Invariant(
                $"{scores.Changes.Count(change => change.Differs == true)} of {scores.Changes.Length}"));
    }

    public static string NameOf(WeightPart part) => part switch
    {
        WeightPart.Embedding => "Embedding",
        WeightPart.AttentionGain => "Attention norm",
        WeightPart.Query => "Query",
        WeightPart.QueryBias => "Query bias",
        WeightPart.QueryGain => "Query norm",
        WeightPart.Key => "Key",
        WeightPart.KeyBias => "Key bias",
        WeightPart.KeyGain => "Key norm",
        WeightPart.Value => "Value",
        WeightPart.ValueBias => "Value bias",
        WeightPart.Output => "Output",
        WeightPart.MlpGain => "MLP norm",
        WeightPart.Gate => "Gate",
        WeightPart.Up => "Up",
        WeightPart.Down => "Down",
        WeightPart.FinalGain => "Final norm",
        _ => "Unembedding",
    };

    /// <summary>Returns the name of a part in addresses and tables.</summary>
    public static string IdOf(WeightPart part) => JsonNamingPolicy.KebabCaseLower.ConvertName(part.ToString());

    /// <summary>Says which block of a part a query head has.</summary>
    public static string BlockOf(WeightPart part) => part switch
    {
        WeightPart.Query => "rows of the query matrix",
        WeightPart.Key => "rows of the key matrix, which the heads of a group share",
        WeightPart.Value => "rows of the value matrix, which the heads of a group share",
        WeightPart.Output => "columns of the output matrix",
        WeightPart.QueryBias => "part of the query bias",
        WeightPart.KeyBias => "part of the key bias, which the heads of a group share",
        _ => "part of the value bias, which the heads of a group share",
    };

    /// <summary>Returns the rank of a change; more than are looked for is said so.</summary>
    public static string RankOf(BlockChange block) =>
        block.Rank is { } rank ? Invariant($"{rank}") : Invariant($"> {BlockChange.MostRank}");

    /// <summary>Returns a relative change in percent; a dash where there is none.</summary>
    public static string Relative(BlockChange block) => block.Relative switch
    {
        null => "–",
        0 => "0",
        < 1e-4 and var small => (small * 100).ToString("0.0E+0", CultureInfo.InvariantCulture) + " %",
        var value => (value.Value * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %",
    };

    /// <summary>Returns a number with four digits; a dash where there is none.</summary>
    public static string Number(double? number) => number is { } value && double.IsFinite(value)
        ? value.ToString(value != 0 && Math.Abs(value) < 1e-4 ? "0.0E+0" : "0.####", CultureInfo.InvariantCulture)
        : "–";

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
