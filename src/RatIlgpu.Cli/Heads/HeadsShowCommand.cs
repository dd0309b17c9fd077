using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>Shows all that is measured of one head.</summary>
sealed class HeadsShowCommand : TerminalCommand
{
    readonly CliOptions options;
    readonly Argument<string> head = new("head") { Description = "The head, such as L1H0." };

    public HeadsShowCommand(Terminal terminal, CliOptions options)
        : base("show", "Show all scores of one head, with chance levels and intervals.", terminal)
    {
        this.options = options;
        Arguments.Add(head);
        HeadsSettings.AddTo(this, options);
        AddAll(options.Json);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("A head of the demonstration model:", "L1H0"),
        ("Of another model:", "L12H5 --model Qwen/Qwen2-0.5B"),
        ("From sums that were kept, without a run:", "L1H0 --partial sums"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var (settings, which) = (HeadsSettings.Read(parsed, options), HeadIndex.Parse(parsed.GetValue(head)!));
        OutputTargets.Check(parsed, options);
        return cancellation =>
        {
            json.Try();
            settings.Try();
            using var loaded = LoadedModel.Open(model);
            var config = loaded.Model.Config;
            if (which.Layer >= config.LayerCount || which.Head >= config.HeadCount)
                throw new ArgumentException(
                    $"there is no head {which}: the model has layers 0 to {config.LayerCount - 1}, each with heads 0 "
                    + $"to {config.HeadCount - 1}.");
            var part = new HeadsRun(settings, Terminal).Run(loaded.Model, cancellation);
            var atlas = part.ToAtlas();
            AtlasReport.Print(atlas, which, json.Report);
            json.Write(stream => HeadAtlasJson.Write(atlas, stream));
            return part.IsComplete ? 0 : HeadsRun.Unfinished;
        };
    }
}
