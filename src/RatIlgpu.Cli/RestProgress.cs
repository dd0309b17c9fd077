namespace RatIlgpu.Cli;

/// <summary>Shows of a work that goes on with an earlier one the share of what is left to do: what the earlier one did
/// takes no time now.</summary>
/// <param name="line">Shows the share of the rest.</param>
sealed class RestProgress(IProgress<double> line) : IProgress<double>
{
    double? first;

    /// <summary>Shows the share of the whole that is done, in [0, 1]; the first is where this work begins.</summary>
    public void Report(double value)
    {
        if (first is not { } begin)
            first = value;
        else
            line.Report((value - begin) / Math.Max(1e-9, 1 - begin));
    }
}
