using RatIlgpu.Analysis;
using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The facts, names and sentences of a page of an atlas.</summary>
static class AtlasWords
{
    // In characters. A fingerprint or a hash of which the start tells it from others.
    const int LongestHash = 16;

    public static readonly ImmutableArray<(string What, string Meaning)> Meanings =
    [
        ("Role", "What a head does, by its scores. The colour and the two letters of a cell are its strongest role; a "
            + "small square at its top is one more. Confidence is the lower end of the interval of the excess."),
        ("● ◐ ▲ ○", "What ablation says of the strongest role: causal (the behaviour gets worse than without random "
            + "heads); redundant (only all heads of the role together matter); interferes (it gets better); none."),
        ("kv", "The key/value head that the query heads below the brace share."),
        ("Raw", "The mean, over the valid queries, of the attention to the target keys."),
        ("Chance", "The same of a head with uniform attention, 1 / (i + 1), on the same sequences."),
        ("Excess", "(raw − chance) / (1 − chance): 0 is chance, 1 all attention. A score that has no chance level is "
            + "shown as it is."),
        ("Without first", "The share of the attention that does not go to the first token, where many heads rest."),
        ("Without self", "The share of the attention that does not go to the query itself."),
        ("Interval", "95 % of the excess, from a bootstrap over sequences. The bar is the excess, the line through its "
            + "end the interval, the upright line 0."),
        ("Hatched", "The score was not measured, or no query was valid."),
        ("Profile", "Mean attention to each distance from the query, without the first token."),
        ("Maps", "Mean attention of the first 64 positions: on text; on random tokens; from the second copy of random "
            + "tokens to the first. Stored in 254 steps of the square root, at most 0.004 off."),
        ("Examples", "Sequences by the tenth of the head's activity to which they belong. Activity is the largest sum, "
            + "of a query, of attention × |value × output matrix| over the keys after the first. The shade of a token "
            + "is the attention of the chosen query to it, of its eight strongest keys."),
        ("Vectors", "The two directions along which the head's queries, keys (both before rotation), values and "
            + "outputs differ most. A point is a position of the texts."),
        TraceWords.SignMeaning,
        ("Export", "SVG and PNG are roles and scores as they stand; CSV has all scores of all heads, JSON also roles, "
            + "profiles, feeders and effects, by the names of atlas.json. Scores are in single precision."),
    ];

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["Tab"], "into the roles, the scores, the plot, the table, the examples"),
        (["←", "→", "↑", "↓"], "to the next head, cell or token"),
        (["Enter", "Space"], "select the head, or let it go"),
        (["Esc"], "select nothing"),
        (["[", "]"], "previous or next head"),
        (["{", "}"], "previous or next head with a full card"),
        ([",", "."], "previous or next score"),
        (["m"], "raw, excess, without first, without self"),
        (["/"], "find heads by name or role; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    public static readonly ImmutableArray<string> Caveats =
    [
        "Attention is where a head reads, not why a model says something. What a head does with what it reads is in "
            + "its values and its output matrix; only ablation tells whether the model needs it.",
        "Scores are of these sequences. Another text, another language or longer sequences give other numbers; "
            + "previous-token and duplicate scores are therefore measured on random tokens too.",
        "Chance is the score of a head with uniform attention, which is not 0. A head above chance need not be "
            + "specialised: a recency head is above the chance of the previous token.",
        "Intervals are over sequences, not over heads. Of several hundred heads, some are above any level by luck.",
        "Many heads rest on the first token when they have nothing to do. Their other scores are then small although "
            + "they can be specific: compare “without first”. Where values of the first token are near zero, such "
            + "attention moves nothing (see the value-weighted scores).",
        "Ablation puts a model where it was not trained. Zero and mean disagree for that reason; later heads can take "
            + "over what was taken away, so no effect does not mean no role.",
        "A role is a label for scores above a threshold. Heads have several, and most have one that no score here "
            + "measures.",
        "Mean maps and top examples show a head at its clearest. Look at the lower tenths before naming a head.",
        "Two directions are seldom most of the variance of vectors: their shares stand beside each plot.",
    ];

    /// <summary>Gets the scores that are measured on text and, as a control, on random tokens, by their ids.</summary>
    public static readonly ImmutableArray<(string Text, string Random)> Pairs =
    [
        ("previous", "previous-random"), ("duplicate", "duplicate-random"), ("induction-text", "induction"),
    ];

    /// <summary>Returns the title of a page.</summary>
    public static string TitleOf(HeadAtlas atlas, AtlasPageOptions options) =>
        TraceWords.TitleOf(options.Title, options.Origin, $"Heads of {TraceWords.Name(atlas.Manifest.Model)}");

    /// <summary>Returns the facts at the top of the page, in reading order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(HeadAtlas atlas)
    {
        var manifest = atlas.Manifest;
        yield return ("Model", TraceWords.Name(manifest.Model));
        yield return ("Fingerprint", TokenGlyphs.Line(DigestOf(manifest.Fingerprint), LongestHash));
        yield return ("Heads", Invariant(
            $"{CountText.Of(manifest.LayerCount, "layer")} × {manifest.HeadCount}, ")
            + $"{CountText.Of(manifest.KeyValueHeadCount, "key/value head")} each");
        if (manifest.Texts.Length > 0)
            yield return ("Texts", TraceWords.Name(manifest.Texts));
        if (manifest.TextsHash.Length > 0)
            yield return ("SHA-256", TokenGlyphs.Line(manifest.TextsHash, LongestHash));
        yield return ("Seed", Invariant($"{manifest.Seed}"));
        yield return ("Rules", manifest.Profile == ScoreProfile.Pr403 ? "pr403" : "robust");
        foreach (var (pass, units) in manifest.Units)
            yield return (NameOf(pass), Invariant($"{units} {UnitsOf(pass)}"));
        if (manifest.Device.Length > 0)
            yield return ("Device", TraceWords.Name(manifest.Device));
        if (manifest.Seconds > 0)
            yield return ("Took", Invariant($"{manifest.Seconds:0.#} s"));
        if (manifest.Version.Length > 0)
            yield return ("Version", TraceWords.Name(manifest.Version));
    }

    public static string NameOf(AtlasPass pass) => pass switch
    {
        AtlasPass.Text => "Text",
        AtlasPass.Repeats => "Repeated random tokens",
        AtlasPass.Successors => "Ordered words",
        AtlasPass.IndirectObject => "Indirect object",
        _ => "Weights",
    };

    public static string NameOf(HeadRole role) => role switch
    {
        HeadRole.PreviousToken => "Previous token",
        HeadRole.Induction => "Induction",
        HeadRole.DuplicateToken => "Duplicate token",
        HeadRole.Positional => "Fixed distance",
        HeadRole.FirstToken => "First token",
        HeadRole.Delimiter => "Delimiter",
        HeadRole.Successor => "Successor",
        HeadRole.SInhibition => "S-inhibition",
        _ => "Suppressor",
    };

    /// <summary>Returns the letters of a role in a cell, so that no role is told by its colour alone.</summary>
    public static string CodeOf(HeadRole role) => role switch
    {
        HeadRole.PreviousToken => "Pr",
        HeadRole.Induction => "In",
        HeadRole.DuplicateToken => "Du",
        HeadRole.Positional => "Di",
        HeadRole.FirstToken => "Fi",
        HeadRole.Delimiter => "De",
        HeadRole.Successor => "Su",
        HeadRole.SInhibition => "SI",
        _ => "Sp",
    };

    /// <summary>Returns the hue of a role: 0 to 6 are hues of the palette, 7 is grey, since a model has many heads that
    /// rest on the first token, and 8 the ink.</summary>
    public static int HueOf(HeadRole role) => role switch
    {
        HeadRole.Induction => 0,
        HeadRole.PreviousToken => 1,
        HeadRole.DuplicateToken => 2,
        HeadRole.Positional => 3,
        HeadRole.Successor => 4,
        HeadRole.SInhibition => 5,
        HeadRole.Delimiter => 6,
        HeadRole.FirstToken => 7,
        _ => 8,
    };

    public static string SignOf(CausalVerdict verdict) => verdict switch
    {
        CausalVerdict.Causal => "●",
        CausalVerdict.Redundant => "◐",
        CausalVerdict.Interferes => "▲",
        _ => "○",
    };

    public static string NameOf(CausalVerdict verdict) => verdict switch
    {
        CausalVerdict.Causal => "causal",
        CausalVerdict.Redundant => "redundant",
        CausalVerdict.Interferes => "interferes",
        _ => "no effect",
    };

    public static string NameOf(HeadBehaviour behaviour) => behaviour switch
    {
        HeadBehaviour.InductionLoss => "Loss on later copies of random tokens",
        HeadBehaviour.FirstCopyLoss => "Loss on the first copy of random tokens",
        HeadBehaviour.NameDifference => "Logit of the right name − of the repeated one",
        HeadBehaviour.NextElementLoss => "Loss on the next element of an ordered run",
        _ => "Loss on text",
    };

    /// <summary>Returns the unit of a behaviour.</summary>
    public static string UnitOf(HeadBehaviour behaviour) =>
        behaviour == HeadBehaviour.NameDifference ? "logits" : "nats";

    public static string NameOf(HeadAblation kind) => kind == HeadAblation.Zero ? "zero" : "mean";

    public static string NameOf(HeadInput input) => input switch
    {
        HeadInput.Query => "queries",
        HeadInput.Key => "keys",
        _ => "values",
    };

    /// <summary>Says what a head does, in one line.</summary>
    public static string Describe(AtlasHead head) => head.Roles.IsEmpty
        ? $"{head.Head}: no role"
        : $"{head.Head}: " + string.Join(", ", head.Roles.Select(role =>
            $"{NameOf(role.Role)} {Number(role.Confidence)}"
            + (role.Verdict is { } verdict ? $" ({NameOf(verdict)})" : "")));

    /// <summary>Returns a number with three decimals; a dash where there is none.</summary>
    public static string Number(double? number)
    {
        if (number is not { } value || !double.IsFinite(value))
            return "–";
        var text = value.ToString(Math.Abs(value) >= 1000 ? "0" : "0.000", CultureInfo.InvariantCulture);
        return text == "-0.000" ? "0.000" : text;
    }

    // The sizes before it are told apart.
    static string DigestOf(string fingerprint) => fingerprint[(fingerprint.LastIndexOf(' ') + 1)..];

    static string UnitsOf(AtlasPass pass) => pass switch
    {
        AtlasPass.Text or AtlasPass.Repeats => "sequences",
        AtlasPass.Weights => "parts",
        _ => "prompts",
    };

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
