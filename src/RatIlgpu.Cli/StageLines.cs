namespace RatIlgpu.Cli;

/// <summary>Shows a line for each stage of a run, whose time left is its own.</summary>
/// <param name="terminal">Where the lines are shown.</param>
sealed class StageLines(Terminal terminal) : IProgress<AtlasProgress>, IDisposable
{
    ProgressLine? line;
    string stage = "";

    /// <summary>Shows how far a stage has come.</summary>
    public void Report(AtlasProgress value)
    {
        if (value.Stage != stage)
        {
            line?.Dispose();
            (line, stage) = (new(terminal, value.Stage), value.Stage);
        }

        if (value.Share is { } share)
            line!.Report(share);
    }

    /// <summary>Clears the line.</summary>
    public void Dispose() => line?.Dispose();
}
