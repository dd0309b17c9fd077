namespace RatIlgpu.Analysis;

/// <summary>How far a sweep has come.</summary>
/// <param name="Done">How many patches are measured.</param>
/// <param name="Total">How many there are.</param>
public readonly record struct SweepProgress(long Done, long Total);
