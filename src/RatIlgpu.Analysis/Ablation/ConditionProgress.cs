namespace RatIlgpu.Analysis;

/// <summary>Tells how far a group of prompts is that run together under conditions.</summary>
/// <param name="listener">The listener.</param>
/// <param name="prompts">The number of prompts.</param>
/// <param name="shareOfEnds">About the share of the work that their readers do at their end, in [0, 1].</param>
sealed class ConditionProgress(IProgress<double> listener, int prompts, double shareOfEnds)
{
    readonly PartOfWork runs = new(listener, 0, 1 - shareOfEnds, 1);
    readonly PartOfWork ends = new(listener, 1 - shareOfEnds, shareOfEnds, 1);
    double work, before;

    /// <summary>Expects a run.</summary>
    /// <param name="own">Its work: the rows of its layers.</param>
    public void Expect(double own) => work += own;

    /// <summary>Returns the listener to the next run of those that are expected.</summary>
    /// <param name="own">Its work.</param>
    public IProgress<double> Next(double own)
    {
        var first = before;
        before += own;
        return new PartOfWork(runs, first, own, work);
    }

    /// <summary>Tells that the readers of some prompts are at their end.</summary>
    /// <param name="count">The number of these prompts.</param>
    public void End(int count) => ends.Report((double)count / prompts);
}
