namespace RatIlgpu.Analysis;

/// <summary>Writes rows of a pattern, from that of one query on.</summary>
/// <param name="firstQuery">The first query, in [0, tokens).</param>
/// <param name="rows"><c>[n, tokens]</c>, the probabilities of the keys for each query; written whole.</param>
public delegate void PatternRows(int firstQuery, Span<float> rows);
