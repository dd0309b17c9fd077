namespace RatIlgpu.Tracing;

/// <summary>The aggregated attention of one layer, row by row.</summary>
public interface IAttentionRows
{
    /// <summary>Gets how many positions there are.</summary>
    int Length { get; }

    /// <summary>Returns what the query at a position pays to each key.</summary>
    /// <param name="position">In [0, <see cref="Length"/>).</param>
    /// <returns>The keys 0 to <paramref name="position"/> at least; valid until the next call.</returns>
    ReadOnlySpan<float> Row(int position);
}
