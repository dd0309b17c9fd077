using RatIlgpu.Cli.Components;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Ablation;

/// <summary>Which study is run, from the command line.</summary>
/// <param name="Heads">The heads; null for all of the layer.</param>
/// <param name="ValueHeads">The heads whose own values are removed in the redundancy test; empty for those of
/// <paramref name="Heads"/>.</param>
/// <param name="Options">What the study takes away; its heads are not resolved yet.</param>
/// <param name="IsRedundancy">Whether the redundancy test is run instead.</param>
/// <param name="Sweep">The largest offset of the sweep that is run instead; null for none.</param>
/// <param name="Offsets">The largest distance of the comparison of attention that is run instead; null for
/// none.</param>
/// <param name="AttentionLayer">The layer whose heads are looked at in that; null for the usual one.</param>
/// <param name="Components">The components that are taken out instead of heads; null for none.</param>
sealed record AblateStudy(
    HeadChoice? Heads,
    ImmutableArray<HeadIndex> ValueHeads,
    AblationOptions Options,
    bool IsRedundancy,
    int? Sweep,
    int? Offsets,
    Index? AttentionLayer,
    RemovedComponents? Components)
{
    /// <summary>Gets the least position that the study needs.</summary>
    public int LeastPosition => Sweep ?? Offsets ?? (IsRedundancy ? 1 : 0);

    /// <summary>Gets the option that needs <see cref="LeastPosition"/>.</summary>
    public string OptionOfPosition => this switch
    {
        { Sweep: { } most } => FormattableString.Invariant($"--sweep {most}"),
        { Offsets: { } most } => FormattableString.Invariant($"--offsets {most}"),
        _ => "--redundancy",
    };

    /// <summary>Gets whether the position of a sample has no meaning: all are changed, and all are looked
    /// at.</summary>
    public bool IsOfAllPositions => Options.Everywhere && Offsets is null;

    // Whether values are removed besides, of one layer.
    bool IsTest => IsRedundancy || Sweep is not null;

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options)
    {
        command.AddAll(
            options.Heads, options.Layer, options.Together, options.Part, options.Kind, options.Everywhere,
            options.Redundancy, options.ValueHeads, options.Sweep, options.Attention, options.Offsets,
            options.AttentionLayer);
        RemovedComponents.AddTo(command, options);
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Two of them contradict each other, or one means nothing without
    /// another.</exception>
    public static AblateStudy Read(ParseResult parsed, CliOptions options)
    {
        var study = new AblateStudy(
            HeadChoice.Of(parsed.Get(options.Heads)), parsed.List(options.ValueHeads),
            new()
            {
                Layer = parsed.Get(options.Layer),
                Together = parsed.Get(options.Together),
                Part = parsed.Get(options.Part),
                Kinds = [.. parsed.List(options.Kind)],
                Everywhere = parsed.Get(options.Everywhere),
            },
            parsed.Get(options.Redundancy), parsed.Get(options.Sweep),
            parsed.Get(options.Attention) ? parsed.Get(options.Offsets) : null,
            parsed.Get(options.AttentionLayer), RemovedComponents.Read(parsed, options));
        if (study.Heads is { Names: [var first, ..] } && parsed.Has(options.Layer))
            throw new UsageException(
                $"--heads has {first}, which names its layer; leave --layer out, or give heads by number.");
        parsed.Need(study.IsRedundancy, "--redundancy", options.ValueHeads);
        parsed.Need(study.Offsets is not null, "--attention", options.Offsets, options.AttentionLayer);
        foreach (var option in (Option[])[options.Part, options.Kind])
            if (study.Components is not null && parsed.Has(option))
                throw new UsageException(
                    $"{option.Name} is about heads, and --components takes parts of queries and keys out; leave it "
                    + "out.");
        if (study.IsTest)
            study.CheckTest(parsed, options);
        else
            study.CheckKinds();
        return study;
    }

    /// <summary>Runs the study.</summary>
    /// <param name="session">The model.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="seed">The seed of the random tokens on which heads are scored.</param>
    /// <exception cref="ArgumentException">A head is not there, or an option does not fit the model or the
    /// samples.</exception>
    public AblateResult Run(Session session, ImmutableArray<AblationSample> samples, int seed)
    {
        var network = session.Model.Network;
        var heads = HeadsOf(session);
        var valueHeads = session.Named(ValueHeads, "--value-heads");
        if (IsTest)
            CheckLayer(heads, valueHeads);
        if (samples.Length == 1 && Options.Kinds.Contains(AblationKind.Resample))
            throw new ArgumentException(
                "--kind has resample, which takes from another sample, and there is one alone; give more.");
        var components = ComponentsOf(session, heads);
        using var progress = new ProgressLine(session.Terminal, "samples");
        return this switch
        {
            { IsRedundancy: true } => AblateResult.Of(RedundancyStudy.Run(
                network, samples, heads, [.. valueHeads], components, progress, session.Cancellation)),
            { Sweep: { } most } => AblateResult.Of(RedundancyStudy.Sweep(
                network, samples, heads, most, components, progress, session.Cancellation)),
            { Offsets: { } most } => AblateResult.Of(Compare(
                session, samples, ConditionsOf(network, heads, components), most, progress)),
            _ => AblateResult.Of(StudyOf(
                session, samples, Options with { Heads = heads, Components = components }, seed, progress)),
        };
    }

    /// <summary>Returns a warning where the mean is that of one value, which a reader would take for a head without an
    /// effect; null where it is not.</summary>
    /// <param name="samples">The samples.</param>
    public string? AboutMeans(ImmutableArray<AblationSample> samples)
    {
        if (IsTest || Components is not null || !Options.Kinds.Contains(AblationKind.Mean))
            return null;
        var alone = AblationSample.AloneInMean(samples, Options.Everywhere);
        return alone.IsEmpty
            ? null
            : $"the mean of sample {string.Join(", ", alone.Select(place => place + 1))} is that of one value, what "
                + $"stands at {(Options.Everywhere ? "one position of it" : "its position")}: mean changes nothing "
                + "there; give samples of other texts";
    }

    AttentionComparison Compare(
        Session session,
        ImmutableArray<AblationSample> samples,
        ImmutableArray<AblationCondition> conditions,
        int most,
        ProgressLine progress)
    {
        var network = session.Model.Network;
        var layer = AttentionLayer is null
            ? AttentionComparison.LayerFor(network, conditions)
            : session.LayerOf(AttentionLayer, "--attention-layer");
        foreach (var condition in conditions)
            CheckSeen(condition, layer, network.Config.LayerCount);
        return AttentionComparison.RunConditions(
            network, samples, conditions, layer, most, Options.Everywhere, progress, session.Cancellation);
    }

    // A table of zeros would read as heads that nothing moves.
    static void CheckSeen(AblationCondition condition, int layer, int layers)
    {
        // Components, redirection and knock-out change patterns, and thus those of their own layer.
        var changesPatterns = condition.Components is not null
            || condition.Kind is AblationKind.Redirect or AblationKind.KnockOut;
        var first = changesPatterns ? condition.Layer : condition.Layer + 1;
        if (layer >= first)
            return;
        throw new ArgumentException(
            FormattableString.Invariant($"{condition} cannot change where the heads of layer {layer} look, ")
            + (first < layers
                ? FormattableString.Invariant($"expected layer {first} or a later one; give such an ")
                    + "--attention-layer, or take something away in an earlier layer."
                : "and there is no later layer; give heads of an earlier one."));
    }

    // Components are taken out for all heads, and for those that are named.
    ImmutableArray<AblationCondition> ConditionsOf(
        Qwen2Model model, ValueArray<HeadIndex> heads, AblatedComponents? components)
    {
        var options = Options with { Heads = heads, Components = components };
        var all = options.ConditionsFor(model);
        return components is null || Heads is null
            ? all
            : [.. all, .. (options with { Components = OfHeads(components, heads) }).ConditionsFor(model)];
    }

    AblatedComponents OfHeads(AblatedComponents all, ValueArray<HeadIndex> heads) =>
        Components!.OfHeads(all, [.. heads.Select(head => head.Head)]);

    // In a test, the heads say whose values are removed; in a study, for whom components are taken out; attention is
    // compared with both.
    AblatedComponents? ComponentsOf(Session session, ValueArray<HeadIndex> heads)
    {
        if (Components is null)
            return null;
        CheckLayer(heads, []);
        var all = Components.Of(session, heads[0].Layer);
        return Heads is null || IsTest || Offsets is not null ? all : OfHeads(all, heads);
    }

    // What all heads do without some of them is asked where these are away from the whole text.
    static AblationReport StudyOf(
        Session session,
        ImmutableArray<AblationSample> samples,
        AblationOptions options,
        int seed,
        ProgressLine progress)
    {
        var report = AblationStudy.Run(
            session.Model.Network, samples, options with { Masked = [.. session.Model.IdsWithoutToken] }, progress,
            session.Cancellation);
        if (!options.Everywhere || !AblatedScores.CanRun(session.Model))
            return report;
        progress.Dispose();
        using var scored = new ProgressLine(session.Terminal, "sequences that score heads");
        return report with
        {
            Scores = AblatedScores.Run(
                session.Model, options, new() { Seed = seed }, scored, session.Cancellation),
        };
    }

    void CheckLayer(ValueArray<HeadIndex> heads, ValueArray<HeadIndex> valueHeads)
    {
        foreach (var (list, option) in new[] { (heads, "--heads"), (valueHeads, "--value-heads") })
            foreach (var head in list)
                if (head.Layer != heads[0].Layer)
                    throw new ArgumentException(
                        $"{option} has {head}, expected heads of layer {heads[0].Layer}, as {heads[0]} is of: "
                        + $"{(IsTest ? OptionOfPosition : "--components")} is about one layer.");
    }

    ValueArray<HeadIndex> HeadsOf(Session session)
    {
        if (Heads is { Names: { IsEmpty: false } names })
            return [.. session.Named(names)];
        var layer = session.LayerOf(Options.Layer);
        return [.. session.Heads(Heads?.Numbers ?? Selection.All).Select(head => new HeadIndex(layer, head))];
    }

    void CheckTest(ParseResult parsed, CliOptions options)
    {
        var test = IsRedundancy ? options.Redundancy.Name : options.Sweep.Name;
        if (IsRedundancy && Sweep is not null)
            throw new UsageException("--redundancy and --sweep are two tests; give one of them.");
        if (Offsets is not null)
            throw new UsageException($"{test} and --attention are two studies; give one of them.");
        if (Heads is null && (IsRedundancy || Components is null))
            throw new UsageException(
                $"{test} needs --heads: the heads of one layer {(Components is null ? "that" : "whose values")} are "
                + "taken away.");
        if (Heads is not null && !IsRedundancy && Components is not null)
            throw new UsageException(
                "--heads means nothing with --sweep and --components, which take away components and the values of "
                + "all heads; leave it out, and give --layer.");
        if (parsed.Has(options.Scope))
            throw new UsageException(
                $"--scope means nothing with {test}, which takes components out for all heads; leave it out.");
        foreach (var option in (Option[])[options.Together, options.Part, options.Kind, options.Everywhere])
            if (parsed.Has(option))
                throw new UsageException(
                    $"{option.Name} means nothing with {test}, which sets outputs and values to zero; leave it out.");
    }

    void CheckKinds()
    {
        if (Options.Part == AblatedPart.Head && Options.Kinds.Contains(AblationKind.KnockOut))
            throw new UsageException("--kind has knock-out, which is for values; give --part value.");
        if (Options.Part == AblatedPart.Value && Options.Kinds.Contains(AblationKind.Redirect))
            throw new UsageException("--kind has redirect, which is for heads; leave --part out.");
        if (Options.Everywhere && Options.Kinds.Contains(AblationKind.KnockOut))
            throw new UsageException(
                "--kind has knock-out, which hides a position, and --everywhere would leave none to see.");
    }
}
