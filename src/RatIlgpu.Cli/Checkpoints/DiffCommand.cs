using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Checkpoints;

/// <summary>Compares two checkpoints of one shape: their weights, what they attend to and predict, and the scores of
/// their heads.</summary>
sealed class DiffCommand : TerminalCommand
{
    readonly CliOptions options;
    readonly Call call;

    readonly Argument<string> a = new("A")
    {
        Description = "The first model, such as the one before fine-tuning: a folder, or a name in the cache.",
    };

    readonly Argument<string> b = new("B") { Description = "The second model, of the same shape." };

    public DiffCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "diff", "Compare two checkpoints of one shape: weights, attention, predictions and scores of heads.",
            terminal)
    {
        (this.options, this.call) = (options, call);
        Arguments.Add(a);
        Arguments.Add(b);
        DiffSettings.AddTo(this, options);
        AddAll(options.Device, options.Threads, options.RotaryPrecision, options.Dtype, options.Top);
        DiffFiles.AddTo(this, options);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("A base model and one that was fine-tuned from it:", "Qwen/Qwen2-0.5B Qwen/Qwen2-0.5B-Instruct"),
        ("With the scores of all heads, on texts of your own, one a line:",
            "base tuned --scores --corpus texts.txt --corpus-unit line"),
        ("Weights, and two atlases that are there:",
            "base tuned --no-texts --atlas-a base/atlas.json --atlas-b tuned/atlas.json"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (nameA, nameB) = (NameOf(parsed, a), NameOf(parsed, b));
        var (model, top) = (ModelOptions.Read(parsed, options), parsed.Get(options.Top));
        var (settings, files) = (
            DiffSettings.Read(parsed, options), DiffFiles.Read(parsed, options, call, Terminal));
        if (top < 1)
            throw new UsageException($"--top is {top}, expected 1 or more.");
        return cancellation =>
        {
            files.Try();
            var asked = settings.ReadAtlases();
            var prompts = settings.ReadPrompts(Terminal, cancellation);
            foreach (var name in (string[])[nameA, nameB])
                OutputTargets.CheckModel(parsed, options, ModelFolder.Find(name));
            using var pair = LoadedPair.Open(model, nameA, nameB, Terminal);
            settings.CheckSeed(pair.A, pair.B);
            var diff = Read(pair, asked, prompts, files, cancellation);
            new DiffReport(diff, top, files.Report).Print(pair.A.Network.Device);
            files.Write(diff, Terminal, cancellation);
            return 0;
        };
    }

    CheckpointDiff Read(
        LoadedPair pair,
        DiffOptions asked,
        ImmutableArray<Prompt> prompts,
        DiffFiles files,
        CancellationToken cancellation)
    {
        var differ = new CheckpointDiffer(pair.A, pair.B);
        var (tokenizer, size) = (
            pair.A.Tokenizer.EncodesTexts ? pair.A.Tokenizer : pair.B.Tokenizer, pair.A.Config.VocabularySize);
        var all = asked with
        {
            Prompts = [.. prompts.Select(prompt => new AnalysisPrompt(prompt.Encode(tokenizer, size)))],
        };
        files.CheckSize(differ.Outline(all, cancellation));
        using var progress = new StageLines(Terminal);
        return differ.Read(all, progress, cancellation);
    }

    static string NameOf(ParseResult parsed, Argument<string> argument) =>
        parsed.GetValue(argument) is { Length: > 0 } name
            ? name
            : throw new UsageException(
                $"the name of model {argument.Name} is empty, expected a folder or a name in the cache.");
}
