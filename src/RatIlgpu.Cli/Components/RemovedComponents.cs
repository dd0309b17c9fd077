using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Components;

/// <summary>The components that a command takes out of runs.</summary>
/// <param name="Names">The components.</param>
/// <param name="File">The file that they are of; null for singular vectors.</param>
/// <param name="Kind">Which singular vectors.</param>
/// <param name="Scope">Who sees changed keys of single heads.</param>
sealed record RemovedComponents(
    ValueArray<NamedComponent> Names, string? File, DecompositionKind Kind, KeyValueScope Scope)
{
    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options)
    {
        command.AddAll(options.Components, options.Decomposition, options.Svd, options.Scope);
        command.Defaults[options.Scope] = "key-value-group";
        command.OwnHelp[options.Svd] = (
            "matrix|head", "What the singular vectors are of: the whole matrix, or the block of each head by itself.");
        command.OwnHelp[options.Scope] = (
            options.Scope.HelpName!,
            "With --components and --heads: who sees the keys without components: query-head, each of the heads by "
            + "itself, or key-value-group, all that share the key.");
    }

    /// <summary>Reads the options; null where no components are named.</summary>
    /// <exception cref="UsageException">An option means nothing without another, or two contradict each
    /// other.</exception>
    public static RemovedComponents? Read(ParseResult parsed, CliOptions options)
    {
        var (names, file) = (parsed.List(options.Components), parsed.Get(options.Decomposition));
        parsed.Need(!names.IsEmpty, "--components", options.Decomposition, options.Svd, options.Scope);
        parsed.Need(parsed.Has(options.Heads), "--heads", options.Scope);
        parsed.Need(
            names.Any(one => one.Projection == AttentionProjection.Key), "a component of keys in --components",
            options.Scope);
        if (file is not null && parsed.Has(options.Svd))
            throw new UsageException("--svd is about singular vectors, and --decomposition reads others; give one.");
        if (parsed.Get(options.Svd) == SvdUnit.Qk)
            throw new UsageException("--svd is qk, which only the command components takes; give matrix or head.");
        return names.IsEmpty
            ? null
            : new(
                [.. names], file,
                parsed.Get(options.Svd) == SvdUnit.Head ? DecompositionKind.HeadSvd : DecompositionKind.MatrixSvd,
                parsed.Get(options.Scope) ?? KeyValueScope.KeyValueGroup);
    }

    /// <summary>Returns the components of a layer.</summary>
    /// <param name="session">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <exception cref="ArgumentException">The model or the file does not have a component.</exception>
    public AblatedComponents Of(Session session, int layer)
    {
        var network = session.Model.Network;
        var all = File is { } file
            ? Decomposition.Load(network, layer, file)
            : Decomposition.Svd(network, layer, Kind, session.Cancellation);
        foreach (var one in Names)
            if (one.Number >= all[one.Projection].Count)
                throw new ArgumentException(FormattableString.Invariant(
                    $"--components has {(one.Projection == AttentionProjection.Query ? 'q' : 'k')}{one.Number}, but ")
                    + $"layer {layer} has {all[one.Projection].Count} such components, from 0.");
        return new(all, [.. Names.Select(one => new AblatedComponent(one.Projection, one.Number))]);
    }

    /// <summary>Returns components for single heads alone; for no heads, as they are. A component of the singular
    /// vectors of another head has no part in a head, and is left out there.</summary>
    /// <param name="components">The components.</param>
    /// <param name="heads">The query heads.</param>
    /// <exception cref="ArgumentException">A component has no part in any of the heads.</exception>
    public AblatedComponents OfHeads(AblatedComponents components, IReadOnlyCollection<int> heads)
    {
        if (heads.Count == 0)
            return components;
        foreach (var one in components.Components)
            if (!heads.Any(head => IsIn(components, one, head)))
                throw new ArgumentException(NoPart(components, one, heads));
        return components with
        {
            Components =
            [
                .. from one in components.Components
                   from head in heads
                   where IsIn(components, one, head)
                   select one with { Head = head, Scope = Scope },
            ],
        };
    }

    static bool IsIn(AblatedComponents components, AblatedComponent one, int head)
    {
        var (matrix, heads) = (components.Decomposition[one.Projection], QueryHeads(components));
        return matrix.OfHead(one.Component, head * matrix.HeadCount / heads).ContainsAnyExcept(0.0);
    }

    static int QueryHeads(AblatedComponents components) =>
        components.Decomposition[AttentionProjection.Query].HeadCount;

    static string NoPart(AblatedComponents components, AblatedComponent one, IReadOnlyCollection<int> heads)
    {
        var letter = one.Projection == AttentionProjection.Query ? 'q' : 'k';
        var own = Enumerable.Range(0, QueryHeads(components)).Where(head => IsIn(components, one, head)).ToList();
        return FormattableString.Invariant($"--components has {letter}{one.Component}, which writes nothing to ")
            + string.Join(", ", heads.Select(head => new HeadIndex(components.Layer, head)))
            + (own.Count == 0
                ? ": it is 0; leave it out."
                : $", but to {string.Join(", ", own.Select(head => new HeadIndex(components.Layer, head)))}: give one "
                    + "of these with --heads, or another component.");
    }
}
