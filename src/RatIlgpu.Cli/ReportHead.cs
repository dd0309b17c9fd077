using RatIlgpu.Cli.Analysis;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli;

/// <summary>Prints the first lines of a report: the model, the device, the prompt and the metric.</summary>
static class ReportHead
{
    const int Column = 11;

    /// <summary>Prints model and device.</summary>
    public static void PrintModel(TextWriter output, LanguageModel model)
    {
        var (config, device) = (model.Config, model.Network.Device);
        output.WriteLine(Line(
            "Model",
            $"{model.Name}: {CountText.Of(config.LayerCount, "layer")}, {CountText.Of(config.HeadCount, "head")}, "
            + $"width {config.HiddenSize}"));
        output.WriteLine(Line("Device", $"{device.Name}: {device.Description}"));
    }

    /// <summary>Prints the heads that the run goes without.</summary>
    public static void PrintAblated(TextWriter output, ImmutableArray<HeadIndex> heads)
    {
        if (!heads.IsEmpty)
            output.WriteLine(Line("Ablated", string.Join(", ", heads.Order())));
    }

    /// <summary>Prints a prompt; of a batch, where it stands.</summary>
    public static void PrintPrompt(Session session, Prompt prompt, ImmutableArray<int> ids)
    {
        session.Report.WriteLine();
        if (session.IsBatch)
            session.Report.WriteLine(OneLine.Escape(prompt.Where));
        session.Report.WriteLine(Line("Tokens", Tokens(ids, session.Model)));
        PrintPadding(session.Report, prompt.AttentionMask);
        PrintChanges(session.Report, prompt);
        PrintLength(session.Report, ids.Length, session.Model);
    }

    /// <summary>Prints what was changed in a recorded run, heads that went without output as for a run of the
    /// command.</summary>
    public static void PrintChanges(TextWriter output, Prompt prompt)
    {
        var changes = RunChanges.Of(prompt.Recording?.Interventions ?? []);
        PrintAblated(output, changes.Ablated);
        foreach (var text in changes.Others)
            output.WriteLine(Line("Changed", text));
    }

    /// <summary>Prints which positions are padding.</summary>
    public static void PrintPadding(TextWriter output, IEnumerable<int>? mask)
    {
        var hidden = (mask ?? []).Index().Where(entry => entry.Item == 0).Select(entry => entry.Index).ToList();
        if (hidden.Count > 0)
            output.WriteLine(Line("Padding", CountText.Positions(hidden)));
    }

    /// <summary>Prints a note if a prompt is longer than the model was made for.</summary>
    public static void PrintLength(TextWriter output, int length, LanguageModel model)
    {
        if (length > model.Config.MaxPositions)
            output.WriteLine(Line(
                "Note",
                $"The prompt has {length} tokens, beyond the {model.Config.MaxPositions} positions the model was made "
                + "for: results there may mean little."));
    }

    /// <summary>Returns the line that names a logit and gives its value.</summary>
    public static string Metric(LogitTarget target, int position, LanguageModel model, double measured) =>
        Metric(null, target, [position], model)
        + string.Create(CultureInfo.InvariantCulture, $": {measured:F3}");

    /// <summary>Returns the line that names a metric.</summary>
    public static string Metric(
        LogitMetricKind? kind, LogitTarget? target, ImmutableArray<int> positions, LanguageModel model)
    {
        var of = target switch
        {
            { Direction: { } direction } => $"direction {direction.Name}",
            { Answer: { } answer, Foil: { } foil } =>
                $"logit of {TokenArgument.Show(answer, model)} − {TokenArgument.Show(foil, model)}",
            { Answer: { } answer } => $"{Name(kind)} of {TokenArgument.Show(answer, model)}",
            _ => "KL divergence from the clean run, in nats,",
        };
        var at = positions.Length == 1
            ? $"position {positions[0]}"
            : $"positions {string.Join(", ", positions)}, their mean";
        return Line("Metric", $"{of} at {at}");
    }

    /// <summary>Returns the tokens of a prompt, in one line.</summary>
    public static string Tokens(ImmutableArray<int> ids, LanguageModel model) =>
        $"{ids.Length}: {string.Join(' ', ids.Select(id => PathText.Token(model.Tokenizer.Token(id))))}";

    /// <summary>Returns a line with a name and a value.</summary>
    public static string Line(string name, string value) => $"{name,-Column}{OneLine.Escape(value)}";

    static string Name(LogitMetricKind? kind) => kind switch
    {
        LogitMetricKind.LogProbability => "log probability",
        LogitMetricKind.Probability => "probability",
        _ => "logit",
    };
}
