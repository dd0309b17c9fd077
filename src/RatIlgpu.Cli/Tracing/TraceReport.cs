using RatIlgpu.Cli.Options;
using RatIlgpu.Text;

namespace RatIlgpu.Cli.Tracing;

/// <summary>Prints traces.</summary>
static class TraceReport
{
    // A prompt of many pages would push the paths off the screen.
    const int MostTokens = 120;

    /// <summary>Prints the traces of each prompt, then the mean over the prompts of a batch.</summary>
    public static void Print(
        ImmutableArray<ImmutableArray<TraceResult>> prompts,
        TraceNames names,
        TraceSettings settings,
        Session session)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        ReportHead.PrintAblated(output, settings.Ablated);
        if (settings.Generate > 0 && SamplingText.Of(settings, session.Model) is { } sampling)
            Line(output, "Sampling", sampling);
        foreach (var (i, traces) in prompts.Index())
        {
            output.WriteLine();
            if (names.Prompts)
                output.WriteLine($"Prompt {i + 1} of {prompts.Length}, {OneLine.Escape(session.Prompts[i].Where)}");

            ReportHead.PrintChanges(output, session.Prompts[i]);
            PrintPrompt(traces, names, settings, session);
        }

        if (names.Prompts)
            PrintSummary([.. prompts.SelectMany(traces => traces)], names, output);
    }

    static void PrintPrompt(
        ImmutableArray<TraceResult> traces, TraceNames names, TraceSettings settings, Session session)
    {
        var (first, output) = (traces[0], session.Report);
        PrintTokens(first.Tokens, first.PromptLength, first.Options.AttentionMask, settings, session);
        foreach (var target in traces.DistinctBy(trace => trace.TargetPosition))
        {
            Line(output, "Traced", Traced(target, traces));
            if (target.Predictions.Length > 0)
                Line(output, "Predicts", Predictions(target));
        }

        // Notices of the model were shown when it was opened.
        foreach (var notice in traces.SelectMany(trace => trace.Notices).Except(session.Model.Notices))
            Line(output, "Note", notice);
        foreach (var trace in traces)
        {
            output.WriteLine();
            if (names.TitleOf(TracePlace.Of(trace)) is { Length: > 0 } title)
                output.WriteLine(title);
            // The texts of the result have whole tokens.
            var lines = PathText.FormatAll(
                trace.Paths, [.. trace.Tokens.Select(TokenLabel.Shortened)], trace.Options.Weights);
            foreach (var (i, line) in lines.Index())
                output.WriteLine($"{i + 1,3}.  {line}");
            if (trace.Explanations is [var toBest, ..])
                Line(output, "Explained", Explained(trace, toBest));
        }
    }

    // The first link is the step of the best path from the target.
    static string Explained(TraceResult trace, LinkExplanation link)
    {
        var (count, pair) = (trace.Explanations.Length, link.Pairs[0]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{count} link{(count == 1 ? "" : "s")}; from {At(trace, link.Target)} to {At(trace, link.Source)}, "
            + $"{pair.Query} at the query with {pair.Key} at the key adds {pair.Value:+0.00;-0.00} to a score of "
            + $"{link.Score:F2}");
    }

    static string At(TraceResult trace, int position) => string.Create(
        CultureInfo.InvariantCulture, $"{TokenLabel.Of(trace.Tokens[position])} at {position}");

    /// <summary>Prints the tokens of a prompt, which of them are padding, and what the model wrote after
    /// them.</summary>
    public static void PrintTokens(
        ImmutableArray<TokenText> tokens, int promptLength, IEnumerable<int>? mask, TraceSettings settings,
        Session session)
    {
        var output = session.Report;
        Line(output, "Tokens", List(tokens, promptLength));
        ReportHead.PrintPadding(output, mask);
        if (tokens.Length > promptLength)
            Line(
                output, "Then",
                session.Model.Tokenizer.Decode([.. tokens.Skip(promptLength).Select(token => token.Id)]));
        if (tokens.Length - promptLength is var written && written < settings.Generate)
            Line(output, "Note", Ended(written, settings.Generate));
    }

    static void PrintSummary(IReadOnlyList<TraceResult> traces, TraceNames names, TextWriter output)
    {
        var summary = TraceSummary.Of(traces);
        var width = summary.Rows.Max(row => row.Label.Length) + 1;
        output.WriteLine();
        output.WriteLine($"Over all {summary.PromptCount} prompts, mean ± spread:");
        foreach (var rows in summary.Rows.GroupBy(row => (row.Target, row.Layer, row.Heads)))
        {
            if (Title(rows.Key.Target, rows.Key.Layer, rows.Key.Heads, names) is { Length: > 0 } title)
                output.WriteLine($"  {title}");
            foreach (var row in rows)
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {row.Label.PadRight(width)}{row.Value.Mean,9:F4} ± {row.Value.Spread:F4}"));
        }
    }

    static string Title(int? target, int? layer, Devices.HeadAggregation? heads, TraceNames names)
    {
        var parts = new List<string>();
        if (names.Positions)
            parts.Add(target is { } number ? $"target {number}" : "all targets");
        if (names.Layers && layer is not null)
            parts.Add($"layer {layer}");
        if (names.Heads && heads is not null)
            parts.Add($"head {heads}");
        return string.Join(", ", parts);
    }

    static string Traced(TraceResult target, ImmutableArray<TraceResult> traces)
    {
        var layers = traces.Select(trace => trace.Layer).Distinct().ToList();
        var weights = target.Options.Weights;
        var heads = traces.Select(trace => trace.Options.Heads).Distinct()
            .Select(one => weights == AttentionWeights.Contribution ? Added(one) : one.ToString());
        return $"{TokenLabel.Of(target.Tokens[target.TargetPosition])} at position {target.TargetPosition}, "
            + $"layer{(layers.Count > 1 ? "s" : "")} {string.Join(", ", layers)} (of 0 to "
            + $"{target.Model.LayerCount - 1}), heads {string.Join(", ", heads)}"
            + (weights == AttentionWeights.Standard ? "" : $", {Words.Of(weights)} weights");
    }

    static string Added(Devices.HeadAggregation heads) =>
        heads.Heads.IsEmpty ? "all together" : $"{string.Join(", ", heads.Heads)} together";

    static string Predictions(TraceResult trace) => string.Join("  ", trace.Predictions.Select(one => string.Create(
        CultureInfo.InvariantCulture, $"{TokenLabel.Of(one.Token)} {one.Probability * 100:F1} %")));

    static string Ended(int written, int asked) => written == 0
        ? "The model ended its text at once: "
            + (asked == 1 ? "no token was generated." : $"none of {asked} tokens were generated.")
        : $"The model ended its text after {written} of {asked} tokens.";

    static string List(ImmutableArray<TokenText> tokens, int promptLength)
    {
        string Token(int position) =>
            $"{(position == promptLength ? "| " : "")}{PathText.Token(tokens[position])}";
        var shown = Math.Min(tokens.Length, MostTokens);
        var rest = tokens.Length > shown ? $" … and {tokens.Length - shown} more" : "";
        return $"{tokens.Length}: {string.Join(' ', Enumerable.Range(0, shown).Select(Token))}{rest}";
    }

    static void Line(TextWriter output, string name, string value) => output.WriteLine(ReportHead.Line(name, value));
}
