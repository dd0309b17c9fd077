using RatIlgpu.Cli.Options;
using RatIlgpu.Html;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Heads;

/// <summary>Shows all that is measured of one head.</summary>
sealed class HeadsShowCommand : TerminalCommand
{
    readonly CliOptions options;
    readonly Call call;
    readonly Argument<string> head = new("head") { Description = "The head, such as L1H0." };

    public HeadsShowCommand(Terminal terminal, CliOptions options, Call call)
        : base("show", "Show all scores of one head, and its full card on a page.", terminal)
    {
        (this.options, this.call) = (options, call);
        Arguments.Add(head);
        HeadsSettings.AddTo(this, options);
        AddAll(
            options.NoVerdicts, options.NoFeeders, options.Output, options.OpenBrowser, options.Title, options.Theme,
            options.HelpText, options.MaxBytes, options.Json);
        Defaults[options.Output] = CliOptions.PageIfAsked;
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("A head of the demonstration model:", "L1H0"),
        ("Of another model, with the page output/L12H5.html:", "L12H5 --model Qwen/Qwen2-0.5B --output output"),
        ("From sums that were kept, without running them again:", "L1H0 --partial sums"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var (settings, which) = (HeadsSettings.Read(parsed, options), HeadIndex.Parse(parsed.GetValue(head)!));
        var detail = new HeadsDetail(HeadsDetail.Read(parsed, options).Detail with { CardHeads = [which] });
        var name = $"{which}.html";
        OutputTargets.Check(parsed, options, file => file == name);
        var page = PageOutput.Read(parsed, options, name);
        var look = PageLook.Of<AtlasPageOptions>(
            parsed, options, new() { Command = call.Line, Version = Call.Version });
        return cancellation =>
        {
            json.Try();
            settings.Try();
            page.Try();
            OutputTargets.CheckModel(parsed, options, ModelFolder.Find(model.Name));
            using var loaded = LoadedModel.Open(model);
            var config = loaded.Model.Config;
            if (which.Layer >= config.LayerCount || which.Head >= config.HeadCount)
                throw new ArgumentException(
                    $"there is no head {which}: the model has layers 0 to {config.LayerCount - 1}, each with heads 0 "
                    + $"to {config.HeadCount - 1}.");
            var part = new HeadsRun(settings, Terminal).Run(loaded.Model, cancellation);
            var atlas = detail.Complete(part, loaded.Model, settings.Options, Terminal, cancellation);
            AtlasReport.Print(atlas, which, json.Report);
            // The page may be too large.
            json.Write(stream => HeadAtlasJson.Write(atlas, stream, look.Origin));
            page.Write(() => AtlasPage.Render(atlas, look), json.Report, Terminal, cancellation);
            return part.IsComplete ? 0 : HeadsRun.Unfinished;
        };
    }
}
