using RatIlgpu.Cli.Options;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Heads;

/// <summary>Makes an atlas of all heads of a model: scores with chance levels and intervals, and roles.</summary>
sealed class HeadsCommand : TerminalCommand
{
    readonly CliOptions options;
    readonly Call call;

    public HeadsCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "heads", "Say what every head of a model does: scores with chance levels and intervals, and roles.",
            terminal)
    {
        (this.options, this.call) = (options, call);
        HeadsSettings.AddTo(this, options);
        AddAll(options.Shard);
        AddAll(HeadsDetail.Options(options));
        AtlasFiles.AddTo(this, options);
        Subcommands.Add(new HeadsShowCommand(terminal, options, call));
        Subcommands.Add(new HeadsMergeCommand(terminal, options, call));
        Subcommands.Add(new HeadsSelftestCommand(terminal, options));
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("All heads of the demonstration model:", ""),
        ("Of another model, on texts of your own, one a line:",
            "--model Qwen/Qwen2-0.5B --corpus texts.txt --corpus-unit line"),
        ("The second of four parts, as four machines share them:", "--shard 2/4 --partial part-2"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var origin = new TraceOrigin { Command = call.Line, Version = Call.Version };
        var (settings, files) = (HeadsSettings.Read(parsed, options), AtlasFiles.Read(parsed, options, origin));
        var detail = HeadsDetail.Read(parsed, options);
        OutputTargets.Check(parsed, options, AtlasFiles.IsOwn);
        return cancellation =>
        {
            json.Try();
            settings.Try();
            if (!settings.IsShard)
                files.Try();
            OutputTargets.CheckModel(parsed, options, ModelFolder.Find(model.Name));
            using var loaded = LoadedModel.Open(model);
            foreach (var notice in loaded.Model.Notices)
                Terminal.Error.WriteLine($"ratilgpu: note: {OneLine.Escape(notice)}");
            var part = new HeadsRun(settings, Terminal).Run(loaded.Model, cancellation);
            if (settings.Partial is { } path && (settings.IsShard || !part.IsComplete))
                PrintPart(part, path, json.Report);
            else
            {
                var atlas = detail.Complete(part, loaded.Model, settings.Options, Terminal, cancellation);
                AtlasReport.Print(atlas, json.Report);
                files.Write(atlas, json, Terminal, cancellation);
            }

            return part.IsComplete ? 0 : HeadsRun.Unfinished;
        };
    }

    static void PrintPart(PartialAtlas part, string path, TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant(
            $"{OneLine.Escape(path)}: shard {part.Shard}, {HeadsRun.Count(part.Units.Values.Sum())} done in ")
            + FormattableString.Invariant($"{part.Seconds:F0} s, ")
            + (part.IsComplete ? "complete." : "unfinished; the same command goes on from there."));
        if (part.IsComplete)
            output.WriteLine("'ratilgpu heads merge' makes the atlas of the files of all shards.");
    }
}
