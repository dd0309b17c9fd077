namespace RatIlgpu.Analysis;

/// <summary>Shows a part of a work as its share of the whole.</summary>
/// <param name="whole">Shows the share of the whole.</param>
/// <param name="first">The work before the part.</param>
/// <param name="own">The work of the part.</param>
/// <param name="all">The whole work.</param>
sealed class PartOfWork(IProgress<double> whole, double first, double own, double all) : IProgress<double>
{
    /// <summary>Returns the listener to some of the pieces of a work; null where nobody listens.</summary>
    /// <param name="whole">Shows the share of the whole.</param>
    /// <param name="first">The number of pieces before the part.</param>
    /// <param name="count">The number of pieces of the part.</param>
    /// <param name="of">The number of pieces of the whole.</param>
    public static IProgress<double>? Of(IProgress<double>? whole, int first, int count, int of) =>
        whole is null ? null : new PartOfWork(whole, first, count, of);

    /// <summary>Shows the share of the part that is done, in [0, 1].</summary>
    public void Report(double value) => whole.Report((first + (value * own)) / all);
}
