using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Tracing;

/// <summary>What a search over the attention of a layer found.</summary>
/// <param name="Paths">The best paths, best first.</param>
/// <param name="SelfAttention">What each visited position pays to itself.</param>
/// <param name="TargetAttention">What the target pays to each position up to itself.</param>
sealed record PathSearch(
    ImmutableArray<BeamPath> Paths,
    ImmutableSortedDictionary<int, double> SelfAttention,
    ImmutableArray<double> TargetAttention)
{
    /// <summary>Runs a model up to the traced layer and searches its attention.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens; only those up to the target are run.</param>
    /// <param name="options">How, resolved by <see cref="TraceOptions.Resolve"/>.</param>
    /// <param name="progress">Who is told the share of the layers run.</param>
    /// <param name="cancellation">Stops the run.</param>
    public static PathSearch Run(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        TraceOptions options,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var seen = ids[..(options.TargetPosition + 1)];
        var mask = options.AttentionMask?[..seen.Length];
        using var attention = LayerAttention.Of(
            model, seen, options.Layer, options.Heads, mask, progress, cancellation);
        return Over(attention, EndsOf(seen, options), options, cancellation);
    }

    /// <summary>Runs a model once, up to the last of some layers, and searches the attention of each.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens; only those up to the target are run.</param>
    /// <param name="options">How, for each layer: resolved by <see cref="TraceOptions.Resolve"/>, different in nothing
    /// but the layer, which ascends.</param>
    /// <param name="progress">Who is told the share of the layers run.</param>
    /// <param name="cancellation">Stops the run.</param>
    public static ImmutableArray<PathSearch> RunLayers(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ImmutableArray<TraceOptions> options,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var first = options[0];
        var seen = ids[..(first.TargetPosition + 1)];
        var ends = EndsOf(seen, first);
        var found = ImmutableArray.CreateBuilder<PathSearch>(options.Length);
        LayerAttention.Each(
            model, seen, [.. options.Select(one => one.Layer)], first.Heads,
            attention => found.Add(Over(attention, ends, options[found.Count], cancellation)),
            first.AttentionMask?[..seen.Length], progress, cancellation);
        return found.MoveToImmutable();
    }

    static PathSearch Over(
        LayerAttention attention, ImmutableHashSet<int> ends, TraceOptions options, CancellationToken cancellation)
    {
        var paths = BeamSearch.Search(attention, options.TargetPosition, options, ends.Contains, cancellation);
        var self = paths.SelectMany(path => path.Positions).Distinct()
            .ToImmutableSortedDictionary(position => position, position => (double)attention.Row(position)[position]);
        return new PathSearch(paths, self, Widen(attention.Row(options.TargetPosition)));
    }

    static ImmutableHashSet<int> EndsOf(ReadOnlySpan<int> ids, TraceOptions options)
    {
        if (!options.StopAtBos || options.BosTokenId is not { } bos)
            return [];
        var ends = ImmutableHashSet.CreateBuilder<int>();
        for (var position = 0; position < ids.Length; position++)
            if (ids[position] == bos)
                ends.Add(position);
        return ends.ToImmutable();
    }

    static ImmutableArray<double> Widen(ReadOnlySpan<float> row)
    {
        var wide = new double[row.Length];
        for (var i = 0; i < row.Length; i++)
            wide[i] = row[i];
        return [.. wide];
    }
}
