using System.CommandLine;
using System.Globalization;
using RatIlgpu.Files;
using RatIlgpu.Verification;

namespace RatIlgpu.Cli;

/// <summary>Holds a device to golden folders.</summary>
static class VerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("folder")
        {
            Description = "Checkpoints with golden.json and golden.safetensors (F64) beside them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var models = new ModelOptions();
        var command = new Command(
            "verify", "Run golden folders on a device and compare with their reference activations and traces.")
        {
            folders, models.Device, models.Threads,
        };
        command.SetAction((parsed, cancellation) =>
        {
            using var device = models.OpenDevice(parsed, () => 0);
            var verifier = new Verifier(device);
            var passed = true;
            foreach (var folder in parsed.GetValue(folders)!)
                passed &= Print(verifier.Verify(folder, cancellation), device.Name, terminal.Output);
            return Task.FromResult(passed ? 0 : 1);
        });
        return command;
    }

    static bool Print(VerificationReport report, string device, TextWriter output)
    {
        foreach (var run in report.Runs)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(run.Passed ? "ok  " : "MISS")}  {Name(report)} {run.Name} on {device}: "
                + $"max |Δ attention| {run.AttentionError:E1} (bound {VerifiedRun.AttentionBound:E0}), "
                + $"|Δ stream| {run.StreamError:E1} of the largest (bound {VerifiedRun.StreamBound:E0}), "
                + $"max |Δ logit| {run.LogitError:E1} (bound {VerifiedRun.LogitBound * run.LargestLogit:E1}), "
                + $"{run.TraceCount - run.Misses.Length} of {run.TraceCount} traces equal"));
            foreach (var miss in run.Misses)
                output.WriteLine($"      {miss}");
        }

        return report.Passed;
    }

    static string Name(VerificationReport report) =>
        OneLine.Escape(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(report.Folder))));
}
