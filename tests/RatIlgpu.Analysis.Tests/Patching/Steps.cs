namespace RatIlgpu.Analysis.Tests;

/// <summary>A listener that keeps the reports of a sweep in order, without a thread.</summary>
sealed class Steps(Action<long>? then = null) : IProgress<SweepProgress>
{
    public List<SweepProgress> All { get; } = [];

    /// <summary>Checks that a sweep reported each of its patches, and a share of the work that rises to 1.</summary>
    public void CheckAll(int patches)
    {
        Assert.Equal(
            Enumerable.Range(1, patches).Select(done => ((long)done, (long)patches)),
            All.Select(step => (step.Done, step.Total)));
        Assert.All(All.Zip(All.Skip(1)), two => Assert.InRange(two.First.Share, double.Epsilon, two.Second.Share));
        Assert.Equal(1, All[^1].Share);
    }

    public void Report(SweepProgress value)
    {
        All.Add(value);
        then?.Invoke(value.Done);
    }
}
