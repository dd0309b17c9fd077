using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The names, facts and sentences that a page says about attributions.</summary>
static class AttributionWords
{
    // In characters.
    const int LongestToken = 24;

    /// <summary>The name of the fact that is read first.</summary>
    public const string Explains = "Explains";

    /// <summary>The heading of a page that was given none.</summary>
    public const string Title = "Logit attribution";

    /// <summary>Returns the name of a unit as the command spells it.</summary>
    public static string Name(AttributionUnit unit) => unit switch
    {
        AttributionUnit.Sublayer => "sublayer",
        AttributionUnit.CumulativeLayer => "cumulative-layer",
        AttributionUnit.Head => "head",
        AttributionUnit.HeadBySource => "head-by-source",
        _ => "neuron",
    };

    /// <summary>Returns what the rows of a unit are called on the page.</summary>
    public static string Rows(AttributionUnit unit) => unit switch
    {
        AttributionUnit.Sublayer => "Sublayers",
        AttributionUnit.CumulativeLayer => "Stream so far",
        AttributionUnit.Neuron => "Neurons",
        _ => "Heads",
    };

    /// <summary>Says what is explained, such as <c>logit of ·Mary − ·John</c>.</summary>
    public static string Target(LogitTarget target, Func<int, TokenText> texts) => target switch
    {
        { Direction: { } direction } => $"direction {TraceWords.Isolated(TraceWords.Name(direction.Name))}",
        { Answer: { } answer, Foil: { } foil } => $"logit of {Token(texts(answer))} − {Token(texts(foil))}",
        _ => $"logit of {Token(texts(target.Answer!.Value))}",
    };

    /// <summary>Returns the text of a token in a sentence.</summary>
    public static string Token(TokenText token, int length = LongestToken) =>
        TraceWords.Isolated(TokenGlyphs.Show(token, length));

    /// <summary>Returns the facts at the top of the page about one view.</summary>
    public static ImmutableArray<(string Name, string Value)> Facts(
        LogitAttribution view, AttributionViews views, AttributionPageOptions options) => Some(
    [
        ("Model", TraceWords.Name(options.ModelName ?? "")),
        (Explains, $"{Target(view.Target, views.TextOf)} after "
            + $"{Token(views.TextOf(view.TokenIds[view.Position]))}, position "
            + view.Position.ToString(CultureInfo.InvariantCulture)),
        (view.Target.Direction is null ? "Logit" : "Value", Number(view.Measured)),
        .. Common(view, views),
        ("Scale of the final norm", Number(view.FinalScale)),
    ]);

    /// <summary>Returns the facts at the top of the page about the mean over all views.</summary>
    public static ImmutableArray<(string Name, string Value)> MeanFacts(
        AttributionViews views, AttributionPageOptions options)
    {
        var measured = MeanAndSpread.Of(views.Views.Select(view => (double?)view.Measured));
        return Some(
        [
            ("Model", TraceWords.Name(options.ModelName ?? "")),
            (Explains, string.Create(
                CultureInfo.InvariantCulture,
                $"the mean of {views.Views.Length} logits, in {views.Prompts.Length} "
                + $"prompt{(views.Prompts.Length == 1 ? "" : "s")}")),
            ("Logit", $"{Number(measured.Mean)} ± {Number(measured.Spread)}"),
            .. Common(views.Views[0], views),
        ]);
    }

    /// <summary>Returns the facts about what changed the runs.</summary>
    public static ImmutableArray<(string Name, string Value)> Changes(AttributionViews views) =>
        ChangeWords.Facts(views.Prompts.Select(prompt => prompt.Run), first: 1);

    static IEnumerable<(string Name, string Value)> Common(LogitAttribution view, AttributionViews views) =>
    [
        .. Changes(views),
        ("Value biases", view.Options.ValueBias == ValueBiasTreatment.Separate ? "rows of their own" : ""),
        ("Zero point", view.Options.Reference == LogitReference.VocabularyMean ? "mean of all tokens" : ""),
    ];

    static ImmutableArray<(string Name, string Value)> Some(IEnumerable<(string Name, string Value)> facts) =>
        [.. facts.Where(fact => fact.Value.Length > 0)];

    static string Number(double number) => number.ToString("F4", CultureInfo.InvariantCulture);
}
