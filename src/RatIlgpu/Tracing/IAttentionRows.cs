namespace RatIlgpu.Tracing;

/// <summary>The aggregated attention of one layer, row by row.</summary>
public interface IAttentionRows
{
    /// <summary>Gets the number of positions.</summary>
    int Length { get; }

    /// <summary>Returns the attention that the query at a position pays to each key; the next call may overwrite
    /// it.</summary>
    /// <param name="position">The query, in [0, <see cref="Length"/>).</param>
    /// <returns>One number for each of the keys 0 to <paramref name="position"/>, or more.</returns>
    ReadOnlySpan<float> Row(int position);

    /// <summary>Says which rows will be asked for next, so that they can be computed together; a row that was not named
    /// can be asked for as well. Does nothing unless overridden.</summary>
    /// <param name="positions">The queries, each once, in [0, <see cref="Length"/>).</param>
    void Prepare(ReadOnlySpan<int> positions)
    {
    }
}
