using System.Diagnostics;

namespace RatIlgpu.Cli;

/// <summary>Keeps what a long run has done in the file of <c>--partial</c> while it grows.</summary>
/// <param name="path">The file; null where nothing is kept.</param>
/// <param name="save">Writes what is done to the file.</param>
/// <param name="line">The line of progress, which is cleared before something is said.</param>
/// <param name="terminal">Where it is said.</param>
/// <param name="between">The time between two writes; null for a minute.</param>
sealed class KeptFile(
    string? path, Action<string> save, ProgressLine line, Terminal terminal, TimeSpan? between = null)
{
    // A machine that goes down loses no more than this.
    readonly TimeSpan between = between ?? TimeSpan.FromMinutes(1);

    readonly Stopwatch clock = Stopwatch.StartNew();
    TimeSpan saved;
    bool hasFailed, hasSaved;

    /// <summary>Writes the file if it is time to. If it cannot be written, the run goes on: there may be room
    /// later.</summary>
    public void SaveInTurn()
    {
        if (path is null || clock.Elapsed - saved < between)
            return;
        try
        {
            Save();
            hasFailed = false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            saved = clock.Elapsed;
            // Said once, and not each minute.
            if (!hasFailed)
                Say($"nothing {(hasSaved ? "new " : "")}is kept for now: {OneLine.Escape(fault.Message)}");
            hasFailed = true;
        }
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save()
    {
        if (path is not null)
        {
            save(path);
            hasSaved = true;
        }

        saved = clock.Elapsed;
    }

    /// <summary>Writes the file of a run that did not come to its end, and says what is kept.</summary>
    /// <param name="done">What is done, with the verb, such as <c>3 sequences are</c>.</param>
    public void Stop(string done)
    {
        try
        {
            Save();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Say(hasSaved
                ? $"what was done last is not kept: {OneLine.Escape(fault.Message)} The same command goes on from what "
                    + $"{OneLine.Escape(path!)} held before."
                : $"{done} not kept: {OneLine.Escape(fault.Message)}");
            return;
        }

        Say(path is not null
            ? $"{done} kept in {OneLine.Escape(path)}; the same command goes on from there."
            : $"{done} lost; with --partial FILE a run that is stopped goes on where it was.");
    }

    void Say(string note)
    {
        line.Dispose();
        terminal.Error.WriteLine($"ratilgpu: note: {note}");
    }
}
