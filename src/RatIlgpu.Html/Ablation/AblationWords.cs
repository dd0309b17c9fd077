using RatIlgpu.Analysis;
using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The facts and sentences of a page of a study of ablation.</summary>
static class AblationWords
{
    const int MostNamed = 8;

    /// <summary>What is said where a number has no meaning, since an output is zero.</summary>
    public const string NoOutput = "no output";

    /// <summary>The sentences of the help about the two measures of outputs.</summary>
    public static readonly ImmutableArray<(string What, string Meaning)> Measures =
    [
        ("NIP", "Normalised inner product ⟨x, y⟩ / |x|² of what attention writes in a layer without the change, x, and "
            + "with it, y. 1: y has all of x; 0: nothing of it; above 1: more of it; below 0: the opposite. No output: "
            + "x is zero."),
        ("Cosine", "⟨x, y⟩ / (|x| |y|): whether y points where x does, however long it is. No output: one of them is "
            + "zero."),
        ("± spread", "The sample standard deviation over the samples, the band of a line. With few samples it says "
            + "little of the mean."),
    ];

    /// <summary>Returns the sentences of the help of a study.</summary>
    /// <param name="everywhere">Whether all positions are changed.</param>
    public static ImmutableArray<(string What, string Meaning)> MeaningsOf(bool everywhere) =>
    [
        ("Condition", $"Heads, or their values, and what is put in their place at {Where(everywhere)}: zero; mean, "
            + "that over all samples at about as early positions; resample, that of the next sample; knock-out, "
            + "attention that does not see the position; redirect, attention to the first token alone."),
        .. Measures,
        ("KL", "Σ p log(p / q), in nats, of the next token without the change, p, and with it, q; the mean over "
            + (everywhere ? "all positions." : "the positions from the changed one on.")),
        ("Changed", "The share of these positions whose most probable next token is another one."),
        ("Through layers", everywhere
            ? "Means over all positions and over the samples. Layers after the changed one show what passes on; "
                + "earlier layers do not change. The dotted line is 1: no change."
            : "Means over the samples at the changed position. Layers after the changed one show what passes on; "
                + "earlier layers and earlier positions do not change. The dotted line is 1: no change."),
        ("Sample", (everywhere ? "" : "The changed position is framed. Numbers of a sample begin there. ")
            + "A token's shade is the number that is chosen for the text."),
        ("Attention", "Of the first samples, the heads whose patterns change most under the condition (by total "
            + "variation): without the change, with it, and the difference. A row is a token that looks, a column one "
            + "that is looked at. Blue of a difference is more attention with the change, orange less; its scale ends "
            + "at the largest difference of the head."),
        ("Values", "The lengths of the values that the changed heads read, by position, without the change. Heads of "
            + "one group read the same values."),
        ("Zero", "A zero is unlike anything that a head writes: later layers then see what they never saw in training. "
            + "Compare it with the mean, and look at KL before you call a head important."),
        TraceWords.SignMeaning,
        ("Precision", "Means and spreads are those of the command's JSON. Numbers of single positions have 16 binary "
            + "digits, attention steps of 0.00025."),
        ("Export", "SVG and PNG show the grid and the lines; CSV has a row for each condition and layer; JSON has the "
            + "means, and the numbers of each sample by position."),
    ];

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["Tab"], "into a matrix or the text"),
        (["←", "→", "↑", "↓"], "to the next cell or token"),
        (["Enter", "Space"], "choose the condition, or keep the position"),
        (["Esc"], "keep no position"),
        (["[", "]"], "previous or next condition"),
        (["{", "}"], "previous or next sample"),
        (["/"], "find a token; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    /// <summary>Returns the title of a page.</summary>
    public static string TitleOf(AblationPageOptions options, string usual) =>
        TraceWords.TitleOf(options.Title, options.Origin, usual);

    /// <summary>Returns the facts at the top of the page of a study, in reading order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(AblationReport report, AblationPageOptions options)
    {
        if (options.Model is { } model)
            yield return ("Model", TraceWords.Name(model.Name));
        yield return ("Taken away", PartOf(report.Conditions[0].Condition));
        yield return ("Heads", Listed(report.Conditions.SelectMany(one => one.Condition.Heads).Distinct().Order()));
        var kinds = report.Conditions.Select(one => KindOf(one.Condition.Kind)).Distinct();
        yield return ("Kinds", string.Join(", ", kinds));
        yield return ("Samples", SamplesOf(report.Samples.Select(one => one.Sample)));
        yield return ("Changed", ChangedIn(report.Options.Everywhere));
        var alone = AloneInMean(report);
        if (!alone.IsEmpty)
            yield return ("No change by the mean", $"sample {string.Join(", ", alone.Select(place => place + 1))}, "
                + "whose mean is of one value alone");
    }

    static ImmutableArray<int> AloneInMean(AblationReport report) =>
        report.Conditions.Any(one => one.Condition is { Kind: AblationKind.Mean, Components: null })
            ? AblationSample.AloneInMean(
                [.. report.Samples.Select(one => one.Sample)], report.Options.Everywhere)
            : [];

    /// <summary>Names the positions that are changed, as a part of a sentence.</summary>
    public static string Where(bool everywhere) => everywhere ? "all positions" : "the changed position";

    /// <summary>Says what a condition takes away.</summary>
    public static string PartOf(AblationCondition condition) => condition.Part switch
    {
        AblatedPart.Head => "outputs of heads",
        AblatedPart.Value => "values of heads",
        _ => "components of queries and keys",
    };

    /// <summary>Says at which positions something is changed.</summary>
    public static string ChangedIn(bool everywhere) => everywhere ? "all positions" : "one position of each sample";

    /// <summary>Says how many samples there are, and how long.</summary>
    public static string SamplesOf(IEnumerable<AblationSample> samples)
    {
        var lengths = samples.Select(sample => sample.Ids.Length).ToList();
        var (least, most) = (lengths.Min(), lengths.Max());
        return FormattableString.Invariant($"{lengths.Count} of ")
            + (least == most ? CountText.Of(most, "token")
                : FormattableString.Invariant($"{least} to {most} tokens"));
    }

    /// <summary>Returns the word of a kind.</summary>
    public static string KindOf(AblationKind kind) => kind == AblationKind.KnockOut
        ? "knock-out"
        : kind.ToString().ToLowerInvariant();

    /// <summary>Names some heads.</summary>
    public static string Listed(IEnumerable<HeadIndex> heads)
    {
        var names = heads.Select(head => head.ToString()).ToList();
        return string.Join(", ", names.Take(MostNamed))
            + (names.Count <= MostNamed ? "" : FormattableString.Invariant($" and {names.Count - MostNamed} more"));
    }

    /// <summary>Returns a number of a table; a number that is not there is <see cref="NoOutput"/>.</summary>
    public static string Number(double? number) =>
        number is { } some && double.IsFinite(some) ? some.ToString("F3", CultureInfo.InvariantCulture) : NoOutput;

    /// <summary>Returns a mean with its spread, if there is one.</summary>
    public static string Spread(MeanAndSpread number) =>
        Number(number.Mean) + (double.IsFinite(number.Spread) ? $" ± {Number(number.Spread)}" : "");

    /// <summary>Returns a divergence with its spread, in three digits: small ones differ by powers of ten.</summary>
    public static string Divergence(MeanAndSpread number) =>
        Digits(number.Mean) + (double.IsFinite(number.Spread) ? $" ± {Digits(number.Spread)}" : "");

    /// <summary>Returns a number in three digits.</summary>
    public static string Digits(double number) => number.ToString("G3", CultureInfo.InvariantCulture);
}
