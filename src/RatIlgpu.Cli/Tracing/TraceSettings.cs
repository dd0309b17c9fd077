using RatIlgpu.Cli.Options;
using RatIlgpu.Devices;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Tracing;

/// <summary>What the command line asks a trace for.</summary>
sealed record TraceSettings
{
    /// <summary>Gets the options that are the same for all traces.</summary>
    public required TraceOptions Options { get; init; }

    /// <summary>Gets the positions, which have no meaning where a generated token is asked for.</summary>
    public required Selection Position { get; init; }

    /// <summary>Gets the layers.</summary>
    public required Selection Layers { get; init; }

    /// <summary>Gets the heads; null for all.</summary>
    public required Selection? Heads { get; init; }

    /// <summary>Gets how heads become one.</summary>
    public required HeadReductionChoice Reduction { get; init; }

    /// <summary>Gets whether the scores of links are taken apart.</summary>
    public required bool Explains { get; init; }

    /// <summary>Gets the heads that are left out of the run.</summary>
    public required ImmutableArray<HeadIndex> Ablated { get; init; }

    /// <summary>Gets the model's folder, or its name in the Hugging Face cache.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the number of tokens to generate.</summary>
    public required int Generate { get; init; }

    /// <summary>Gets how tokens are generated, but for what the model suggests.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Gets whether tokens are generated as the model suggests.</summary>
    public required bool SamplesAsSuggested { get; init; }

    /// <summary>Gets the number of the generated token to trace; null for none.</summary>
    public required int? TraceToken { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public static TraceSettings Read(ParseResult parsed, CliOptions options)
    {
        Check(parsed, options);
        var ablated = parsed.Get(options.Ablate);
        return new()
        {
            Options = new()
            {
                TopBeam = parsed.Get(options.TopBeam),
                TopK = parsed.Get(options.TopK),
                MinAttention = parsed.Get(options.MinAttn),
                LengthNormalization = parsed.Get(options.LengthNorm),
                StopAtBos = parsed.Get(options.StopAtBos) == YesOrNo.True,
                BosTokenId = parsed.Get(options.BosTokenId),
                Weights = parsed.Get(options.Weights),
                Predictions = parsed.Get(options.Predictions),
            },
            Position = parsed.Get(options.Position)!,
            Layers = parsed.Get(options.Layers) ?? Selection.Last,
            Heads = HeadChoice.NumbersOf(parsed.Get(options.Heads)),
            Reduction = parsed.Get(options.AggHeads)
                ?? (parsed.Has(options.Heads) && parsed.Get(options.Weights) != AttentionWeights.Contribution
                    ? HeadReductionChoice.None
                    : HeadReductionChoice.Mean),
            Explains = parsed.Get(options.Explain),
            Ablated = ablated.IsDefault ? [] : ablated,
            Model = ModelOptions.Read(parsed, options).Name,
            Generate = parsed.Get(options.Generate),
            Sampling = new()
            {
                Temperature = parsed.Get(options.Temperature),
                TopP = parsed.Get(options.TopP),
                Seed = parsed.Get(options.Seed),
            },
            SamplesAsSuggested = parsed.Get(options.Sampling) == SamplingChoice.Suggested,
            TraceToken = parsed.Get(options.TraceToken),
        };
    }

    /// <summary>Refuses to explain a trace of several heads together: a score belongs to one.</summary>
    /// <exception cref="UsageException">There is no single head.</exception>
    public void CheckExplained()
    {
        if (!Explains || Reduction == HeadReductionChoice.None || Heads?.IsOne == true)
            return;
        var other = Options.Weights == AttentionWeights.Contribution
            ? ""
            : ", or --agg-heads none for a trace of each";
        throw new UsageException(
            "--explain takes the score of one head apart, and this trace is of several together; give a head with "
            + $"--heads, such as --heads 3{other}.");
    }

    static void Check(ParseResult parsed, CliOptions options)
    {
        parsed.Need(
            parsed.Get(options.Generate) > 0, "--generate", options.TraceToken, options.Sampling,
            options.Temperature, options.TopP, options.Seed);
        var isSuggested = parsed.Get(options.Sampling) == SamplingChoice.Suggested;
        foreach (var own in (Option[])[options.Temperature, options.TopP])
            if (isSuggested && parsed.Has(own))
                throw new UsageException(
                    $"--sampling suggested and {own.Name} both say how to choose a token; give one of them.");
        var draws = parsed.Get(options.Temperature) > 0;
        parsed.Need(draws, "a --temperature above 0", options.TopP);
        parsed.Need(draws || isSuggested, "a --temperature above 0 or --sampling suggested", options.Seed);
        if (parsed.Get(options.TraceToken) is { } token && parsed.Get(options.Generate) is var count
            && (token >= count || token < -count))
            throw new UsageException(
                $"--trace-token is {token}, expected {-count} to {count - 1} with --generate {count}.");
        if (parsed.Get(options.Weights) == AttentionWeights.Contribution
            && parsed.Get(options.AggHeads) is { } reduction)
            throw new UsageException(
                $"--agg-heads is {Words.Of(reduction)}, but --weights contribution adds up what heads bring; leave "
                + "--agg-heads out: --heads says which are added.");
        if (parsed.Has(options.TraceToken) && parsed.Has(options.Position))
            throw new UsageException("--trace-token and --position both say what to trace; give one of them.");
    }

    /// <summary>Returns the settings with heads to leave out whose numbers count from 0.</summary>
    /// <exception cref="ArgumentException">The model does not have one.</exception>
    public TraceSettings For(Session session) => this with { Ablated = session.Named(Ablated, "--ablate") };

    /// <summary>Returns how the tokens of a model are generated.</summary>
    /// <exception cref="InvalidDataException">The model suggests nothing, or something that cannot be
    /// applied.</exception>
    public SamplingOptions SamplingOf(LanguageModel model)
    {
        const string Cure = "leave --sampling out, or give --temperature and --top-p instead.";
        if (!SamplesAsSuggested)
            return Sampling;
        var folder = ModelFolder.Find(Model);
        if (model.GenerationDefaults is not { } defaults)
            throw new InvalidDataException(
                $"{folder}: has no {GenerationDefaults.FileName}, so it suggests no sampling; {Cure}");
        try
        {
            return SamplingOptions.Of(defaults, Sampling.Seed);
        }
        catch (InvalidDataException fault)
        {
            // The message begins with the name of the file.
            throw new InvalidDataException($"{Path.Join(folder, fault.Message.TrimEnd('.'))}; {Cure}", fault);
        }
    }

    /// <summary>Returns the heads of each trace.</summary>
    public ImmutableArray<HeadAggregation> HeadsOf(Session session)
    {
        var heads = Heads is { } asked ? session.Heads(asked) : [];
        return Reduction switch
        {
            HeadReductionChoice.None when heads.IsEmpty => Each(Enumerable.Range(0, session.Model.Config.HeadCount)),
            HeadReductionChoice.None => Each(heads),
            HeadReductionChoice.Max => [heads.IsEmpty ? HeadAggregation.Max : HeadAggregation.MaxOf(heads.AsSpan())],
            _ => [heads.IsEmpty ? HeadAggregation.Mean : HeadAggregation.MeanOf(heads.AsSpan())],
        };

        static ImmutableArray<HeadAggregation> Each(IEnumerable<int> heads) => [.. heads.Select(HeadAggregation.Head)];
    }
}
