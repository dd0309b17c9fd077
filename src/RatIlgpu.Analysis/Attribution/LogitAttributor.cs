namespace RatIlgpu.Analysis;

/// <summary>Attributes logits to the parts of the residual stream, from a recorded run.</summary>
/// <remarks>Logits are linear in the parts of the stream once the scale of the final norm is held; the scale is that of
/// the run. Weights are never changed. Output weights are projected on the direction of the logit first, so the vector
/// that a head or neuron writes is never made.</remarks>
/// <param name="model">The model.</param>
public sealed class LogitAttributor(Qwen2Model model)
{
    readonly Lazy<double[]> mean = new(() => MeanRow(model));

    /// <summary>Gets the listener to the share of the prompts of a batch that are done, in [0, 1]. Default:
    /// none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Returns the captures that a unit needs. If an intervention changes the values of one query head alone,
    /// <see cref="AttributionUnit.HeadBySource"/> needs <see cref="Activation.HeadValue"/> too.</summary>
    /// <param name="unit">The parts.</param>
    /// <param name="positions">The positions, <c>^1</c> for the last; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The unit is not a member of
    /// <see cref="AttributionUnit"/>.</exception>
    public static ImmutableArray<Capture> Captures(AttributionUnit unit, ValueArray<Index>? positions = null) =>
    [
        .. ActivationsOf(unit).Select(activation => new Capture(activation)
        {
            // A head reads values at all earlier positions.
            Positions = activation == Activation.Value ? null : positions,
        }),
        new(Activation.ResidualAfter) { Layers = [^1], Positions = positions },
        new(Activation.FinalNorm) { Positions = positions },
    ];

