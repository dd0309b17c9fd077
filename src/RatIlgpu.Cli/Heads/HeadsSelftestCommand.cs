using System.Text.Json;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>Tests scores of heads on constructed models whose scores are known.</summary>
sealed class HeadsSelftestCommand : TerminalCommand
{
    readonly CliOptions options;

    public HeadsSelftestCommand(Terminal terminal, CliOptions options)
        : base(
            "selftest", "Score the heads of constructed models, of which the scores are known by formulas.", terminal)
    {
        this.options = options;
        AddAll(options.Device, options.Threads, options.Dtype, options.Json);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("On the processor:", ""),
        ("On a card:", "--device cuda"),
        ("For programs:", "--json -"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        return cancellation =>
        {
            json.Try();
            using var device = model.OpenDevice(() => 0);
            var results = new List<SelfTestResult>();
            using (var progress = new ProgressLine(Terminal, "cases"))
                results.AddRange(HeadSelfTest.Run(device, progress: progress, cancellation: cancellation));
            Print(results, device.Name, json.Report);
            json.Write(() => Json(results, device.Name));
            return results.All(result => result.Passes) ? 0 : 1;
        };
    }

    static void Print(List<SelfTestResult> results, string device, TextWriter output)
    {
        output.WriteLine("        expected       found  what");
        foreach (var result in results)
            output.WriteLine(FormattableString.Invariant(
                $"{(result.Passes ? "ok  " : "MISS")}  {result.Case.Expected,10:F6}  {result.Found,10:F6}  ")
                + OneLine.Escape($"{result.Case.Checkpoint}: {result.Case.Name}"));
        output.WriteLine(FormattableString.Invariant(
            $"{results.Count(result => result.Passes)} of {results.Count} are as expected on {device}."));
    }

    static string Json(List<SelfTestResult> results, string device) => JsonSerializer.Serialize(new
    {
        kind = "heads-selftest",
        version = 1,
        device,
        passed = results.All(result => result.Passes),
        cases = results.Select(result => new
        {
            checkpoint = result.Case.Checkpoint,
            name = result.Case.Name,
            expected = result.Case.Expected,
            found = double.IsFinite(result.Found) ? result.Found : (double?)null,
            tolerance = result.Case.Tolerance,
            passed = result.Passes,
        }),
    });
}
