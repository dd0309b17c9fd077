using RatIlgpu.Cli.Options;
using RatIlgpu.Html;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Checkpoints;

/// <summary>Compares two checkpoints of one shape: their weights, what they attend to and predict, and the scores of
/// their heads.</summary>
sealed class DiffCommand : TerminalCommand
{
    const string Page = "diff.html";

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
        AddAll(
            options.Device, options.Threads, options.RotaryPrecision, options.Dtype, options.Top, options.Output,
            options.OpenBrowser, options.Title, options.Theme, options.HelpText, options.MaxBytes, options.Svg,
            options.Json);
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
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var settings = DiffSettings.Read(parsed, options);
        OutputTargets.Check(
            parsed, options, file => file == Page,
            new[] { parsed.Get(options.AtlasA), parsed.Get(options.AtlasB) }.OfType<string>());
        var (look, top) = (LookOf(parsed), parsed.Get(options.Top));
        var (output, opens) = (parsed.Get(options.Output)!, parsed.Get(options.OpenBrowser));
        var svg = SvgOutput.Read(parsed, options);
        return cancellation =>
        {
            json.Try();
            svg.Try();
            var folder = OutputFolder.For(output, Page);
            var asked = settings.ReadAtlases();
            var prompts = settings.ReadPrompts(Terminal, cancellation);
            foreach (var name in (string[])[nameA, nameB])
                OutputTargets.CheckModel(parsed, options, ModelFolder.Find(name));
            using var pair = LoadedPair.Open(model, nameA, nameB, Terminal);
            var tokenizer = pair.A.Tokenizer.EncodesTexts ? pair.A.Tokenizer : pair.B.Tokenizer;
            var differ = new CheckpointDiffer(pair.A, pair.B);
            asked = asked with
            {
                Prompts =
                [
                    .. prompts.Select(prompt =>
                        new AnalysisPrompt(prompt.Encode(tokenizer, pair.A.Config.VocabularySize))),
                ],
            };
            var diff = Read(differ, asked, cancellation);
            new DiffReport(diff, top, json.Report).Print(pair.A.Network.Device);
            var (page, figure) = Abandonable.Run(cancellation, () =>
                (DiffPage.Render(diff, look), svg.Path is null ? "" : DiffPage.ToSvg(diff, options: look)));
            var file = folder.Write(Page, page.Write);
            json.Report.WriteLine();
            json.Report.WriteLine($"Wrote {OneLine.Escape(file)}");
            svg.Write(() => figure, json.Report);
            json.Write(stream => DiffJson.Write(diff, stream, look.Origin));
            if (opens)
                Browser.Open(file, Terminal.Error);
            return 0;
        };
    }

    CheckpointDiff Read(CheckpointDiffer differ, DiffOptions asked, CancellationToken cancellation)
    {
        using var progress = new StageLines(Terminal);
        return differ.Read(asked, progress, cancellation);
    }

    DiffPageOptions LookOf(ParseResult parsed) => new()
    {
        Title = parsed.Get(options.Title),
        Theme = parsed.Get(options.Theme),
        HelpText = parsed.Get(options.HelpText),
        MaxBytes = parsed.Get(options.MaxBytes),
        Origin = new() { Title = parsed.Get(options.Title), Command = call.Line, Version = Call.Version },
    };

    static string NameOf(ParseResult parsed, Argument<string> argument) =>
        parsed.GetValue(argument) is { Length: > 0 } name
            ? name
            : throw new UsageException(
                $"the name of model {argument.Name} is empty, expected a folder or a name in the cache.");
}
