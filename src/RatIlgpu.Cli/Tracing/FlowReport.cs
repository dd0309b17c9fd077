namespace RatIlgpu.Cli.Tracing;

/// <summary>Prints flows through all layers.</summary>
static class FlowReport
{
    // A prompt of many pages would push the paths off the screen.
    const int MostShares = 40;
    const int BarLength = 30;

    /// <summary>Prints the flows of each prompt.</summary>
    public static void Print(
        ImmutableArray<ImmutableArray<FlowResult>> prompts, TraceSettings settings, Session session)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        ReportHead.PrintAblated(output, settings.Ablated);
        if (settings.Generate > 0 && SamplingText.Of(settings, session.Model) is { } sampling)
            output.WriteLine(ReportHead.Line("Sampling", sampling));
        foreach (var (i, flows) in prompts.Index())
        {
            output.WriteLine();
            if (prompts.Length > 1)
                output.WriteLine($"Prompt {i + 1} of {prompts.Length}, {OneLine.Escape(session.Prompts[i].Where)}");
            var first = flows[0];
            TraceReport.PrintTokens(
                first.Tokens, first.PromptLength, first.Options.AttentionMask, settings, session);
            // Notices of the model were shown when it was opened.
            foreach (var notice in flows.SelectMany(flow => flow.Notices).Except(session.Model.Notices))
                output.WriteLine(ReportHead.Line("Note", notice));
            foreach (var (place, flow) in flows.Index())
            {
                if (place > 0)
                    output.WriteLine();
                Print(flow, output);
            }
        }
    }

    static void Print(FlowResult flow, TextWriter output)
    {
        var (target, options) = (flow.TargetPosition, flow.Options);
        output.WriteLine(ReportHead.Line(
            "Traced",
            $"{TokenLabel.Of(flow.Tokens[target])} at position {target}, through layers {options.FromLayer} to "
            + $"{options.ToLayer} (of 0 to {flow.Model.LayerCount - 1}), "
            + (options.Method == FlowMethod.Norm ? "norm: what attention brings" : "rollout: attention alone")));
        output.WriteLine();
        PrintShares(flow, output);
        output.WriteLine();
        // The texts of the result have whole tokens.
        var lines = FlowText.FormatAll(flow.Paths, [.. flow.Tokens.Select(TokenLabel.Shortened)]);
        foreach (var (i, line) in lines.Index())
            output.WriteLine($"{i + 1,3}.  {line}");
        output.WriteLine(flow.Paths.IsEmpty
            ? "No path is as probable as --min-share asks."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(flow.Paths.Length == 1 ? "This path carries" : $"These {flow.Paths.Length} paths carry")} "
                + $"{100 * flow.PathShare:F1} % of the whole."));
    }

    // In the order of the prompt; of a long one the largest.
    static void PrintShares(FlowResult flow, TextWriter output)
    {
        var shown = flow.Shares.Index().OrderByDescending(share => share.Item).Take(MostShares)
            .OrderBy(share => share.Index).ToList();
        var largest = shown.Max(share => share.Item);
        output.WriteLine("position   share  token");
        foreach (var (position, share) in shown)
        {
            var bar = new string('█', (int)Math.Round(BarLength * share / largest));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{position,8} {100 * share,6:F1} %  {TokenLabel.Of(flow.Tokens[position]),-16} {bar}").TrimEnd());
        }

        if (flow.Shares.Length > shown.Count)
            output.WriteLine($"and {CountText.Of(flow.Shares.Length - shown.Count, "token")} with smaller shares");
    }
}
