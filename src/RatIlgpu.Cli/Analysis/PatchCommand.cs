using System.Text;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Patches paths or activations from one prompt into another.</summary>
sealed class PatchCommand : ModelCommand
{
    const string Page = "patch.html";

    // The prompts of the examples.
    const string Clean = "When Mary and John went to the store, John gave a drink to";
    const string Corrupted = "When Mary and John went to the store, Mary gave a drink to";

    public PatchCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "patch",
            "Run a corrupted prompt with one path or activation as in a clean prompt, and see which restores what the "
            + "model did with the clean one.",
            terminal, options, call, PromptKind.Pair)
    {
        AddAll(
            options.Position, options.Layers, options.Heads, options.PatchPosition, options.Answer, options.Foil,
            options.Direction, options.Metric, options.Source, options.Input, options.Norm, options.Activation,
            options.Axes, options.Scope, options.Top, options.Partial, options.Record, options.Output,
            options.OpenBrowser, options.Title, options.Theme, options.HelpText, options.MaxBytes, options.Svg);
        Defaults[options.Answer] = "the likeliest after the clean prompt";
        Defaults[options.Output] = CliOptions.PageIfAsked;
        Defaults[options.Position] = "-1. Here they are the positions of the metric; of several, it is the mean";
        Defaults[options.Layers] = "all. Here they are the layers that are patched, of paths the destinations";
        Defaults[options.Heads] = "all. Here they are the heads that are patched, of paths the destinations";
        OwnHelp[options.Partial] = (
            options.Partial.HelpName!,
            "Keep the measured patches in this file while they grow: the same command goes on from there if it is "
            + "stopped.");
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Which head's output restores the answer:",
            $"--activation head-output --foil \" John\" --corrupted \"{Corrupted}\" \"{Clean}\""),
        ("Which heads feed the values of which later ones, as a page and a figure:",
            $"--source all -i value -o page --svg paths.svg --corrupted \"{Corrupted}\" \"{Clean}\""),
        ("The mean over many pairs, measured by probability:",
            "--activation residual-before --metric probability --prompts pairs.jsonl"),
    ];

    protected override Func<string, bool> IsOwnFile => name => name == Page;

    protected override Work Plan(ParseResult parsed)
    {
        var (plan, metric) = (PatchPlan.Read(parsed, Vocabulary), PatchMetric.Read(parsed, Vocabulary));
        var (files, top) = (RecordingFiles.Read(parsed, Vocabulary), parsed.Get(Vocabulary.Top));
        var position = parsed.Get(Vocabulary.Position)!;
        var (page, svg) = (PageOutput.Read(parsed, Vocabulary, Page), SvgOutput.Read(parsed, Vocabulary));
        var look = PageLook.Of<PatchPageOptions>(parsed, Vocabulary);
        return new(session =>
        {
            var sweep = new PatchRun(session, plan);
            metric.Target.Check(session);
            files.Need(PatchInput.Suffixes(session.Prompts.Length));
            ImmutableArray<PatchInput> inputs =
                [.. session.Prompts.Select(prompt => metric.InputOf(session, prompt, position))];
            PatchInput.Check(inputs, plan.Axes);
            if (files.Path is not null)
                inputs = [.. inputs.Select(sweep.Recorded)];
            var found = sweep.Run(inputs);
            if (!found.AreNumbers
                || found.Metrics.Any(metrics => !double.IsFinite(metrics.Clean) || !double.IsFinite(metrics.Corrupted)))
                throw Session.NotFinite("The metric");
            PatchReport.Print(found, inputs, top, plan, session);
            var attempts = new OutputAttempts(session.Cancellation);
            attempts.Run(sweep.EndKeeping);
            attempts.Run(() => files.Write(() => PatchInput.Runs(inputs), session.Report));
            attempts.Run(() => session.Json.Write(stream => found.Json(stream, session.Origin)));
            attempts.Run(() => svg.Write(() => found.Svg(look), session.Report));
            // The page may be too large.
            attempts.Run(() => page.Write(() => found.Page(Of(look, found, session)), session));
            attempts.End();
        })
        {
            Try = () =>
            {
                if (plan.Partial is not null)
                    JsonOutput.TryFile(plan.Partial, "--partial");
                files.Try();
                page.Try();
                svg.Try();
            },
        };
    }

    // The page exports the same JSON as the command writes.
    static PatchPageOptions Of(PatchPageOptions look, PatchFindings found, Session session)
    {
        using var json = new MemoryStream();
        found.Json(json, session.Origin);
        return look with
        {
            ModelName = session.Model.Name,
            Labels = [.. session.Prompts.Select(prompt => prompt.Where)],
            Origin = session.Origin,
            Json = Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length),
        };
    }
}