    /// <summary>Runs the model once and attributes a logit.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="target">The tokens.</param>
    /// <param name="position">The position, <c>^1</c> for the last.</param>
    /// <param name="options">The options; null for sublayers.</param>
    /// <param name="recording">The options of the run; null for a plain run.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The position is padding, or an option does not fit the model, the prompt or
    /// another option.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public LogitAttribution Attribute(
        ReadOnlySpan<int> ids,
        LogitTarget target,
        Index position,
        AttributionOptions? options = null,
        RecordingOptions? recording = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        Check(target, options);
        var captures = Captures(options.Unit, [position]);
        if (options.Unit == AttributionUnit.HeadBySource && ChangesOwnValues(recording))
            captures = captures.Add(new(Activation.HeadValue));
        var run = new Recorder(model).Record(ids, captures, recording, cancellation);
        return Attribute(run, target, position, options);
    }

    /// <summary>Attributes a logit of a recorded run.</summary>
    /// <param name="run">The run, with the captures of <see cref="Captures"/>.</param>
    /// <param name="target">The tokens.</param>
    /// <param name="position">The position, <c>^1</c> for the last.</param>
    /// <param name="options">The options; null for sublayers.</param>
    /// <exception cref="ArgumentException">The run is of another model or does not have the captures; the position is
    /// padding; or heads are split by source, and an intervention gave one another output than its values
    /// have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range.</exception>
    public LogitAttribution Attribute(
        Recording run, LogitTarget target, Index position, AttributionOptions? options = null) =>
        Attribute(run, target, [position], options)[0];

    /// <summary>Attributes a logit of a recorded run at several positions.</summary>
    /// <param name="run">The run, with the captures of <see cref="Captures"/>.</param>
    /// <param name="target">The tokens.</param>
    /// <param name="positions">The positions, <c>^1</c> for the last, each once.</param>
    /// <param name="options">The options; null for sublayers.</param>
    /// <returns>An attribution for each position, in the given order.</returns>
    /// <exception cref="ArgumentException">The run is of another model or does not have the captures; a position is
    /// given twice or is padding, or none is given; or heads are split by source, and an intervention gave one another
    /// output than its values have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range.</exception>
    public ImmutableArray<LogitAttribution> Attribute(
        Recording run, LogitTarget target, ReadOnlySpan<Index> positions, AttributionOptions? options = null)
    {
        options ??= new();
        Check(target, options);
        var direction = DirectionOf(target, options);
        return [.. run.Resolve(model, positions).Select(place => At(run, target, place, options, direction))];
    }

    /// <summary>Attributes the logits of several prompts, each at its own positions.</summary>
    /// <param name="prompts">The prompts and their targets; at least one.</param>
    /// <param name="options">The options; null for sublayers.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <exception cref="ArgumentException">There is no prompt; one does not have a target, or not as many as positions;
    /// a recorded run is of another model or prompt or does not have the captures; a position is padding, or an option
    /// does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range.</exception>
    /// <exception cref="OperationCanceledException">The runs were cancelled.</exception>
    public AttributionBatch AttributeAll(
        IReadOnlyList<AnalysisPrompt> prompts,
        AttributionOptions? options = null,
        CancellationToken cancellation = default)
    {
        AnalysisPrompt.NeedSome(prompts);
        options ??= new();
        ImmutableArray<ImmutableArray<LogitTarget>> targets =
            [.. prompts.Select((prompt, place) => TargetsOf(prompt, place + 1, options))];
        var found = ImmutableArray.CreateBuilder<ImmutableArray<LogitAttribution>>(prompts.Count);
        (LogitTarget Target, LogitDirection Direction)? last = null;
        AnalysisPrompt.ReadAll(
            model, prompts, prompt => Captures(options.Unit, prompt.Positions), Read, cancellation);
        return new([.. prompts.Select(prompt => prompt.Positions)], found.MoveToImmutable());

        void Read(AnalysisPrompt prompt, Recording run)
        {
            var ofEach = targets[found.Count];
            var places = run.Resolve(model, prompt.Positions);
            found.Add([.. places.Select((at, place) => At(run, ofEach[place], at, options, Along(ofEach[place])))]);
            Progress?.Report((double)found.Count / prompts.Count);
        }

        // The weights are projected once for consecutive positions of one target.
        LogitDirection Along(LogitTarget target)
        {
            if (last?.Target != target)
                last = (target, DirectionOf(target, options));
            return last.Value.Direction;
        }
    }

    ImmutableArray<LogitTarget> TargetsOf(AnalysisPrompt prompt, int number, AttributionOptions options)
    {
        ImmutableArray<LogitTarget> targets =
        [
            .. prompt.TargetOfEach().Select(target => target ?? throw new ArgumentException(FormattableString.Invariant(
                $"Prompt {number} has no target, expected a token or a direction whose logit is explained."))),
        ];
        foreach (var target in targets)
            Check(target, options);
        return targets;
    }

    void Check(LogitTarget target, AttributionOptions options)
    {
        options.Check();
        target.CheckFor(model.Config);
        if (options.Reference == LogitReference.VocabularyMean && target.Direction is not null)
            throw new ArgumentException(
                $"{options.Reference} is the mean of the logits of all tokens, which a direction is not compared with: "
                + $"use {LogitReference.Raw}.");
    }

    LogitDirection DirectionOf(LogitTarget target, AttributionOptions options)
    {
        var isCentred = options.Reference == LogitReference.VocabularyMean && target.Foil is null;
        return new(model, target, isCentred ? mean.Value : []);
    }

    static IEnumerable<Activation> ActivationsOf(AttributionUnit unit) => unit switch
    {
        AttributionUnit.Sublayer => [Activation.Embedding, Activation.AttentionOutput, Activation.MlpOutput],
        AttributionUnit.CumulativeLayer => [Activation.ResidualBefore, Activation.ResidualMiddle],
        AttributionUnit.Head => [Activation.Embedding, Activation.HeadOutput, Activation.MlpOutput],
        AttributionUnit.HeadBySource =>
            [Activation.Embedding, Activation.Value, Activation.Pattern, Activation.MlpOutput],
        AttributionUnit.Neuron => [Activation.Embedding, Activation.AttentionOutput, Activation.MlpNeurons],
        _ => throw new ArgumentOutOfRangeException(nameof(unit), $"{unit} is no unit of attribution."),
    };

    LogitAttribution At(
        Recording run, LogitTarget target, int position, AttributionOptions options, LogitDirection direction)
    {
        var at = new PositionTerms(run, model.Config, direction, position);
        var measured = at.Measured();
        var separates = options.ValueBias == ValueBiasTreatment.Separate && model.Config.HasBiases;
        var rows = new AttributionRows(at, model.Config, separates);
        List<Contribution> terms = [.. rows.Of(options.Unit, position)];
        if (options.Unit != AttributionUnit.CumulativeLayer)
            terms.Add(new(new ResidualTerm.Rounding(), measured - terms.Sum(term => term.Value)));
        return new(run, target, position, options, measured, at.Scale, [.. terms]);
    }

    static bool ChangesOwnValues(RecordingOptions? recording) => recording is { Interventions: var changes }
        && changes.Any(change => change.Target.ChangedSite.Activation == Activation.HeadValue);

    // Uᵀ1 / V
    static double[] MeanRow(Qwen2Model model)
    {
        var ones = new double[model.Config.VocabularySize];
        Array.Fill(ones, 1);
        return [.. model.Transposed(model.Weights.Unembedding, ones).Select(sum => sum / ones.Length)];
    }
}
