using RatIlgpu.Verification;

namespace RatIlgpu.Cli;

/// <summary>Compares a device with the reference activations and traces of golden folders.</summary>
sealed class VerifyCommand : ModelCommand
{
    readonly Argument<string[]> folders = new("folder")
    {
        Description = "Checkpoints with golden.json and golden.safetensors (F64) beside them.",
        Arity = ArgumentArity.OneOrMore,
    };

    public VerifyCommand(Terminal terminal)
        : base(
            "verify", "Run golden folders on a device and compare with their reference activations and traces.",
            terminal)
    {
        Arguments.Add(folders);
        AddAll(Models.Device, Models.Threads);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var device = Models.OpenDevice(parsed, () => 0);
        var verifier = new Verifier(device);
        var passed = true;
        foreach (var folder in parsed.GetValue(folders)!)
            passed &= Print(verifier.Verify(folder, cancellation), device.Name, Terminal.Output);
        return passed ? 0 : 1;
    }

    static bool Print(VerificationReport report, string device, TextWriter output)
    {
        foreach (var run in report.Runs)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(run.Passed ? "ok  " : "MISS")}  {NameOf(report)} {run.Name} on {device}: "
                + $"max |Δ attention| {run.AttentionError:E1} (bound {VerifiedRun.AttentionBound:E0}), "
                + $"|Δ stream| {run.StreamError:E1} of the largest (bound {VerifiedRun.StreamBound:E0}), "
                + $"max |Δ logit| {run.LogitError:E1} (bound {VerifiedRun.LogitBound * run.LargestLogit:E1}), "
                + $"{run.TraceCount - run.Misses.Length} of {run.TraceCount} traces equal"));
            foreach (var miss in run.Misses)
                output.WriteLine($"      {miss}");
        }

        return report.Passed;
    }

    static string NameOf(VerificationReport report) =>
        OneLine.Escape(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(report.Folder))));
}
