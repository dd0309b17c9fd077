using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>What the command line asks <c>patch</c> for.</summary>
sealed record PatchPlan
{
    /// <summary>Gets the sources of paths, empty for all heads; null where an activation is patched.</summary>
    public required ImmutableArray<HeadIndex>? Sources { get; init; }

    /// <summary>Gets the input of paths.</summary>
    public required HeadInput Input { get; init; }

    /// <summary>Gets how paths go through a norm.</summary>
    public required NormTreatment Norm { get; init; }

    /// <summary>Gets the activation; null where paths are patched.</summary>
    public required Activation? Activation { get; init; }

    /// <summary>Gets the axes along which is patched one by one.</summary>
    public required PatchAxes Axes { get; init; }

    /// <summary>Gets who sees a patched key or value.</summary>
    public required KeyValueScope Scope { get; init; }

    /// <summary>Gets the layers; null for all.</summary>
    public required Selection? Layers { get; init; }

    /// <summary>Gets the heads; null for all.</summary>
    public required Selection? Heads { get; init; }

    /// <summary>Gets the patched positions; null for all.</summary>
    public required Selection? PatchPosition { get; init; }

    /// <summary>Gets the file of measured patches; null for none.</summary>
    public required string? Partial { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public static PatchPlan Read(ParseResult parsed, CliOptions options)
    {
        var (paths, activation) = (parsed.Has(options.Source), parsed.Get(options.Activation));
        if (paths == activation is not null)
            throw new UsageException(
                "say what to patch: paths with --source, or an activation with --activation, one of them.");
        parsed.Need(paths, "--source", options.Input, options.Norm);
        var plan = new PatchPlan
        {
            Sources = paths ? parsed.List(options.Source) : null,
            Input = parsed.Get(options.Input),
            Norm = parsed.Get(options.Norm),
            Activation = activation,
            Axes = parsed.Get(options.Axes) ?? UsualAxes(activation),
            Scope = parsed.Get(options.Scope)
                ?? (paths ? KeyValueScope.QueryHead : KeyValueScope.KeyValueGroup),
            Layers = Selection.Narrower(parsed.Get(options.Layers)),
            Heads = HeadChoice.NumbersOf(parsed.Get(options.Heads)),
            PatchPosition = Selection.Narrower(parsed.Get(options.PatchPosition)),
            Partial = parsed.Get(options.Partial),
        };
        plan.Check(parsed.Has(options.Scope));
        return plan;
    }

    // Single heads where there are heads, else single positions.
    static PatchAxes UsualAxes(Activation? activation) =>
        activation is null || HasHeads(activation.Value) ? PatchAxes.Head : PatchAxes.Position;

    static bool HasHeads(Activation activation) => activation is RatIlgpu.Activation.HeadOutput
        or RatIlgpu.Activation.Query or RatIlgpu.Activation.Key or RatIlgpu.Activation.Value
        or RatIlgpu.Activation.Pattern;

    void Check(bool hasScope)
    {
        var byHead = Axes.HasFlag(PatchAxes.Head);
        if (Sources is not null && Axes is not (PatchAxes.Layer or PatchAxes.Head))
            throw new UsageException("--axes of paths is head, the heads that they lead to, or layer.");
        if (Sources is not null && hasScope && Input == HeadInput.Query)
            throw new UsageException("--scope is for keys and values; heads share no query.");
        if (hasScope && !byHead)
            throw new UsageException("--scope is for single heads; --axes has none.");
        if (Activation is { } activation)
        {
            var name = Words.Of(activation);
            if (hasScope && activation is not (RatIlgpu.Activation.Key or RatIlgpu.Activation.Value))
                throw new UsageException($"--scope is for keys and values, not for {name}.");
            if (byHead && !HasHeads(activation))
                throw new UsageException($"--axes has head, but {name} has no heads.");
            if (Axes.HasFlag(PatchAxes.Key)
                && (activation != RatIlgpu.Activation.Pattern || !Axes.HasFlag(PatchAxes.Position)))
                throw new UsageException("--axes has key, which a pattern has, together with position.");
        }

        if (Heads is not null && Activation is { } without && !HasHeads(without))
            throw new UsageException($"--heads chooses single heads; {Words.Of(without)} has none.");
        if (Heads is not null && !byHead)
            throw new UsageException("--heads chooses single heads; --axes patches all of a layer at once.");
    }
}
