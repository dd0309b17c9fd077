namespace RatIlgpu.Analysis;

/// <summary>The progress of a sweep.</summary>
/// <param name="Done">The number of measured patches.</param>
/// <param name="Total">The number of patches.</param>
public readonly record struct SweepProgress(long Done, long Total)
{
    /// <summary>Gets the share of the work that is done, in [0, 1]: a patch of an early layer takes more of it than one
    /// of a late layer.</summary>
    public double Share { get; init; }
}

/// <summary>Counts the patches of a sweep, and keeps their metrics.</summary>
/// <param name="listener">The listener.</param>
/// <param name="layerCount">The layers of the model.</param>
/// <param name="patches">The layer of each group of patches and their number.</param>
/// <param name="kept">Keeps the metrics, and has those of an earlier run; null for nothing.</param>
sealed class SweepMeter(
    IProgress<SweepProgress>? listener,
    int layerCount,
    IReadOnlyCollection<(int Layer, long Count)> patches,
    PartialPatches? kept)
{
    readonly long work = patches.Sum(some => some.Count * (layerCount - some.Layer));
    long done, worked;

    /// <summary>Returns the listener to one of several sweeps over as many patches each: it reports the progress of all
    /// to a listener.</summary>
    public static IProgress<SweepProgress>? Part(IProgress<SweepProgress>? listener, int place, int count) =>
        listener is null ? null : new PartOfSweeps(listener, place, count);

    /// <summary>Gets the number of patches.</summary>
    public long Total { get; } = patches.Sum(some => some.Count);

    /// <summary>Returns those of the next patches that an earlier run measured, in order.</summary>
    public IReadOnlyList<double> Known(int most) => kept?.Known(most) ?? [];

    /// <summary>Adds a measured patch, and reports it unless an earlier run measured it. A patch computes its layer and
    /// those after it.</summary>
    public void Add(int layer, double value)
    {
        worked += layerCount - layer;
        done++;
        if (kept?.Add(value) != false)
            listener?.Report(new(done, Total) { Share = (double)worked / work });
    }

    sealed class PartOfSweeps(IProgress<SweepProgress> listener, int place, int count) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) =>
            listener.Report(new(place * value.Total + value.Done, count * value.Total)
            {
                Share = (place + value.Share) / count,
            });
    }
}
