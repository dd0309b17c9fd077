namespace RatIlgpu.Tracing;

/// <summary>Writes the attention that the query of a head at a position pays to each key up to itself.</summary>
/// <param name="position">The query.</param>
/// <param name="head">The query head.</param>
/// <param name="row"><c>[position + 1]</c>.</param>
public delegate void HeadRowReader(int position, int head, Span<float> row);
