using System.Collections.Immutable;

namespace RatIlgpu.Tracing;

/// <summary>The paths of a trace, drawn together: one node per position, one link per step.</summary>
/// <param name="Nodes">The positions used, ascending.</param>
/// <param name="Links">The steps, in the order in which the paths first take them.</param>
public sealed partial record SankeyGraph(ImmutableArray<SankeyNode> Nodes, ImmutableArray<SankeyLink> Links)
{
    /// <summary>Tells whether both have the same nodes and links, in the same order.</summary>
    public bool Equals(SankeyGraph? other) =>
        other is not null && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan())
        && Links.AsSpan().SequenceEqual(other.Links.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Nodes.Length, Links.Length);
}
