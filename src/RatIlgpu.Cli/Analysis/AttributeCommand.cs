using System.Collections.Immutable;
using System.CommandLine;
using RatIlgpu.Analysis;
using RatIlgpu.Files;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Takes a logit apart into what the parts of the model wrote.</summary>
sealed class AttributeCommand
{
    static readonly Dictionary<string, AttributionUnit> Units = new()
    {
        ["sublayer"] = AttributionUnit.Sublayer,
        ["layer"] = AttributionUnit.CumulativeLayer,
        ["head"] = AttributionUnit.Head,
        ["source"] = AttributionUnit.HeadBySource,
        ["neuron"] = AttributionUnit.Neuron,
    };

    readonly ModelOptions models = new();
    readonly PromptText prompts = new();
    readonly MetricOptions metrics = new();
    readonly JsonOption json = new();
    readonly Terminal terminal;

    readonly Option<string> unit = new("--unit", "-u")
    {
        Description = "What the rows are: sublayer; layer, the stream up to each; head; source, each head by the token "
            + "it read; neuron.",
        HelpName = "unit",
        DefaultValueFactory = _ => "sublayer",
    };

    readonly Option<bool> valueBias = new("--value-bias")
    {
        Description = "Show what the biases of the values write as rows of their own, not with the heads.",
    };

    readonly Option<bool> mean = new("--against-mean")
    {
        Description = "Look at how far the logit is above the mean of all tokens.",
    };

    readonly Option<int> top = new("--top", "-n")
    {
        Description = "How many of the largest rows are shown. Default: 20; all of sublayer and layer, in their order.",
        HelpName = "n",
        DefaultValueFactory = _ => 20,
    };

    AttributeCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var attribute = new AttributeCommand(terminal);
        var command = new Command(
            "attribute", "Take the logit of a next token apart: what each part of the model adds to it.");
        attribute.prompts.AddTo(command);
        attribute.metrics.AddTo(command);
        attribute.models.AddTo(command);
        foreach (var option in (Option[])[attribute.unit, attribute.valueBias, attribute.mean, attribute.top])
            command.Options.Add(option);
        command.Options.Add(attribute.json.Option);
        command.SetAction((parsed, cancellation) =>
        {
            attribute.Run(parsed, cancellation);
            return Task.CompletedTask;
        });
        return command;
    }

    void Run(ParseResult parsed, CancellationToken cancellation)
    {
        var options = ReadOptions(parsed);
        var file = json.Read(parsed);
        var source = ModelFolder.Find(models.NameOf(parsed));
        var text = prompts.Read(parsed, terminal, source, cancellation);
        using var device = models.OpenDevice(parsed, () => ModelOptions.WeightBytesOf(source));
        using var model = LanguageModel.Load(models.NameOf(parsed), device);
        var ids = model.Tokenizer.Encode(text).Ids;
        var position = metrics.ReadPosition(parsed, ids.Length);
        var target = metrics.ReadTarget(parsed, model, ids, position, cancellation);
        var found = new LogitAttributor(model.Network).Attribute(
            ids.AsSpan(), target, position, options, cancellation: cancellation);

        var output = terminal.Output;
        AnalysisReport.PrintHead(output, model, ("Tokens", ids));
        output.WriteLine(AnalysisReport.Metric(target, position, model, found.Measured));
        output.WriteLine();
        AttributionReport.Print(found, ids, model, Shown(parsed, found), output);
        JsonOption.Write(file, path => AttributionJson.Save(found, model, path), output);
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

    // Few rows in the order of the model are read as a story; of many, the largest come first.
    ImmutableArray<Contribution> Shown(ParseResult parsed, LogitAttribution found)
    {
        var isShort = found.Options.Unit is AttributionUnit.Sublayer or AttributionUnit.CumulativeLayer;
        return isShort && parsed.GetResult(top) is not { Implicit: false }
            ? found.Terms
            : found.Largest(parsed.GetValue(top));
    }
}
