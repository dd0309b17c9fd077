using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Splits logits into the contributions of the parts of the model.</summary>
sealed class AttributeCommand : ModelCommand
{
    public AttributeCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "attribute", "Take the logit of a next token apart: what each part of the model adds to it.",
            terminal, options, call)
    {
        AddAll(
            options.Position, options.Layers, options.Heads, options.Ablate, options.Answer, options.Foil,
            options.Direction, options.NextToken, options.Unit, options.ValueBias, options.Reference, options.Top,
            options.Record, options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText,
            options.Svg, options.MaxBytes);
        OwnHelp[options.Direction] = (
            options.Direction.HelpName!,
            $"{options.Direction.Description} One for each token of the prompt, [positions, width], is taken too.");
        Defaults[options.Position] = "-1; all with --next-token";
        Defaults[options.Output] = CliOptions.PageIfAsked;
        Defaults[options.Answer] = "the likeliest there";
        Defaults[options.Layers] = "all";
        Defaults[options.Heads] = "all";
        Defaults[options.Top] = $"{options.Top.Default}; all of sublayer and cumulative-layer, in their order";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("What each sublayer adds to the likeliest token:", "\"When Mary and John went to the store\""),
        ("One answer against another, by head and by the token that it read:",
            "--answer \" Mary\" --foil \" John\" --unit head-by-source \"When Mary and John went\""),
        ("The mean over many prompts, each with its own answer, as a page:",
            "--prompts prompts.jsonl --unit head --output output"),
    ];

    protected override Func<string, bool>? IsOwnFile => name => name == AttributionFiles.Page;

    protected override Work Plan(ParseResult parsed)
    {
        var options = ReadOptions(parsed);
        var (metric, files) = (MetricOptions.Read(parsed, Vocabulary), RecordingFiles.Read(parsed, Vocabulary));
        if (metric.DirectionFile is not null && options.Reference == LogitReference.VocabularyMean)
            throw new UsageException("--reference vocabulary-mean is about tokens; --direction is none.");
        if (metric.Foil is not null && options.Reference == LogitReference.VocabularyMean)
            throw new UsageException(
                "--reference vocabulary-mean changes nothing in a difference; leave it or --foil out.");
        var explained = ExplainedPositions.Read(parsed, Vocabulary, metric);
        var (left, pages) = (parsed.List(Vocabulary.Ablate), AttributionFiles.Read(parsed, Vocabulary));
        var rows = new RowChoice(
            Selection.Narrower(parsed.Get(Vocabulary.Layers)),
            HeadChoice.NumbersOf(parsed.Get(Vocabulary.Heads)),
            parsed.Get(Vocabulary.Top),
            parsed.Has(Vocabulary.Top));
        rows.Check(options.Unit);
        return new(session =>
        {
            var shown = rows.For(session);
            var ablated = session.Named(left, "--ablate");
            explained.Check(session);
            files.Need(RecordingFiles.Suffixes(session.Prompts.Length));
            ImmutableArray<PromptRun> runs =
            [
                .. PromptRun.All(
                    session, explained.Positions, ablated, places => pages.Captures(options.Unit, places))
                    .Select(explained.Kept),
            ];
            var units = Attributed(runs, explained, options, pages, session);
            AttributionReport.Print(units[0], runs, ablated, metric, shown, session);
            files.Write(() => RecordingFiles.Numbered([.. runs.Select(run => run.ToKeep)]), session.Report);
            session.Json.Write(stream => AttributionJson.Write(units[0], session.Model, stream, session.Origin));
            pages.Write(units, rows, session);
        })
        {
            Try = () =>
            {
                files.Try();
                pages.Try();
            },
        };
    }

    // The unit that is asked for, then those that a page has beside it, as far as the runs have them.
    static ImmutableArray<AttributionBatch> Attributed(
        ImmutableArray<PromptRun> runs,
        ExplainedPositions explained,
        AttributionOptions options,
        AttributionFiles pages,
        Session session)
    {
        var attributor = new LogitAttributor(session.Model.Network);
        ImmutableArray<AnalysisPrompt> cases = [.. runs.Select(run => explained.Case(run, session.Model))];
        var layers = session.Model.Config.LayerCount;
        var found = ImmutableArray.CreateBuilder<AttributionBatch>();
        foreach (var unit in pages.Units(options.Unit))
            if (unit == options.Unit || runs.All(run => AttributionFiles.Has(run, unit, layers)))
                found.Add(attributor.AttributeAll(cases, options with { Unit = unit }, session.Cancellation));
        if (found.SelectMany(batch => batch.Attributions).SelectMany(all => all).Any(one =>
            !double.IsFinite(one.Measured) || one.Terms.Any(row => !double.IsFinite(row.Value))))
            throw Session.NotFinite("The logit");
        return found.ToImmutable();
    }

    AttributionOptions ReadOptions(ParseResult parsed)
    {
        var unit = parsed.Get(Vocabulary.Unit);
        if (unit == AttributionUnit.CumulativeLayer && parsed.Has(Vocabulary.ValueBias))
            throw new UsageException("--value-bias is about rows of heads; --unit cumulative-layer has none.");
        return new()
        {
            Unit = unit,
            ValueBias = parsed.Get(Vocabulary.ValueBias),
            Reference = parsed.Get(Vocabulary.Reference),
        };
    }
}

