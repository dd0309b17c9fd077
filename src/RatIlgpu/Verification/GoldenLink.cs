using System.Collections.Immutable;

namespace RatIlgpu.Verification;

/// <summary>One reference link of a Sankey graph.</summary>
/// <param name="Source">The earlier position.</param>
/// <param name="Target">The later position.</param>
/// <param name="Value">The sum of weight times attention.</param>
/// <param name="PathIndices">The paths that take the link.</param>
sealed record GoldenLink(int Source, int Target, double Value, ImmutableArray<int> PathIndices);
