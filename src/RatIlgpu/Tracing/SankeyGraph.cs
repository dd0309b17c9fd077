using System.Collections.Immutable;

namespace RatIlgpu.Tracing;

/// <summary>The paths of a trace, drawn together: one node per position, one link per step.</summary>
/// <param name="Nodes">The positions used, ascending.</param>
/// <param name="Links">The steps, in the order in which the paths first take them.</param>
public sealed partial record SankeyGraph(ImmutableArray<SankeyNode> Nodes, ImmutableArray<SankeyLink> Links);

/// <summary>A position that some path visits.</summary>
/// <param name="Id">Layer and position, such as <c>L23_P4</c>.</param>
/// <param name="Name">The token's text.</param>
/// <param name="Position">The position.</param>
/// <param name="Layer">The traced layer.</param>
public sealed record SankeyNode(string Id, string Name, int Position, int Layer);

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
