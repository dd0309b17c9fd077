namespace RatIlgpu.Analysis;

/// <summary>The progress of a sweep.</summary>
/// <param name="Done">The number of measured patches.</param>
/// <param name="Total">The number of patches.</param>
public readonly record struct SweepProgress(long Done, long Total);

/// <summary>Counts the patches of a sweep.</summary>
sealed class SweepMeter(IProgress<SweepProgress>? listener, long total)
{
    long done;

    /// <summary>Reports one more measured patch.</summary>
    public void Add() => listener?.Report(new(++done, total));
}
