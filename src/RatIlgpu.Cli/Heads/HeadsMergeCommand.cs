using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>Makes an atlas of the parts that several machines made.</summary>
sealed class HeadsMergeCommand : TerminalCommand
{
    readonly CliOptions options;
    readonly Call call;

    readonly Argument<string[]> files = new("file")
    {
        Description = "The files that --partial wrote, of all shards, in any order.",
        Arity = ArgumentArity.OneOrMore,
    };

    public HeadsMergeCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "merge", "Make an atlas of the parts of all shards; it has the numbers of one run, bit by bit.", terminal)
    {
        (this.options, this.call) = (options, call);
        Arguments.Add(files);
        AddAll(options.AllowMixture);
        AtlasFiles.AddTo(this, options);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Four parts, into the folder output:", "part-1 part-2 part-3 part-4"),
        ("Into another folder:", "part-1 part-2 --output atlas"),
        ("Parts of processors with vectors of other widths:", "part-1 part-2 --allow-mixture"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var json = new JsonOutput(parsed, options, Terminal);
        var origin = new TraceOrigin { Command = call.Line, Version = Call.Version };
        var (paths, output) = (parsed.GetValue(files)!, AtlasFiles.Read(parsed, options, origin));
        var allowsMixture = parsed.Get(options.AllowMixture);
        OutputTargets.Check(parsed, options, AtlasFiles.IsOwn);
        foreach (var path in paths)
            if (path.Length == 0)
                throw new UsageException("the name of a file is empty, expected a file that --partial wrote.");
            else if (parsed.Get(options.Json) is { } to && Path.GetFullPath(to) == Path.GetFullPath(path))
                throw new UsageException("--json names one of the files that are merged; give another file.");
        return cancellation =>
        {
            json.Try();
            output.Try();
            var atlas = Abandonable.Run(cancellation, () => PartialAtlas.Merge(paths, allowsMixture).ToAtlas());
            AtlasReport.Print(atlas, json.Report);
            output.Write(atlas, json, Terminal, cancellation);
            return 0;
        };
    }
}
