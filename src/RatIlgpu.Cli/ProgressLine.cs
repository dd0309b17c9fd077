using System.Diagnostics;
using RatIlgpu.Analysis;

namespace RatIlgpu.Cli;

/// <summary>Rewrites one line of a terminal with the share done and the time left, once a run has taken a
/// second.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="unit">What is counted.</param>
sealed class ProgressLine(Terminal terminal, string unit = "layers")
    : IProgress<double>, IProgress<SweepProgress>, IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly Stopwatch watch = Stopwatch.StartNew();
    int written;

    /// <summary>Shows the share done.</summary>
    /// <param name="value">In [0, 1].</param>
    public void Report(double value)
    {
        if (!terminal.ShowsProgress || watch.Elapsed < Patience || value <= 0)
            return;
        var left = watch.Elapsed * ((1 - value) / value);
        var line = FormattableString.Invariant($"{value * 100,3:F0} % of the {unit}, {left.TotalSeconds:F0} s left");
        terminal.Error.Write("\r" + line.PadRight(written));
        written = line.Length;
    }

    /// <summary>Shows how many patches are measured.</summary>
    public void Report(SweepProgress value) => Report((double)value.Done / value.Total);

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (written > 0)
            terminal.Error.Write("\r" + new string(' ', written) + "\r");
        written = 0;
    }
}
