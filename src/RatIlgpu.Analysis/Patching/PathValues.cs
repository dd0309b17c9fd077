using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>What a sweep found for one source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Clean">The metric of the clean run.</param>
/// <param name="Corrupted">The metric of the corrupted run.</param>
/// <param name="Metrics">The metric under each patch; where layers are patched whole, that of a layer stands at its
/// head 0.</param>
sealed record PathValues(
    HeadIndex Source, double Clean, double Corrupted, ImmutableSortedDictionary<HeadIndex, double> Metrics);
