using RatIlgpu.Devices;
using RatIlgpu.Files;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>The facts and sentences that a page says about a trace.</summary>
static class TraceWords
{
    // In characters. A file can hold a name, a list of heads or a notice of a megabyte.
    const int LongestName = 120, LongestSentence = 1000, LongestPredicted = 24;

    // More would hide the facts behind them.
    const int MostPredicted = 5;

    /// <summary>The name of the fact that names the likeliest next tokens.</summary>
    public const string Predicts = "Predicts";

    /// <summary>The title of a page whose traces have none.</summary>
    public const string Title = "Attention trace";

    /// <summary>Returns the sentence of the help about scores.</summary>
    public static (string What, string Meaning) ScoreMeaning(AttentionWeights weights) => (
        "Score", $"The logarithms of the {PathText.MeasureOf(weights)} of each step of a path, summed, then normalised "
        + "as Length norm says. The largest is the best.");

    /// <summary>The sentence of the help about explanations of links.</summary>
    public static readonly (string What, string Meaning) PairMeaning = (
        "Pairs", "Why the head attends along a link. Its score, of which attention is the softmax, is a sum over pairs "
        + "of a part of the query and a part of the key: embed is the token embedding, L1H0 what a head wrote, "
        + "1_mlp_out what an MLP wrote, bias the bias of queries or keys. The five largest pairs are shown, the part "
        + "of the query first. Position alone is what biases and the mean of all embeddings add, whatever the tokens.");

    /// <summary>The sentence of the help about shares.</summary>
    public static readonly (string What, string Meaning) ShareMeaning = (
        "Share", "The softmax of the scores: all paths that were found have 100 % together. A token or link has the "
        + "shares of the paths through it.");

    /// <summary>The sentence of the help about the number of paths.</summary>
    public static readonly (string What, string Meaning) PathsMeaning = (
        "5 of at most 5", "How many paths the search found, and how many it was to keep.");

    /// <summary>The sentence of the help about tokens that cannot be shown as they are.</summary>
    public static readonly (string What, string Meaning) SignMeaning = (
        "· ↵ ⇥ ∅ ⟨E2 80⟩", "A space, a line break, a tab, no text; the bytes of a token that is no whole character. "
        + "⟨200B⟩ is the code of a character that cannot be seen.");

    /// <summary>Returns a name from a file or a command as visible text.</summary>
    public static string Name(string name) => TokenGlyphs.Line(name, LongestName);

    /// <summary>Returns a notice of a trace as visible text.</summary>
    public static string Notice(string notice) => TokenGlyphs.Line(notice, LongestSentence);

    /// <summary>Returns the name of the number that a link counts, as a heading: <c>Attention</c>, or <c>Weight
    /// (info)</c>.</summary>
    public static string Measure(AttentionWeights weights) =>
        PathText.MeasureOf(weights) is [var first, .. var rest] ? $"{char.ToUpperInvariant(first)}{rest}" : "";

    /// <summary>Says what the diagram of a trace shows: attention paths, or paths where links are weighted.</summary>
    public static string Diagram(TraceResult result) => CountText.Of(
        result.Paths.Length, result.Options.Weights == AttentionWeights.Standard ? "attention path" : "path")
        + $" into position {result.TargetPosition}";

    /// <summary>Returns the parts of a pair as visible text, that of the query first.</summary>
    public static string PairOf(LinkPair pair) => $"{Name(pair.Query)} · {Name(pair.Key)}";

    /// <summary>Returns a part of a score or a number of logits, with its sign; of one that would be 0.0000, the first
    /// digits are shown, as the script of a page does.</summary>
    public static string Signed(double value) => value.ToString(
        value != 0 && Math.Abs(value) < 0.00005 ? "+0.0e-0;-0.0e-0" : "+0.0000;-0.0000;0.0000",
        CultureInfo.InvariantCulture);

    /// <summary>Returns a part of 1 in percent; of a part that would be 0.0 %, the first digits are shown.</summary>
    public static string Percent(double part)
    {
        var format = part is > 0 and < 0.0005 ? "G2" : "F1";
        return $"{(part * 100).ToString(format, CultureInfo.InvariantCulture)} %";
    }

    /// <summary>Isolates text in a sentence from the writing direction around it.</summary>
    public static string Isolated(string text) => $"\u2068{text}\u2069";

