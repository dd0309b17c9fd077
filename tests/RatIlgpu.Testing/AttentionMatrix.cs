using RatIlgpu.Tracing;

namespace RatIlgpu.Testing;

/// <summary>Attention that is written down, row by row; it keeps no promise that it need not keep.</summary>
/// <param name="rows">Row <c>q</c> holds the keys 0 to <c>q</c> at least.</param>
sealed class AttentionMatrix(params float[][] rows) : IAttentionRows
{
    readonly float[] buffer = new float[rows.Length + 1];

    /// <summary>Gets the positions whose rows were asked for, in order.</summary>
    public List<int> Asked { get; } = [];

    /// <summary>Gets the rows that were named together, in order.</summary>
    public List<int[]> Prepared { get; } = [];

    /// <inheritdoc/>
    public int Length => rows.Length;

    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<int> positions) => Prepared.Add(positions.ToArray());

    /// <inheritdoc/>
    public ReadOnlySpan<float> Row(int position)
    {
        Asked.Add(position);
        Array.Fill(buffer, 1);
        rows[position].AsSpan(0, position + 1).CopyTo(buffer);
        return buffer;
    }
}
