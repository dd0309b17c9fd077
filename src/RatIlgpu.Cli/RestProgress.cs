namespace RatIlgpu.Cli;

/// <summary>Shows the progress of a run that continues an earlier one, as a share of the work that was left. The work
/// of the earlier run takes no time now.</summary>
/// <param name="line">Shows the share.</param>
sealed class RestProgress(IProgress<double> line) : IProgress<double>
{
    double? first;

    /// <summary>Reports the share of the whole work that is done, in [0, 1]. The first report says where this run
    /// begins.</summary>
    public void Report(double value)
    {
        if (first is not { } begin)
            first = value;
        else
            line.Report((value - begin) / Math.Max(1e-9, 1 - begin));
    }
}