    /// <summary>Returns the facts at the top of a page, in reading order. Every trace has the same facts, except that
    /// those are missing that say nothing: standard weights, unless another trace beside it has others; a minimum
    /// attention of 0, no predictions, nothing that changed the run.</summary>
    public static ImmutableArray<(string Name, string Value)> Facts(TraceResult result, TraceResult? beside = null)
    {
        var isWeighted = result.Options.Weights != AttentionWeights.Standard
            || beside is { Options.Weights: not AttentionWeights.Standard };
        var (options, model) = (result.Options, result.Model);
        (string Name, string Value)[] facts =
        [
            ("Model", Name(model.Name)),
            ("Layer", model.LayerCount > 0 ? $"{result.Layer} (of 0 to {model.LayerCount - 1})" : $"{result.Layer}"),
            ("Heads", Heads(options.Heads, model.HeadCount, options.Weights == AttentionWeights.Contribution)),
            ("Weights", isWeighted ? Weights(options.Weights) : ""),
            ("Target", $"position {result.TargetPosition}"),
            (Predicts, Predictions(result.Predictions)),
            .. ChangeWords.Facts(result.Interventions, options.AttentionMask),
            ("Tokens", Tokens(result.Tokens.Length, result.PromptLength)),
            ("Paths", $"{result.Paths.Length} of at most {options.TopBeam}"),
            ("Top-k", $"{options.TopK}"),
            ("Length norm", options.LengthNormalization.ToString()),
            (options.Weights == AttentionWeights.Standard ? "Min attention" : "Min weight",
                options.MinAttention > 0 ? options.MinAttention.ToString(CultureInfo.InvariantCulture) : ""),
        ];
        return [.. facts.Where(fact => fact.Value.Length > 0)];
    }

    // What a link counts in the place of its attention.
    static string Weights(AttentionWeights weights) => weights switch
    {
        AttentionWeights.Standard => "standard: attention",
        AttentionWeights.Value => "value: attention times the length of the value",
        AttentionWeights.Info => "info: attention times the length of what the head writes",
        _ => "contribution: the length of what the heads bring",
    };

    /// <summary>Returns the title of a page as visible text. If no title is asked for, it is the title that the results
    /// have; if they have none, it is the usual one.</summary>
    public static string TitleOf(string? asked, TraceOrigin? made, string usual) =>
        Notice(asked ?? (made?.Title is { Length: > 0 } title ? title : usual));

    /// <summary>Says what made a trace; null if that is unknown.</summary>
    public static (string Program, string Command)? Origin(TraceResult result) => Origin(result.Origin);

    /// <summary>Says what made a result; null if that is unknown.</summary>
    public static (string Program, string Command)? Origin(TraceOrigin? made) => made switch
    {
        null or { Version: null, Command: null } => null,
        var origin => (
            origin.Version is null ? "RatIlgpu" : $"RatIlgpu {Name(origin.Version)}", Notice(origin.Command ?? "")),
    };

    static string Predicted(PredictedToken next)
    {
        var token = Isolated(TokenGlyphs.Show(next.Token, LongestPredicted));
        return $"{token} {Percent(next.Probability)}";
    }

    static string Predictions(IReadOnlyCollection<PredictedToken> all)
    {
        var shown = string.Join(", ", all.Take(MostPredicted).Select(Predicted));
        return all.Count <= MostPredicted ? shown : $"{shown}, …";
    }

    /// <summary>Describes the number of tokens, of which the first are the prompt.</summary>
    public static string Tokens(int count, int promptLength) =>
        count == promptLength ? $"{count}" : $"{count}, the last {count - promptLength} generated";

    /// <summary>Describes the traced heads, such as <c>mean of all 14</c>; a head count of 0 is unknown.</summary>
    public static string Heads(HeadAggregation aggregation, int headCount, bool areAdded = false)
    {
        var heads = aggregation.Heads;
        if (heads.Length == 1)
            return headCount > 0 ? $"head {heads[0]} of {headCount}" : $"head {heads[0]}";
        var reduction = areAdded ? "sum" : aggregation.Reduction == HeadReduction.Mean ? "mean" : "max";
        if (heads.IsEmpty && headCount == 0)
            return $"{reduction} of all";
        return heads.IsEmpty ? $"{reduction} of all {headCount}" : Name($"{reduction} of {string.Join(", ", heads)}");
    }

    /// <summary>Says why there is no path to draw; null if there is one.</summary>
    public static string? WhyEmpty(TraceResult result)
    {
        if (result.Paths.Any(path => path.EdgeCount > 0))
            return null;
        var target = result.TargetPosition;
        if (target == 0)
            return "Position 0 is the first token. It has nothing before it to attend to, so there is no path to draw.";
        var (article, measure) = result.Options.Weights == AttentionWeights.Standard
            ? ("an", "attention")
            : ("a", "weight");
        return result.Options.MinAttention > 0
            ? string.Create(CultureInfo.InvariantCulture,
                $"No path leads to position {target}: none has {article} {measure} of "
                + $"{result.Options.MinAttention} or more at every step. Lower the minimum {measure}, or trace another "
                + $"position.")
            : $"No path leads to position {target}: nothing before it may be attended to.";
    }
}
