using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The words in which a page speaks of patches.</summary>
static class PatchWords
{
    // In characters.
    const int LongestToken = 40, LongestLabel = 60;

    /// <summary>Returns a value of an enumeration in plain words, such as <c>head output</c>.</summary>
    public static string Of(Enum value) =>
        JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()).Replace('-', ' ');

    /// <summary>Returns a number with four decimals, or more where it would be 0; a dash where there is none.</summary>
    public static string Number(double value) => value switch
    {
        double.NaN => "–",
        not 0 when Math.Abs(value) < 5e-5 => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    /// <summary>Returns a share in percent; a dash where there is none.</summary>
    public static string Share(double value) =>
        double.IsNaN(value) ? "–" : (value * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Returns what a metric measures.</summary>
    public static string Of(LogitMetric metric, Func<int, TokenText> token)
    {
        return metric switch
        {
            LogitMetric.Logit { Target.Direction: { } direction } =>
                $"direction {TokenGlyphs.Line(direction.Name, LongestToken)}",
            LogitMetric.Logit { Target: { Answer: { } answer, Foil: { } foil } } =>
                $"logit of {Show(answer)} − {Show(foil)}",
            LogitMetric.Logit { Target.Answer: { } answer } => $"logit of {Show(answer)}",
            LogitMetric.LogProbability one => $"log probability of {Show(one.Token)}",
            LogitMetric.Probability one => $"probability of {Show(one.Token)}",
            LogitMetric.KlDivergence => "KL divergence from the clean run, in nats",
            _ => "a function of the logits",
        };

        string Show(int id) => TraceWords.Isolated(TokenGlyphs.Show(token(id), LongestToken));
    }

    /// <summary>Returns the positions at which a metric reads the logits, ascending.</summary>
    public static ImmutableArray<int> PositionsOf(LogitMetric metric, int length)
    {
        var positions = metric switch
        {
            LogitMetric.Logit one => one.Positions,
            LogitMetric.LogProbability one => one.Positions,
            LogitMetric.Probability one => one.Positions,
            LogitMetric.KlDivergence one => one.Positions,
            LogitMetric.Custom one => one.Positions,
            _ => [],
        };
        return [.. positions.Select(position => position.GetOffset(length)).Order()];
    }

    /// <summary>Says who sees a patched key or value.</summary>
    public static (string Name, string Value) Scope(KeyValueScope scope) => ("Scope", scope == KeyValueScope.QueryHead
        ? "one query head alone sees the patch"
        : "all query heads of a key/value head see the patch");

    /// <summary>Says how paths were patched.</summary>
    public static ImmutableArray<(string Name, string Value)> HowOf(PathTarget target)
    {
        var options = target.Options;
        var norm = options.Norm == NormTreatment.FrozenScale
            ? "scale of the corrupted run"
            : "computed anew";
        return target.Input == HeadInput.Query || options.Axes == PatchAxes.Layer
            ? [("Norm", norm)]
            : [Scope(options.Scope), ("Norm", norm)];
    }

    /// <summary>Returns the label of a pair: its number, and the label that it was given or its clean prompt.</summary>
    public static string LabelOf(SheetPair pair, int index, PatchPageOptions options)
    {
        var text = options.Labels is { } labels && index < labels.Length
            ? labels[index]
            : string.Concat(pair.Clean.Take(LongestLabel).Select(token => token.Text));
        return string.Create(CultureInfo.InvariantCulture, $"{index + 1}: {TokenGlyphs.Line(text, LongestLabel)}");
    }

    /// <summary>Returns the facts at the top of the page, in reading order.</summary>
    public static ImmutableArray<(string Name, string Value)> Facts(PatchSheet sheet, PatchPageOptions options)
    {
        (string Name, string Value)[] facts =
        [
            ("Model", options.ModelName is { } model ? TraceWords.Name(model) : ""),
            ("Patched", sheet.What),
            .. sheet.Facts,
            .. PaddingOf(sheet),
            ("Pairs", sheet.Pairs.Length > 1 ? $"{sheet.Pairs.Length}" : ""),
            ("Tokens", string.Join(", ", sheet.Pairs.Select(pair => pair.Clean.Length).Distinct().Order().Take(8))),
        ];
        return [.. facts.Where(fact => fact.Value.Length > 0)];
    }

    /// <summary>Returns the fact that says which positions are padding; none without padding.</summary>
    public static ImmutableArray<(string Name, string Value)> PaddingOf(PatchSheet sheet) =>
        ChangeWords.PaddingOfPairs(sheet.Pairs.Select(pair => pair.Padding));

    /// <summary>Returns the sentence about a pair that a reader should know before the numbers; null for
    /// none.</summary>
    public static string? NoticeOf(SheetPair pair) => pair.Values.All(double.IsNaN)
        ? "No later layer reads these sources, or none that was asked for: there is no patch."
        : pair.IsSame
        ? "The prompts are the same: no patch changes anything."
        : pair.CleanMetric == pair.CorruptedMetric
            ? "The metric does not differ between the two runs: there is no recovery."
            : null;

    /// <summary>Returns the explanation of the page; parts that the page does not have are left out.</summary>
    public static IEnumerable<(string What, string Meaning)> Meanings(PatchSheet sheet)
    {
        var isPaths = sheet.Kind != PatchKind.Activation;
        yield return isPaths
            ? ("Path", $"The corrupted prompt runs, and how much more the source wrote in the clean run goes into the "
                + $"{sheet.Input} of the destination.")
            : ("Patch", "The corrupted prompt runs with one activation, or a part of it, as in the clean prompt.");
        yield return ("Effect", "By how much that changes the metric of the corrupted run.");
        yield return ("Recovery", "The effect as a share of the clean minus the corrupted metric: 100 % is as in the "
            + "clean run. There is none where both metrics are equal.");
        yield return ("Colour", "Blue raises the metric, orange lowers it; the scale is symmetric and the same in all "
            + "views. Of Metric, the middle is the metric of the corrupted run. Grey: there is no such patch.");
        yield return ("Strongest", "An axis without a place of its own shows its largest effect by magnitude; details "
            + "name the place.");
        yield return ("Click", isPaths
            ? "A source shows the paths that leave it, a destination those that reach it; once more lets it go."
            : "A cell keeps its place: the other matrix, the list and the pickers follow; once more lets it go.");
        if (isPaths)
            yield return ("Diagram", "Layers run from left to right. A curve is as wide as its effect; a dashed orange "
                + "one lowers the metric. Only the strongest are drawn.");
        yield return ("Prompts", "Clean above corrupted. Tokens in a frame differ; an underline marks the positions of "
            + "the metric.");
        if (sheet.Pairs.Length > 1)
            yield return ("Mean", "The mean over the pairs that have the patch, and the sample standard deviation.");
        yield return TraceWords.SignMeaning;
    }
}
