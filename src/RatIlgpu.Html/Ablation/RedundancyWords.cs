using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The sentences of the pages of the two tests.</summary>
static class RedundancyWords
{
    // Of less than this, an interaction is none.
    const double Least = 0.02;

    public static readonly ImmutableArray<(string What, string Meaning)> OfTest =
    [
        ("Redundancy", "Do heads read from the token before all that matters there? A: the outputs of the heads are "
            + "zero at t, or components are taken out of the queries at t and the keys at t − 1. "
            + "B: the values at t − 1 are zero, of all heads of the layer or of chosen ones. A and B: both."),
        ("Bars", "What attention writes at t in the layer, of two runs: none is the run without a change. The line is "
            + "± the spread over the samples."),
        .. AblationWords.Measures,
        ("R", "1 − (1 − NIP(A, A and B)) / (1 − NIP(none, B)), in the layer of the heads. 1: what B takes away, A had "
            + "taken away; 0: nothing of it. Undefined where B changes nothing, or where nothing is left without A."),
        ("Interaction", "E(A and B) − E(A) − E(B) with E = 1 − NIP(none, x). Below 0: both take the same away. 0: they "
            + "add up. Above 0: each does what the other would."),
        ("Later layers", "They read what the layer wrote, at t and at later positions; R is not about them."),
        TraceWords.SignMeaning,
        Export,
    ];

    public static readonly ImmutableArray<(string What, string Meaning)> OfSweep =
    [
        ("Sweep", "The values at t − o are zero for all heads of the layer, at one distance o after the other: alone "
            + "(values), and with the outputs of the heads zero at t, or components taken out (both). The difference "
            + "is values less both. All are compared with the run without a change."),
        ("Where the dip is", "A head that reads the token before shows as a dip of the values at o = 1. Without the "
            + "head, the curve of both is flat there: it dips no more, since who read that token is gone. A dip that "
            + "stays in both is of other heads."),
        ("Dashed line", "Without the heads or the components alone, and all values there. The dotted line is 1: no "
            + "change."),
        .. AblationWords.Measures,
        TraceWords.SignMeaning,
        Export,
    ];

    static (string What, string Meaning) Export =>
        ("Export", "SVG and PNG show the picture as it stands; CSV has its numbers in all layers; JSON is that of the "
            + "command.");

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["Tab"], "into the text"),
        (["←", "→"], "to the next token"),
        ([",", "."], "previous or next layer"),
        (["{", "}"], "previous or next sample"),
        (["/"], "find a token"),
        (["?"], "this help"),
    ];

    /// <summary>Returns the title of a page that has no other.</summary>
    public static string TitleOf(RedundancyReport report) => $"Redundancy of {TakenIn(report.Components)} and values";

    /// <summary>Returns the title of a page that has no other.</summary>
    public static string TitleOf(OffsetSweep sweep) =>
        $"Values by distance, with {TakenIn(sweep.Components)} and without";

    static string TakenIn(AblatedComponents? components) => components is null ? "heads" : "components";

    /// <summary>Says what a test found.</summary>
    public static IEnumerable<string> Findings(RedundancyReport report)
    {
        var heads = report.Removed;
        var own = report.ValueHeads == report.Heads && report.Components is null
            ? "the values of these heads"
            : $"the values of {AblationWords.Listed(report.ValueHeads)}";
        yield return Index(heads, "the values of all heads", report.Redundancy);
        yield return Interaction("the values of all heads", report.Interaction);
        yield return Index(heads, own, report.OwnRedundancy);
        yield return Interaction(own, report.OwnInteraction);
    }

    /// <summary>Says where the curves of a sweep are lowest in the layer of the heads.</summary>
    public static IEnumerable<string> Findings(OffsetSweep sweep)
    {
        if (sweep.Layers.IsEmpty)
            yield break;
        var (layer, heads) = (sweep.Layers[0], sweep.Removed);
        var seen = layer.Points.Where(point => point.Values.Projection.Count > 0).ToList();
        if (seen.Count == 0)
        {
            yield return $"Layer {layer.Layer} writes nothing at t: there is no output to compare.";
            yield break;
        }

        var lowest = seen.MinBy(point => point.Values.Projection.Mean)!;
        yield return FormattableString.Invariant($"In layer {layer.Layer} the values matter most ")
            + FormattableString.Invariant($"{lowest.Offset} back: without them NIP is ")
            + $"{AblationWords.Number(lowest.Values.Projection.Mean)}, and "
            + $"{AblationWords.Number(lowest.Both.Projection.Mean)} without {heads} too.";
        yield return $"Without {heads} alone, NIP is "
            + $"{AblationWords.Number(layer.HeadsAlone.Projection.Mean)}.";
    }

    static string Index(string heads, string values, double? index) => index is { } value
        ? $"R = {AblationWords.Number(value)} for {values} at t − 1: without {heads}, "
            + (value > 1.05 ? "what is left of them acts the other way."
                : value > 0.95 ? "hardly anything of what they give is left."
                : value > 0.5 ? "most of what they give is gone."
                : value > 0.05 ? "some of what they give is gone."
                : value > -0.05 ? "what they give is as before."
                : "they give more than before.")
        : $"R for {values} at t − 1 is undefined: they change nothing, or nothing is left without {heads}.";

    static string Interaction(string values, double? interaction) => interaction is { } value
        ? $"Interaction with {values}: {AblationWords.Number(value)}, "
            + (value < -Least ? "so both take the same away."
                : value > Least ? "so each does what the other would."
                : "so the two add up.")
        : $"Interaction with {values}: undefined, since there is no output.";
}
