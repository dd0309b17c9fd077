using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>The paths of a trace, drawn together: one node per position, one link per step.</summary>
/// <param name="Nodes">The positions used, ascending.</param>
/// <param name="Links">The steps, in the order in which the paths first take them.</param>
public sealed record SankeyGraph(ValueArray<SankeyNode> Nodes, ValueArray<SankeyLink> Links)
{
    /// <summary>Draws paths together.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="weights">The weight of each path.</param>
    /// <param name="layer">The traced layer, from 0.</param>
    /// <param name="tokens">The tokens of the prompt, by position.</param>
    /// <exception cref="ArgumentException">There is not one weight per path.</exception>
    public static SankeyGraph Build(
        ImmutableArray<BeamPath> paths, ImmutableArray<double> weights, int layer, ImmutableArray<TokenText> tokens)
    {
        if (weights.Length != paths.Length)
            throw new ArgumentException($"Build: {weights.Length} weights given for {paths.Length} paths.");
        var positions = new SortedSet<int>();
        var uses = new OrderedDictionary<(int Source, int Target), LinkUse>();
        foreach (var (index, path) in paths.Index())
        {
            var (visited, attentions) = (path.Positions, path.EdgeAttentions);
            foreach (var position in visited)
                positions.Add(position);
            for (var step = 0; step < attentions.Length; step++)
            {
                var ends = (visited[step + 1], visited[step]);
                if (!uses.TryGetValue(ends, out var use))
                    uses.Add(ends, use = new LinkUse(attentions[step]));
                use.Value += weights[index] * attentions[step];
                use.Paths.Add(index);
            }
        }

        var nodes = positions.Select(
            position => new SankeyNode(SankeyNode.IdOf(layer, position), tokens[position].Text, position, layer));
        var links = uses.Select(use => new SankeyLink(
            use.Key.Source, use.Key.Target, use.Value.Attention, use.Value.Value, use.Value.Paths.ToImmutable()));
        return new([.. nodes], [.. links]);
    }

    // A link while paths are added to it.
    sealed class LinkUse(double attention)
    {
        public double Attention { get; } = attention;

        public double Value { get; set; }

        public ImmutableArray<int>.Builder Paths { get; } = ImmutableArray.CreateBuilder<int>();
    }
}

/// <summary>A position that some path visits.</summary>
/// <param name="Id">Layer and position, such as <c>L23_P4</c>.</param>
/// <param name="Name">The token's text.</param>
/// <param name="Position">The position.</param>
/// <param name="Layer">The traced layer.</param>
public sealed record SankeyNode(string Id, string Name, int Position, int Layer)
{
    /// <summary>Returns the identity of a node, unique in a model.</summary>
    public static string IdOf(int layer, int position) => $"L{layer}_P{position}";
}

/// <summary>A step that some path takes.</summary>
/// <param name="Source">The earlier position (the key).</param>
/// <param name="Target">The later position (the query).</param>
/// <param name="Attention">The attention the query pays to the key, in [0, 1].</param>
/// <param name="Value">The sum over the paths of path weight times attention.</param>
/// <param name="PathIndices">The paths that take the step, ascending.</param>
public sealed record SankeyLink(int Source, int Target, double Attention, double Value, ValueArray<int> PathIndices);
