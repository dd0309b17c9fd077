using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The names, facts and sentences that a page says about explanations of attention scores.</summary>
static class ExplanationWords
{
    // In characters.
    const int LongestSource = 12;

    /// <summary>The name of the fact that is read first.</summary>
    public const string Explains = "Explains";

    /// <summary>The heading of a page that was given none.</summary>
    public const string Title = "Attention score";

    /// <summary>Returns the name of a reading as the command spells it.</summary>
    public static string Name(ScoreReading reading) => reading.ToString().ToLowerInvariant();

    /// <summary>Returns what a reading is called on the page.</summary>
    public static string Shown(ScoreReading reading) => reading switch
    {
        ScoreReading.Here => "At this key",
        ScoreReading.Others => "Against others",
        ScoreReading.Foil => "Against the foil",
        _ => "Gradient",
    };

    /// <summary>Says what the pairs sum to.</summary>
    public static string Sum(ScoreAttribution view, ExplanationViews views) => view.Options.Reading switch
    {
        ScoreReading.Here => "the score",
        ScoreReading.Others => "the score less the mean score of the other keys",
        ScoreReading.Foil => $"the score less that of {At(FoilOf(view)!.Value, view, views)}, the logarithm of how "
            + "many times more attention the key has",
        _ => "the score less the mean score of all keys by attention",
    };

    /// <summary>Returns the position of the foil; null if there is none.</summary>
    public static int? FoilOf(ScoreAttribution view) => view.Options.FoilKey?.GetOffset(view.TokenIds.Length);

    /// <summary>Names a link, such as <c>L3H3 from ·to 13 to ·Mary 1</c>.</summary>
    public static string Link(ScoreAttribution view, ExplanationViews views) =>
        $"{view.Head} from {At(view.Query, view, views)} to {At(view.Key, view, views)}";

    /// <summary>Names a part. A head that was split has the token that it read.</summary>
    public static string Part(ResidualTerm part, ScoreAttribution view, ExplanationViews views) =>
        part is ResidualTerm.HeadSource { Source: var source }
            ? $"{part} {AttributionWords.Token(views.TextOf(view.TokenIds[source]), LongestSource)}"
            : part.Label;

    /// <summary>Returns the facts at the top of the page about one view.</summary>
    public static ImmutableArray<(string Name, string Value)> Facts(
        ScoreAttribution view, ExplanationViews views, ExplanationPageOptions options) =>
    [
        .. new[]
        {
            ("Model", TraceWords.Name(options.Model?.Name ?? "")),
            (Explains, Link(view, views)),
            ("Score", Number(view.Score)),
            ("Attention", Number(view.Attention)),
            ("Reading", $"{Name(view.Options.Reading)}: {Sum(view, views)}, {Number(view.Measured)}"),
            ("Heads", view.Options.SplitHeads ? "split by the token that they read" : ""),
        }.Where(fact => fact.Item2.Length > 0),
        .. Changes(views),
    ];

    /// <summary>Returns the facts about what changed the runs.</summary>
    public static ImmutableArray<(string Name, string Value)> Changes(ExplanationViews views) =>
        ChangeWords.Facts(views.Prompts.Select(prompt => prompt.Run), first: 1);

    /// <summary>Returns what the reader must know of a view.</summary>
    public static ImmutableArray<string> Notices(ScoreAttribution view) => view.IsSaturated
        ?
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"The gradient vanishes where attention is saturated, as here, at {view.Attention:F4}: small numbers ")
                + "do not mean that the parts do not matter. The reading at this key still tells them apart.",
        ]
        : [];

    /// <summary>Says that the pairs sum to what was measured, and what of it positions alone give.</summary>
    public static string Balance(ScoreAttribution view) => string.Create(
        CultureInfo.InvariantCulture,
        $"{view.Pairs.Length:N0} pair{(view.Pairs.Length == 1 ? "" : "s")} {TraceWords.Signed(view.Pairs.Sum())} + "
        + $"rounding {view.Rounding:0.0e-0} = "
        + $"{TraceWords.Signed(view.Measured)}; position alone {TraceWords.Signed(view.PositionAlone)}");

    /// <summary>Names a token of a prompt with its position.</summary>
    public static string At(int position, ScoreAttribution view, ExplanationViews views) => string.Create(
        CultureInfo.InvariantCulture, $"{AttributionWords.Token(views.TextOf(view.TokenIds[position]))} {position}");

    /// <summary>Returns a number.</summary>
    public static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
