using System.Diagnostics;

namespace RatIlgpu.Cli;

/// <summary>Shows the share of the work that is done and the time left on one line of a terminal, after the first
/// second.</summary>
sealed class ProgressLine(Terminal terminal, string unit = "layers") : IProgress<double>, IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly Stopwatch watch = Stopwatch.StartNew();
    int written;

    /// <summary>Shows the share of the work that is done, in [0, 1].</summary>
    public void Report(double value)
    {
        if (!terminal.ShowsProgress || watch.Elapsed < Patience || value <= 0)
            return;
        var left = watch.Elapsed * ((1 - value) / value);
        var line = FormattableString.Invariant($"{value * 100,3:F0} % of the {unit}, {left.TotalSeconds:F0} s left");
        terminal.Error.Write("\r" + line.PadRight(written));
        written = line.Length;
    }

    /// <summary>Shows how much is done of a work that is not known.</summary>
    public void Report(long done)
    {
        if (!terminal.ShowsProgress || watch.Elapsed < Patience)
            return;
        var line = FormattableString.Invariant($"{done} {unit}, {watch.Elapsed.TotalSeconds:F0} s");
        terminal.Error.Write("\r" + line.PadRight(written));
        written = line.Length;
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (written > 0)
            terminal.Error.Write("\r" + new string(' ', written) + "\r");
        written = 0;
    }
}
