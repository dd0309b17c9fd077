namespace RatIlgpu.Analysis;

/// <summary>Reads the attention of heads, one after the other, from a run of a model or from a recorded one.</summary>
/// <remarks>The rotated queries and keys of one layer are kept at a time, and rows of a pattern are computed when they
/// are asked for: memory grows with the prompt and not with its square. The weighting by the norm of a transformed
/// value is that of Kobayashi et al., "Attention is Not Only a Weight: Analyzing Transformers with Vector Norms",
/// 2020.</remarks>
/// <param name="model">The model.</param>
public sealed class AttentionReader(Qwen2Model model)
{
    readonly OutputGrams grams = new(model);

    /// <summary>Gets the listener to the share of the layers of a prompt that have run, in [0, 1]. Default:
    /// none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Returns the heads that options choose, in the order asked: by layer where no heads are given.</summary>
    /// <param name="options">The options.</param>
    /// <param name="runs">The recorded runs that are read; where neither layers nor heads are given, only heads whose
    /// pattern is in each of them are returned. None for runs of the model.</param>
    /// <exception cref="ArgumentException">Both layers and heads are given, or an empty list, or a layer twice; or the
    /// recordings have no head in common.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a layer or head.</exception>
    public ImmutableArray<HeadIndex> HeadsOf(AttentionOptions options, params IReadOnlyList<Recording> runs)
    {
        var config = model.Config;
        if (options is { Layers: not null, Heads: not null })
            throw new ArgumentException("Both layers and heads are given, expected one of them.");
        if (options.Heads is { } asked)
            return asked.IsEmpty
                ? throw new ArgumentException("There is no head: at least one is needed, or null for all.")
                : [.. asked.Select(Wrapped).Distinct()];
        ImmutableArray<HeadIndex> all =
        [
            .. ActivationAxes.Resolve(options.Layers, config.LayerCount, "layer").SelectMany(layer =>
                Enumerable.Range(0, config.HeadCount).Select(head => new HeadIndex(layer, head))),
        ];
        if (options.Layers is not null || runs.Count == 0)
            return all;
        List<RecordedHeads> recorded = [.. runs.Select(run => new RecordedHeads(model, run, options))];
        ImmutableArray<HeadIndex> common = [.. all.Where(head => recorded.All(run => run.HasPattern(head)))];
        return !common.IsEmpty
            ? common
            : throw new NotRecordedException(
                (runs.Count == 1
                    ? "The recording has no layer"
                    : $"The {runs.Count} recordings have no layer in common")
                + " whose attention was recorded at all positions",
                "record Pattern, or RotatedQuery and RotatedKey");
    }

    /// <summary>Tells whether the heads and everything asked of them were recorded.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">The heads, and what of them.</param>
    /// <exception cref="ArgumentException">The run is of another model, or the heads do not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a layer or head.</exception>
    public bool CanRead(Recording run, AttentionOptions options)
    {
        run.CheckFor(model);
        var recorded = new RecordedHeads(model, run, options);
        return Needed(HeadsOf(options, run), options).All(head => recorded.MissingOf(head) is null);
    }

    /// <summary>Returns the captures that a recording needs for <see cref="Read(Recording, AttentionOptions,
    /// Action{HeadAttention}, CancellationToken)"/> of these heads: rotated queries and keys, and values where factors
    /// are wanted; the pattern where an intervention changes it.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">The heads do not fit the model, or both layers and heads are
    /// given.</exception>
    public ImmutableArray<Capture> Captures(AttentionOptions options) =>
    [
        .. AttentionPlan.Make(Needed(HeadsOf(options), options), options).Layers
            .SelectMany(layer => layer.Sites.Select(site =>
            new Capture(site.Activation)
            {
                Layers = [layer.Layer],
                Heads =
                [
                    .. layer.Heads.Select(head =>
                            head * ActivationAxes.HeadsOf(site.Activation, model.Config) / model.Config.HeadCount)
                        .Distinct(),
                ],
            })),
    ];

