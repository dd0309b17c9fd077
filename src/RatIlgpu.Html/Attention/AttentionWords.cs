using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The facts and sentences that a page says about attention.</summary>
static class AttentionWords
{
    // In characters. A label can be a whole prompt.
    const int LongestLabel = 80;

    /// <summary>The sentence of the help about masked cells.</summary>
    public static readonly (string What, string Meaning) MaskMeaning = (
        "Grey", "A cell that does not exist: the key comes after the query and is masked, or one of both is padding. "
        + "Padding is struck through in the text.");

    static readonly (string What, string Meaning) SmallMeaning = (
        "Small", "A thumbnail of each head beside the matrix of one: queries go down, keys go right.");

    static readonly (string What, string Meaning) LargeMeaning = (
        "Large", "The matrix at full width, with its tokens and, where they fit, its values; one below .005 is "
        + "left out.");

    static readonly (string What, string Meaning) ValueMeaning = (
        "Value", "Each probability times the length of the value at its key, over the largest such length of the text: "
        + "a key that has little to give fades.");

    static readonly (string What, string Meaning) RolloutMeaning = (
        "Rollout", "How much each position holds of each token after the chosen layer, or the last: the "
        + "attention of all layers up to there multiplied, each the mean of all its heads, as if half of every "
        + "position stayed. It has no weights.");

    static readonly (string What, string Meaning) InfoMeaning = (
        "Info", "Each probability times the length of that which the head writes to the residual stream from its key, "
        + "over the largest such length of the text.");

    /// <summary>Returns what the help says of a page.</summary>
    public static IEnumerable<(string What, string Meaning)> Meanings(AttentionPlan plan)
    {
        yield return ("Attention", "Each row of a matrix is a query and sums to 1: how much the head at this token "
            + "reads from each key. The scale of colours is that of the legend.");
        yield return SmallMeaning;
        yield return LargeMeaning;
        foreach (var meaning in plan.Vectors is null ? [] : LinesMarkup.Meanings)
            yield return meaning;
        foreach (var meaning in Weightings(plan))
            yield return meaning;
        yield return ("No head", "All heads at once: the largest value of each cell, whose details name its head"
            + (plan.HasMean ? "; or the mean." : "."));
        if (plan.HasRollout)
            yield return RolloutMeaning;
        yield return ("Focus", "Point at a head, a token or a cell to see it; click to lock it. Pointing goes before a "
            + "lock. One more click, or Esc, lets it go.");
        yield return ("Focused token is", "The query: the text shows how much it reads from each token. The key: how "
            + "much each token reads from it. Without a token, each shows the mean of its own row or column.");
        yield return MaskMeaning;
        yield return ("≈ ≤", "A number that is rounded to 256 steps; one that can be smaller, since it is the largest "
            + "of a block of cells. Numbers without a sign have the error that stands below the matrix.");
        yield return TraceWords.SignMeaning;
        yield return ("Export", "SVG and PNG show the matrix; CSV and Copy have its numbers; JSON has the locked head, "
            + "or else all heads of the prompt.");
    }

    /// <summary>Returns the keys of a page.</summary>
    public static IEnumerable<(string[] Keys, string Action)> Keys(AttentionPlan plan)
    {
        yield return (["Tab"], "into the heads, the matrix or the text");
        yield return (["←", "→", "↑", "↓"], "to the next head, cell or token");
        yield return (["Enter", "Space"], "lock it, or let it go");
        yield return (["Esc"], "lock nothing");
        yield return (["[", "]"], "previous or next head");
        if (HasLayers(plan))
            yield return ([",", "."], "previous or next layer");
        if (plan.Prompts.Length > 1)
            yield return (["{", "}"], "previous or next prompt");
        if (plan.Vectors is not null)
            yield return (["+", "−"], "vectors or links of the lines");
        yield return (["/"], "find a token; Enter goes to the next one");
        yield return (["?"], "this help");
    }

    /// <summary>Returns the facts about a page, in reading order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(AttentionPlan plan)
    {
        if (plan.Options.ModelName is { } model)
            yield return ("Model", TraceWords.Name(model));
        int[] layers = [.. plan.Heads.Select(head => head.Index?.Layer).OfType<int>().Distinct().Order()];
        if (layers.Length > 0)
            yield return (layers.Length == 1 ? "Layer" : "Layers", Range(layers));
        yield return ("Heads", $"{plan.Heads.Length}");
        foreach (var fact in ChangeWords.Facts(plan.Runs, first: 0))
            yield return fact;
        if (plan.Prompts.Length > 1)
            yield return ("Prompts", $"{plan.Prompts.Length}");
        int[] lengths = [.. plan.Prompts.Select(prompt => prompt.Tokens.Length)];
        var (least, most) = (lengths.Min(), lengths.Max());
        yield return ("Tokens", least == most ? $"{least}" : $"{least} to {most}");
    }

    /// <summary>Returns the name of a summary as visible text.</summary>
    public static string NameOf(string reduction) => char.ToUpperInvariant(reduction[0]) + reduction[1..];

    /// <summary>Returns the name of a prompt as visible text.</summary>
    public static string Label(PlannedPrompt prompt) => TokenGlyphs.Line(prompt.Label, LongestLabel);

    /// <summary>Returns whether there is a layer to choose.</summary>
    public static bool HasLayers(AttentionPlan plan) =>
        plan.Heads.Select(head => head.Index?.Layer).Distinct().Skip(1).Any();

    static IEnumerable<(string What, string Meaning)> Weightings(AttentionPlan plan)
    {
        if (plan.Weights.Contains(AttentionWeights.Value))
            yield return ValueMeaning;
        if (plan.Weights.Contains(AttentionWeights.Info))
            yield return InfoMeaning;
    }

    static string Range(int[] layers) => layers[^1] - layers[0] == layers.Length - 1 && layers.Length > 2
        ? $"{layers[0]} to {layers[^1]}" : string.Join(", ", layers);
}
