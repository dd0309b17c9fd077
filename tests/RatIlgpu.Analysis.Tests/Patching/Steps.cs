namespace RatIlgpu.Analysis.Tests;

/// <summary>Keeps what a sweep reports, at once and in order.</summary>
sealed class Steps(Action<long>? then = null) : IProgress<SweepProgress>
{
    public List<SweepProgress> All { get; } = [];

    public void Report(SweepProgress value)
    {
        All.Add(value);
        then?.Invoke(value.Done);
    }
}
