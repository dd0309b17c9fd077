using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Ablation;

/// <summary>Takes heads or values away and says what that changes.</summary>
sealed class AblateCommand : TerminalCommand
{
    readonly CliOptions options;
    readonly Call call;
    readonly PromptSource prompts;

    public AblateCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "ablate",
            "Take heads or values away at a position, and see what is left of the outputs of attention, and which "
            + "predictions change.",
            terminal)
    {
        (this.options, this.call, TakesPrompt) = (options, call, true);
        prompts = new(this, options, PromptKind.Sample);
        options.AddModel(this);
        AblateStudy.AddTo(this, options);
        AblateSamples.AddTo(this, options);
        AblateFiles.AddTo(this, options);
        Defaults[options.Heads] = "all of the layer";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Each head of a layer, zero and mean, on ten texts:", "--layer 1"),
        ("Two heads at once, in a prompt of your own, at its fifth token:",
            "--heads L1H0,L2H3 --together --position 4 \"When Mary and John went to the store\""),
        ("Whether a previous-token head has all that the token before gives:", "--redundancy --heads L1H0"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var read = prompts.Prepare(parsed, Terminal);
        var study = AblateStudy.Read(parsed, options);
        var samples = AblateSamples.Read(parsed, options, prompts.IsGiven(parsed), study);
        var files = AblateFiles.Read(parsed, options, new() { Command = call.Line, Version = Call.Version });
        OutputTargets.Check(parsed, options, AblateFiles.IsOwn);
        return cancellation =>
        {
            json.Try();
            files.Files.Try();
            files.Svg.Try();
            var given = read(cancellation);
            OutputTargets.CheckModel(parsed, options, ModelFolder.Find(model.Name));
            using var loaded = LoadedModel.Open(model);
            foreach (var notice in loaded.Model.Notices)
                Terminal.Error.WriteLine($"ratilgpu: note: {OneLine.Escape(notice)}");
            var session = new Session(loaded.Model, given, files.Look.Origin!, json, Terminal, cancellation);
            session.Explain(() => Run(session, study, samples, files));
            return 0;
        };
    }

    static void Run(Session session, AblateStudy study, AblateSamples source, AblateFiles files)
    {
        var samples = source.Of(session, study);
        var result = study.Run(session, samples, source.Seed);
        AblateReport.PrintHead(session, samples, source, study);
        result.Print(session.Report);
        files.Write(result, session);
    }
}
