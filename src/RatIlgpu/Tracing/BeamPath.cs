namespace RatIlgpu.Tracing;

/// <summary>One path of attention, from the traced position back to an earlier one.</summary>
/// <param name="Positions">The positions, target first, strictly decreasing.</param>
/// <param name="EdgeAttentions">The attention of each step, in [0, 1]; entry <c>i</c> is the attention that
/// <c>Positions[i]</c> pays to <c>Positions[i + 1]</c>.</param>
/// <param name="RawScore">The sum of the natural logarithms of the edges, not normalised; at most 0.</param>
/// <param name="Score">The normalised score: <paramref name="RawScore"/> divided by a power of the number of steps, as
/// <see cref="TraceOptions.LengthNormalization"/> says. Paths are ordered by it.</param>
public sealed record BeamPath(
    ValueArray<int> Positions, ValueArray<double> EdgeAttentions, double RawScore, double Score)
{
    /// <summary>Gets the number of steps.</summary>
    public int EdgeCount => EdgeAttentions.Length;
}
