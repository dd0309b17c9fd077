using System.Collections.Immutable;

namespace RatIlgpu.Tracing;

/// <summary>A step that some path takes.</summary>
/// <param name="Source">The earlier position (the key).</param>
/// <param name="Target">The later position (the query).</param>
/// <param name="Attention">The attention the query pays to the key, in [0, 1].</param>
/// <param name="Value">The sum over the paths of path weight times attention.</param>
/// <param name="PathIndices">The paths that take the step, ascending.</param>
public sealed record SankeyLink(int Source, int Target, double Attention, double Value, ImmutableArray<int> PathIndices)
{
    /// <summary>Tells whether both are the same step of the same paths.</summary>
    public bool Equals(SankeyLink? other) =>
        other is not null && Source == other.Source && Target == other.Target && Attention.Equals(other.Attention)
        && Value.Equals(other.Value) && PathIndices.AsSpan().SequenceEqual(other.PathIndices.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Target, Value);
}
