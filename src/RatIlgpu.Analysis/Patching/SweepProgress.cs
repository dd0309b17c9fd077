namespace RatIlgpu.Analysis;

/// <summary>The progress of a sweep.</summary>
/// <param name="Done">The number of measured patches.</param>
/// <param name="Total">The number of patches.</param>
public readonly record struct SweepProgress(long Done, long Total);

/// <summary>Counts the patches of a sweep.</summary>
sealed class SweepMeter(IProgress<SweepProgress>? listener, long total)
{
    long done;

    /// <summary>Returns the listener to one of several sweeps over as many patches each: it reports the progress of all
    /// to a listener.</summary>
    public static IProgress<SweepProgress>? Part(IProgress<SweepProgress>? listener, int place, int count) =>
        listener is null ? null : new PartOfSweeps(listener, place, count);

    /// <summary>Reports one more measured patch.</summary>
    public void Add() => listener?.Report(new(++done, total));

    sealed class PartOfSweeps(IProgress<SweepProgress> listener, int place, int count) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) =>
            listener.Report(new(place * value.Total + value.Done, count * value.Total));
    }
}
