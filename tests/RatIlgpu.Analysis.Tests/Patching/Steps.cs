namespace RatIlgpu.Analysis.Tests;

/// <summary>A listener that keeps the reports of a sweep in order, without a thread.</summary>
sealed class Steps(Action<long>? then = null) : IProgress<SweepProgress>
{
    public List<SweepProgress> All { get; } = [];

    public void Report(SweepProgress value)
    {
        All.Add(value);
        then?.Invoke(value.Done);
    }
}
