using System.Diagnostics;

namespace RatIlgpu.Cli.Heads;

/// <summary>Runs the sequences of an atlas or of a shard, and keeps the sums where that is asked for.</summary>
/// <param name="settings">What is run.</param>
/// <param name="terminal">Where progress is shown.</param>
sealed class HeadsRun(HeadsSettings settings, Terminal terminal)
{
    /// <summary>The exit code of a run whose time was over.</summary>
    public const int Unfinished = 3;

    readonly Stopwatch clock = Stopwatch.StartNew();

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
        var (rest, file) = (
            new RestProgress(progress), new KeptFile(settings.Partial, part.Save, progress, terminal));
        try
        {
            part.Run(model, settings.Options, GoesOn, cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            file.Stop(Count(part.Units.Values.Sum()));
            throw;
        }

        file.Save();
        return part;

        bool GoesOn(PartialProgress done)
        {
            if (done.Share is { } share)
                rest.Report(share);
            else
                progress.Report(done.Units);
            file.SaveInTurn();
            return settings.MaxMinutes is not { } most || clock.Elapsed.TotalMinutes < most;
        }
    }

    /// <summary>Returns a number of sequences in words.</summary>
    public static string Count(int units) =>
        FormattableString.Invariant($"{units} sequence{(units == 1 ? " is" : "s are")}");
}
