using System.Collections.Immutable;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

public sealed partial record SankeyGraph
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
        var positions = paths.SelectMany(path => path.Positions).Distinct().Order();
        var nodes = positions.Select(
            position => new SankeyNode(SankeyNode.IdOf(layer, position), tokens[position].Text, position, layer));
        var uses = paths.SelectMany((path, index) => path.EdgeAttentions.Select((attention, step) =>
            (Source: path.Positions[step + 1], Target: path.Positions[step], Path: index, Attention: attention)));
        var links = uses.GroupBy(use => (use.Source, use.Target)).Select(link => new SankeyLink(
            link.Key.Source,
            link.Key.Target,
            link.First().Attention,
            link.Sum(use => weights[use.Path] * use.Attention),
            [.. link.Select(use => use.Path)]));
        return new([.. nodes], [.. links]);
    }
}