    /// <summary>Runs the model over a prompt, as far as its last head needs, and reads heads while it runs.</summary>
    /// <param name="prompt">The prompt; its target and positions have no meaning here. A prompt with a recorded run is
    /// read from there.</param>
    /// <param name="options">The heads, and what of them.</param>
    /// <param name="each">Receives the heads: layers ascending, the heads of a layer in the order asked. Rows can be
    /// made until it returns.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty; the mask, the heads or an intervention do not fit; or
    /// the recorded run is of another model or prompt, or does not have a head.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, a layer or a head is not there.</exception>
    /// <exception cref="ArithmeticException">A value is not a finite number.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Read(
        AnalysisPrompt prompt,
        AttentionOptions options,
        Action<HeadAttention> each,
        CancellationToken cancellation = default)
    {
        if (prompt.Run is { } run)
        {
            prompt.CheckRun(model);
            Read(run, options, each, cancellation);
            return;
        }

        var asked = HeadsOf(options);
        var plan = AttentionPlan.Make(Needed(asked, options), options);
        plan.CheckRun(model, prompt.TokenIds.Length, prompt.AttentionMask);
        using var rolled = Rolled(prompt.TokenIds.Length, asked, options, each);
        using var probe = new AttentionProbe(
            model, plan, prompt, grams, rolled is null ? each : rolled.Add, cancellation);
        model.Run(prompt.TokenIds, new()
        {
            Probe = probe,
            ProbeTakesBlocks = !plan.ChangesInsideAttention,
            AttentionMask = prompt.AttentionMask,
            StopAfter = plan.Last,
            Progress = Progress,
            Cancellation = cancellation,
        });
    }

    /// <summary>Reads heads from a recorded run, which is not changed.</summary>
    /// <param name="run">The run, with <see cref="Activation.Pattern"/>, or <see cref="Activation.RotatedQuery"/> and
    /// <see cref="Activation.RotatedKey"/>, of each head at all positions; <see cref="Activation.Value"/> for factors.
    /// A recorded pattern is read as it is.</param>
    /// <param name="options">The heads, and what of them.</param>
    /// <param name="each">Receives the heads: layers ascending, the heads of a layer in the order asked. Rows can be
    /// made until it returns.</param>
    /// <param name="cancellation">Stops between two heads.</param>
    /// <exception cref="ArgumentException">The run is of another model or does not have a head, or not as an
    /// intervention changed it; the heads do not fit; or factors are asked, and an intervention gave a head another
    /// output than its values have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A layer or a head is not there.</exception>
    /// <exception cref="ArithmeticException">A value is not a finite number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Read(
        Recording run,
        AttentionOptions options,
        Action<HeadAttention> each,
        CancellationToken cancellation = default)
    {
        run.CheckFor(model);
        var asked = HeadsOf(options, run);
        var plan = AttentionPlan.Make(Needed(asked, options), options);
        var recorded = new RecordedHeads(model, run, options);
        foreach (var head in plan.Heads)
            if (recorded.MissingOf(head) is { } missing)
                throw missing;
        using var rolled = Rolled(run.TokenIds.Length, asked, options, each);
        foreach (var layer in plan.Layers)
            recorded.Make(layer, grams, rolled is null ? each : rolled.Add, cancellation);
    }

    ImmutableArray<HeadIndex> Needed(ImmutableArray<HeadIndex> asked, AttentionOptions options) =>
        options.Rollout ? RolledHeads.Needed(asked, model.Config.HeadCount) : asked;

    RolledHeads? Rolled(
        int tokenCount, ImmutableArray<HeadIndex> asked, AttentionOptions options, Action<HeadAttention> each)
    {
        if (!options.Rollout)
            return null;
        RolledHeads.CheckLength(tokenCount);
        return new(model.Device, tokenCount, asked, each);
    }

    HeadIndex Wrapped(HeadIndex asked)
    {
        var config = model.Config;
        var found = new HeadIndex(
            asked.Layer < 0 ? asked.Layer + config.LayerCount : asked.Layer,
            asked.Head < 0 ? asked.Head + config.HeadCount : asked.Head);
        return (uint)found.Layer < (uint)config.LayerCount && (uint)found.Head < (uint)config.HeadCount
            ? found
            : throw new ArgumentOutOfRangeException(
                nameof(asked),
                $"{asked} asked, but the model has layers 0 to {config.LayerCount - 1}, each with heads 0 to "
                + $"{config.HeadCount - 1}; negative numbers count from the end.");
    }
}
