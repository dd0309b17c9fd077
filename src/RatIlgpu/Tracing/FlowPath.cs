namespace RatIlgpu.Tracing;

/// <summary>One path of a flow: a position before each layer, from the target after the last layer down to a token of
/// the prompt before the first one.</summary>
/// <param name="LastLayer">The last layer of the flow, whose step is the first.</param>
/// <param name="Positions">The positions, target first, never ascending; one more than there are layers.</param>
/// <param name="Flows">The share of each step, in (0, 1]; entry <c>i</c>, of layer <c>LastLayer − i</c>, is the share
/// of <c>Positions[i]</c> that comes from <c>Positions[i + 1]</c>.</param>
/// <param name="Score">The sum of the natural logarithms of the steps; at most 0. Paths are ordered by it.</param>
/// <param name="Probability">The product of the steps, in (0, 1].</param>
public sealed record FlowPath(
    int LastLayer, ValueArray<int> Positions, ValueArray<double> Flows, double Score, double Probability)
{
    /// <summary>Gets the token of the prompt at which the path ends.</summary>
    public int Source => Positions[^1];

    /// <summary>Gets the steps that go to another position, in the order of the layers: from the token of the prompt to
    /// the target.</summary>
    public IEnumerable<FlowMove> Moves => Enumerable.Range(0, Flows.Length).Reverse()
        .Where(step => Positions[step] != Positions[step + 1])
        .Select(step => new FlowMove(LastLayer - step, Positions[step + 1], Positions[step], Flows[step]));
}

/// <summary>A step of a path that goes to another position.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="From">The earlier position, which is read.</param>
/// <param name="To">The later position, which reads.</param>
/// <param name="Flow">The share of the later position that comes from the earlier one, in (0, 1].</param>
public sealed record FlowMove(int Layer, int From, int To, double Flow);
