namespace RatIlgpu.Cli.Analysis;

/// <summary>Runs a sweep, shows its progress, and keeps the measured patches in the file of <c>--partial</c>.</summary>
sealed class PatchKeeping
{
    readonly string? path;
    readonly Terminal terminal;
    readonly PartialPatches? kept;
    // What was measured is written also when the command is stopped.
    readonly OutputAttempts writing = new(CancellationToken.None);

    /// <summary>Reads the patches of an earlier run, where there are some.</summary>
    /// <param name="path">The file; null where nothing is kept.</param>
    /// <param name="terminal">Where progress is shown.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or has something else.</exception>
    public PatchKeeping(string? path, Terminal terminal)
    {
        (this.path, this.terminal) = (path, terminal);
        kept = path is null ? null : PartialPatches.Resume(path);
    }

    /// <summary>Runs a sweep, and writes its patches also if it does not come to its end.</summary>
    /// <param name="sweep">The sweep, with the patches to go on from and the listener.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidDataException">The file has the patches of another sweep.</exception>
    /// <exception cref="OperationCanceledException">The sweep was stopped.</exception>
    public T Run<T>(Func<PartialPatches?, IProgress<SweepProgress>, T> sweep, CancellationToken cancellation)
    {
        using var line = new ProgressLine(terminal, "patches");
        var (file, before) = (new KeptFile(path, part => kept!.Save(part), line, terminal), kept?.Done ?? 0);
        var listener = new Listener(before > 0 ? new RestProgress(line) : line, file) { Done = before };
        try
        {
            var found = sweep(kept, listener);
            if (listener.Done > before)
                writing.Run(file.Save);
            return found;
        }
        catch (Exception)
        {
            // A refusal measures nothing, and leaves the file as it is.
            if (listener.Done > before && (path is not null || cancellation.IsCancellationRequested))
                file.Stop(Count(kept?.Done ?? listener.Done));
            throw;
        }
    }

    /// <summary>Throws if the patches of the whole sweep could not be written.</summary>
    /// <exception cref="IOException">They could not.</exception>
    /// <exception cref="UnauthorizedAccessException">They could not.</exception>
    public void End() => writing.End();

    static string Count(long patches) =>
        FormattableString.Invariant($"{patches} patch{(patches == 1 ? " is" : "es are")}");

    sealed class Listener(IProgress<double> line, KeptFile file) : IProgress<SweepProgress>
    {
        public long Done { get; set; }

        public void Report(SweepProgress value)
        {
            Done = value.Done;
            line.Report(value.Share);
            file.SaveInTurn();
        }
    }
}
