using System.Text.Json;
using RatIlgpu.Cli.Options;
using RatIlgpu.Verification;

namespace RatIlgpu.Cli;

/// <summary>Compares a device with the reference activations and traces of golden folders.</summary>
sealed class VerifyCommand : TerminalCommand
{
    readonly CliOptions options;

    readonly Argument<string[]> folders = new("folder")
    {
        Description = "Checkpoints with golden.json and golden.safetensors (F64) beside them.",
        Arity = ArgumentArity.OneOrMore,
    };

    public VerifyCommand(Terminal terminal, CliOptions options)
        : base(
            "verify", "Run golden folders on a device and compare with their reference activations and traces.",
            terminal)
    {
        this.options = options;
        Arguments.Add(folders);
        AddAll(options.Device, options.Threads, options.Dtype, options.Json);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("The references of this repository, on the processor:", "tests/golden/*"),
        ("On a card:", "--device cuda tests/golden/*"),
        ("For programs:", "--json - tests/golden/tiny-window-f16"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var paths = parsed.GetValue(folders)!;
        return cancellation =>
        {
            json.Try();
            using var device = model.OpenDevice(() => 0);
            var verifier = new Verifier(device);
            var reports = new List<VerificationReport>();
            foreach (var folder in paths)
            {
                reports.Add(verifier.Verify(folder, cancellation));
                Print(reports[^1], device.Name, json.Report);
            }

            json.Write(() => Json(reports, device.Name));
            return reports.All(report => report.Passed) ? 0 : 1;
        };
    }

    static void Print(VerificationReport report, string device, TextWriter output)
    {
        foreach (var run in report.Runs)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(run.Passed ? "ok  " : "MISS")}  {NameOf(report)} {run.Name} on {device}: "
                + $"max |Δ attention| {run.AttentionError:E1} (bound {run.Bounds.Attention:E1}), "
                + $"|Δ stream| {run.StreamError:E1} of the largest (bound {run.Bounds.Stream:E1}), "
                + $"max |Δ logit| {run.LogitError:E1} (bound {run.Bounds.Logit * run.LargestLogit:E1}), "
                + $"{run.TraceCount - run.Misses.Length} of {CountText.Of(run.TraceCount, "trace")} equal "
                + $"(scores within {run.Bounds.Score:E1})"));
            foreach (var miss in run.Misses)
                output.WriteLine($"      {miss}");
        }
    }

    static string Json(List<VerificationReport> reports, string device) => JsonSerializer.Serialize(new
    {
        kind = "verify",
        version = 1,
        device,
        folders = reports.Select(report => new
        {
            folder = report.Folder,
            passed = report.Passed,
            runs = report.Runs.Select(run => new
            {
                name = run.Name,
                passed = run.Passed,
                attention_error = run.AttentionError,
                attention_bound = run.Bounds.Attention,
                stream_error = run.StreamError,
                stream_bound = run.Bounds.Stream,
                logit_error = run.LogitError,
                logit_bound = run.Bounds.Logit * run.LargestLogit,
                score_bound = run.Bounds.Score,
                trace_count = run.TraceCount,
                misses = run.Misses.Select(miss => miss.ToString()),
            }),
        }),
    });

    static string NameOf(VerificationReport report) =>
        OneLine.Escape(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(report.Folder))));
}
