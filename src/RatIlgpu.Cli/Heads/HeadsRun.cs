using System.Diagnostics;

namespace RatIlgpu.Cli.Heads;

/// <summary>Runs the sequences of an atlas or of a shard, and keeps the sums where that is asked for.</summary>
/// <param name="settings">What is run.</param>
/// <param name="terminal">Where progress is shown.</param>
sealed class HeadsRun(HeadsSettings settings, Terminal terminal)
{
    /// <summary>The exit code of a run whose time was over.</summary>
    public const int Unfinished = 3;

    // A machine that goes down loses no more than this.
    static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    readonly Stopwatch clock = Stopwatch.StartNew();
    TimeSpan saved;
    double? first;

    /// <summary>Runs until the end, or until the time is over.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellation">Stops the run, whose sums are kept if there is a file for them.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public PartialAtlas Run(LanguageModel model, CancellationToken cancellation)
    {
        var part = settings.Partial is { } path
            ? PartialAtlas.Resume(path, model, settings.Options, settings.Shard)
            : PartialAtlas.Begin(model, settings.Options, settings.Shard);
        if (part.IsComplete)
            return part;
        using var progress = new ProgressLine(terminal, "sequences");
        try
        {
            part.Run(model, settings.Options, done => GoesOn(part, done, progress), cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            progress.Dispose();
            Say(part);
            throw;
        }

        Save(part);
        return part;
    }

    bool GoesOn(PartialAtlas part, PartialProgress done, ProgressLine progress)
    {
        if (done.Share is not { } share)
            progress.Report(done.Units);
        else if (first is null)
            first = share;
        else
            // Of what this run has to do: what an earlier one did took no time now.
            progress.Report((share - first.Value) / Math.Max(1e-9, 1 - first.Value));
        if (clock.Elapsed - saved > Between)
            Save(part);
        return settings.MaxMinutes is not { } most || clock.Elapsed.TotalMinutes < most;
    }

    void Save(PartialAtlas part)
    {
        if (settings.Partial is { } path)
            part.Save(path);
        saved = clock.Elapsed;
    }

    void Say(PartialAtlas part)
    {
        var units = part.Units.Values.Sum();
        try
        {
            Save(part);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine(
                $"ratilgpu: note: the sums of {units} sequences were not kept: {OneLine.Escape(fault.Message)}");
            return;
        }

        terminal.Error.WriteLine(settings.Partial is { } path
            ? $"ratilgpu: note: {Count(units)} kept in {OneLine.Escape(path)}; the same command goes on from there."
            : $"ratilgpu: note: {Count(units)} lost; with --partial FILE a run that is stopped goes on where it was.");
    }

    /// <summary>Returns a number of sequences in words.</summary>
    public static string Count(int units) =>
        FormattableString.Invariant($"{units} sequence{(units == 1 ? " is" : "s are")}");
}
