namespace RatIlgpu.Cli;

/// <summary>Shows a part of a work as its share of the whole.</summary>
/// <param name="whole">Shows the share of the whole.</param>
/// <param name="first">The number of pieces before the part.</param>
/// <param name="count">The number of pieces of the part.</param>
/// <param name="of">The number of pieces of the whole.</param>
sealed class PartProgress(IProgress<double> whole, int first, int count, int of) : IProgress<double>
{
    /// <summary>Shows the share of the part that is done, in [0, 1].</summary>
    public void Report(double value) => whole.Report((first + value * count) / of);
}
