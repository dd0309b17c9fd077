namespace RatIlgpu.Analysis;

/// <summary>Counts the patches of a sweep.</summary>
/// <param name="listener">Who is told; null for nobody.</param>
/// <param name="total">How many there are.</param>
sealed class SweepMeter(IProgress<SweepProgress>? listener, long total)
{
    long done;

    /// <summary>Notes that so many more are measured.</summary>
    public void Add(long count)
    {
        if (count > 0)
            listener?.Report(new(done += count, total));
    }
}
