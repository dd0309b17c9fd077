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
    }

    /// <summary>Reads the options; null where no components are named.</summary>
    /// <exception cref="UsageException">An option means nothing without another, or two contradict each
    /// other.</exception>
    public static RemovedComponents? Read(ParseResult parsed, CliOptions options)
    {
        var (names, file) = (parsed.List(options.Components), parsed.Get(options.Decomposition));
        parsed.Need(!names.IsEmpty, "--components", options.Decomposition, options.Svd, options.Scope);
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

    /// <summary>Returns components for single heads alone; for no heads, as they are.</summary>
    /// <param name="components">The components.</param>
    /// <param name="heads">The query heads.</param>
    public AblatedComponents OfHeads(AblatedComponents components, IReadOnlyCollection<int> heads) =>
        heads.Count == 0
            ? components
            : components with
            {
                Components =
                [
                    .. from one in components.Components
                       from head in heads
                       select one with { Head = head, Scope = Scope },
                ],
            };
}
