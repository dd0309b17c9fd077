using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Components;

/// <summary>Which components of which layer are looked at.</summary>
/// <param name="Layers">The layer; null for the one with the best induction head.</param>
/// <param name="Heads">The heads whose induction is looked at; null for the best of the layer.</param>
/// <param name="File">The file of components; null for singular vectors.</param>
/// <param name="Kind">Which singular vectors.</param>
/// <param name="Distance">Of the scores of a head, the distance.</param>
/// <param name="Top">The most components of each matrix; null for the usual number.</param>
sealed record ComponentsChoice(
    Selection? Layers, HeadChoice? Heads, string? File, DecompositionKind Kind, int Distance, int? Top)
{
    const string SeveralLayers = "--heads names heads of several layers; components are of one layer.";

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Two of them contradict each other.</exception>
    public static ComponentsChoice Read(ParseResult parsed, CliOptions options)
    {
        var (heads, file) = (HeadChoice.Of(parsed.Get(options.Heads)), parsed.Get(options.Decomposition));
        if (heads is { Names: [var first, ..] names })
            if (parsed.Has(options.Layers))
                throw new UsageException(
                    $"--heads has {first}, which names its layer; leave --layers out, or give heads by number.");
            // One that counts from the end may be the same layer as one that does not.
            else if (names.Any(head => head.Layer != first.Layer && (head.Layer < 0) == (first.Layer < 0)))
                throw new UsageException(SeveralLayers);
        if (file is not null && parsed.Has(options.Svd))
            throw new UsageException("--svd is about singular vectors, and --decomposition reads others; give one.");
        int? top = parsed.Has(options.Top) ? parsed.Get(options.Top) : null;
        if (top == 0)
            throw new UsageException("--top is 0, which leaves no component to look at; give 1 or more.");
        parsed.Need(parsed.Get(options.Svd) == SvdUnit.Qk, "--svd qk", options.SvdDistance);
        return new(
            parsed.Get(options.Layers), heads, file,
            parsed.Get(options.Svd) switch
            {
                SvdUnit.Qk => DecompositionKind.QueryKeySvd,
                SvdUnit.Head => DecompositionKind.HeadSvd,
                _ => DecompositionKind.MatrixSvd,
            },
            parsed.Get(options.SvdDistance), top);
    }

    /// <summary>Returns the layer that was asked for; null if none was.</summary>
    /// <exception cref="ArgumentException">The model does not have it, or there are several.</exception>
    public int? LayerOf(Session session)
    {
        if (Heads is { Names: { IsEmpty: false } names })
            return session.Named(names).Select(head => head.Layer).Distinct().ToList() is [var one]
                ? one
                : throw new ArgumentException(SeveralLayers);
        if (Layers is not { } asked)
            return null;
        var found = session.Layers(asked);
        return found is [var only]
            ? only
            : throw new ArgumentException(
                $"--layers is {asked}, {found.Length} layers, expected one: components are of one layer.");
    }

    /// <summary>Returns the heads that were asked for; none if no heads were.</summary>
    /// <param name="session">The model.</param>
    /// <param name="layer">The layer of heads that are given by number.</param>
    /// <exception cref="ArgumentException">The model does not have one.</exception>
    public ImmutableArray<HeadIndex> HeadsOf(Session session, int layer) => Heads switch
    {
        null => [],
        { Numbers: { } numbers } => [.. session.Heads(numbers).Select(head => new HeadIndex(layer, head))],
        { Names: var names } => session.Named(names),
    };
}