/// <summary>Which rows of an attribution are shown.</summary>
/// <param name="Layers">The layers; null for all.</param>
/// <param name="Heads">The heads; null for all.</param>
/// <param name="Top">The number of rows.</param>
/// <param name="HasTop">Whether the number was asked for.</param>
sealed record RowChoice(Selection? Layers, Selection? Heads, int Top, bool HasTop)
{
    /// <summary>Refuses heads where the rows are none.</summary>
    /// <exception cref="UsageException">There are no rows of heads.</exception>
    public void Check(AttributionUnit unit)
    {
        if (Heads is not null && unit is not (AttributionUnit.Head or AttributionUnit.HeadBySource))
            throw new UsageException(
                $"--heads chooses rows of heads; --unit {Words.Of(unit)} has none: use head or head-by-source.");
    }

    /// <summary>Returns the function that picks the rows of an attribution.</summary>
    /// <exception cref="ArgumentException">The model does not have a layer or head.</exception>
    public Func<AttributionUnit, IReadOnlyList<Contribution>, ImmutableArray<Contribution>> For(Session session)
    {
        var shows = Shows(session);
        return (unit, rows) =>
        {
            var left = rows.Where(row => shows(row.Term)).ToList();
            // Few rows stand in the order of the model; of many rows the largest come first.
            var isShort = unit is AttributionUnit.Sublayer or AttributionUnit.CumulativeLayer;
            return isShort && !HasTop ? [.. left] : [.. left.OrderBy(row => -Math.Abs(row.Value)).Take(Top)];
        };
    }

    /// <summary>Returns the test whether a row lies in the chosen layers and heads.</summary>
    /// <exception cref="ArgumentException">The model does not have a layer or head.</exception>
    public Func<ResidualTerm, bool> Shows(Session session)
    {
        var layers = Layers is { } some ? session.Layers(some) : default;
        var heads = Heads is { } ofHeads ? session.Heads(ofHeads) : default;
        return term => (layers.IsDefault || layers.Contains(PlaceOf(term).Layer))
            && (heads.IsDefault || heads.Contains(PlaceOf(term).Head));
    }

    /// <summary>Returns layer and head of a row; −1 for none.</summary>
    public static (int Layer, int Head) PlaceOf(ResidualTerm term) => term switch
    {
        ResidualTerm.Head head => (head.Index.Layer, head.Index.Head),
        ResidualTerm.HeadSource source => (source.Index.Layer, source.Index.Head),
        ResidualTerm.Attention one => (one.Layer, -1),
        ResidualTerm.Mlp one => (one.Layer, -1),
        ResidualTerm.Neuron one => (one.Layer, -1),
        ResidualTerm.ValueBias one => (one.Layer, -1),
        ResidualTerm.StreamBefore one => (one.Layer, -1),
        ResidualTerm.StreamMiddle one => (one.Layer, -1),
        _ => (-1, -1),
    };
}
