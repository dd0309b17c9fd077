using RatIlgpu.Cli.Options;
using RatIlgpu.Weights;

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
        AddAll(options.AllowMixture, options.Corpus, options.CorpusUnit);
        AddAll(HeadsDetail.Options(options));
        options.AddModel(this);
        AtlasFiles.AddTo(this, options);
        Defaults[options.Model] = "none: the atlas has what the parts have, scores and roles";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Four parts, into the folder output:", "part-1 part-2 part-3 part-4"),
        ("With what only the model tells: ablations, earlier heads, examples:",
            "part-1 part-2 --model Qwen/Qwen2-0.5B --output atlas"),
        ("Parts of processors with vectors of other widths:", "part-1 part-2 --allow-mixture"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var json = new JsonOutput(parsed, options, Terminal);
        var origin = new TraceOrigin { Command = call.Line, Version = Call.Version };
        var (paths, output) = (parsed.GetValue(files)!, AtlasFiles.Read(parsed, options, origin));
        var (allowsMixture, model) = (parsed.Get(options.AllowMixture), ModelOptions.Read(parsed, options));
        var (hasModel, detail) = (parsed.Has(options.Model), HeadsDetail.Read(parsed, options));
        parsed.Need(
            hasModel, "--model", options.Device, options.Threads, options.RotaryPrecision, options.Corpus,
            options.NoVerdicts, options.NoFeeders, options.Cards);
        var corpus = HeadsSettings.CorpusOf(parsed, options);
        if (paths.Contains(""))
            throw new UsageException("the name of a file is empty, expected a file that --partial wrote.");
        OutputTargets.Check(parsed, options, AtlasFiles.IsOwn, paths);
        return cancellation =>
        {
            json.Try();
            output.Try();
            if (hasModel)
                OutputTargets.CheckModel(parsed, options, ModelFolder.Find(model.Name));
            var whole = Abandonable.Run(cancellation, () => PartialAtlas.Merge(paths, allowsMixture));
            HeadAtlas atlas;
            if (hasModel)
            {
                using var loaded = LoadedModel.Open(model);
                atlas = detail.Complete(whole, loaded.Model, whole.ToOptions(corpus), Terminal, cancellation);
            }
            else
                atlas = whole.ToAtlas();
            AtlasReport.Print(atlas, json.Report);
            output.Write(atlas, json, Terminal, cancellation);
            return 0;
        };
    }
}
