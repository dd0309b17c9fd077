namespace RatIlgpu.Cli.Analysis;

/// <summary>Splits a logit into the contributions of the parts of the model.</summary>
sealed class AttributeCommand : ModelCommand
{
    static readonly Dictionary<string, AttributionUnit> Units = new()
    {
        ["sublayer"] = AttributionUnit.Sublayer,
        ["layer"] = AttributionUnit.CumulativeLayer,
        ["head"] = AttributionUnit.Head,
        ["source"] = AttributionUnit.HeadBySource,
        ["neuron"] = AttributionUnit.Neuron,
    };

    readonly PromptText prompts = new();
    readonly MetricOptions metrics = new();
    readonly JsonFile json = new();

    readonly CliOption<string> unit = new("--unit, -u", "unit",
        "What the rows are: sublayer; layer, the stream up to each; head; source, each head by the token "
            + "it read; neuron.",
        "sublayer");

    readonly CliOption<bool> valueBias = new(
        "--value-bias", "Show what the biases of the values write as rows of their own, not with the heads.");

    readonly CliOption<bool> mean = new("--against-mean", "Look at how far the logit is above the mean of all tokens.");

    readonly CliOption<int> top = new("--top, -n", "n",
        "How many of the largest rows are shown. Default: 20; all of sublayer and layer, in their order.", 20);

    public AttributeCommand(Terminal terminal)
        : base(
            "attribute", "Take the logit of a next token apart: what each part of the model adds to it.",
            terminal)
    {
        prompts.AddTo(this);
        metrics.AddTo(this);
        Models.AddTo(this);
        AddAll(unit, valueBias, mean, top, json.Option);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var options = ReadOptions(parsed);
        json.Read(parsed);
        var source = FindModel(parsed);
        var text = prompts.Read(parsed, Terminal, source, cancellation);
        using var loaded = Load(parsed, source);
        var model = loaded.Model;
        var ids = model.Tokenizer.Encode(text).Ids;
        var position = metrics.ReadPosition(parsed, ids.Length);
        var target = metrics.ReadTarget(parsed, model, ids, position, cancellation);
        var found = new LogitAttributor(model.Network).Attribute(
            ids.AsSpan(), target, position, options, cancellation: cancellation);

        var output = Terminal.Output;
        ReportHead.PrintHead(output, model, ("Tokens", ids));
        output.WriteLine(ReportHead.Metric(target, position, model, found.Measured));
        output.WriteLine();
        AttributionReport.Print(found, ids, model, Shown(parsed, found), output);
        json.Write(path => AttributionJson.Save(found, model, path), output);
        return 0;
    }

    AttributionOptions ReadOptions(ParseResult parsed)
    {
        var name = parsed.GetValue(unit)!;
        if (!Units.TryGetValue(name, out var asked))
            throw new UsageException($"--unit is '{OneLine.Escape(name)}', expected {string.Join(", ", Units.Keys)}.");
        if (asked == AttributionUnit.CumulativeLayer && parsed.GetValue(valueBias))
            throw new UsageException("--value-bias splits rows of heads off; --unit layer has none.");
        if (parsed.GetValue(top) < 0)
            throw new UsageException($"--top is {parsed.GetValue(top)}, expected 0 or more.");
        return new()
        {
            Unit = asked,
            ValueBias = parsed.GetValue(valueBias) ? ValueBiasTreatment.Separate : ValueBiasTreatment.InHeads,
            Reference = parsed.GetValue(mean) ? LogitReference.VocabularyMean : LogitReference.Raw,
        };
    }

    // Few rows stand in the order of the model; of many rows the largest come first.
    ImmutableArray<Contribution> Shown(ParseResult parsed, LogitAttribution found)
    {
        var isShort = found.Options.Unit is AttributionUnit.Sublayer or AttributionUnit.CumulativeLayer;
        return isShort && parsed.GetResult(top) is not { Implicit: false }
            ? found.Terms
            : found.Largest(parsed.GetValue(top));
    }
}

/// <summary>Prints the contributions to a logit.</summary>
static class AttributionReport
{
    /// <summary>Prints the rows, the sum of the rows that are not shown, and the sum of all.</summary>
    public static void Print(
        LogitAttribution found,
        ImmutableArray<int> ids,
        LanguageModel model,
        ImmutableArray<Contribution> shown,
        TextWriter output)
    {
        var names = shown.Select(row => Name(row.Term, ids, model)).ToList();
        var width = names.Append("all rows").Max(name => name.Length);
        foreach (var (name, row) in names.Zip(shown))
            Line(name, row.Value);
        if (found.Options.Unit == AttributionUnit.CumulativeLayer)
            return;
        var all = found.Terms.Sum(row => row.Value);
        if (shown.Length < found.Terms.Length)
            Line($"{found.Terms.Length - shown.Length} more", all - shown.Sum(row => row.Value));
        Line("all rows", all);

        void Line(string name, double value) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {name.PadRight(width)}  {value,9:+0.0000;-0.0000;0.0000}"));
    }

    static string Name(ResidualTerm term, ImmutableArray<int> ids, LanguageModel model) =>
        term is ResidualTerm.HeadSource { Source: var source }
            ? $"{term} {PathText.Token(model.Tokenizer.Token(ids[source]))}"
            : term.ToString();
}
