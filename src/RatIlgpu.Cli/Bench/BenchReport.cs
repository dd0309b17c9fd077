using System.Text.Json;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli.Bench;

/// <summary>Prints measurements, each as soon as it is made.</summary>
static class BenchReport
{
    const double Giga = 1e9;
    const double Mebi = 1 << 20;

    /// <summary>Prints a table, or JSON where it is asked for on standard output; a file has both.</summary>
    public static void Print(BenchRun run, JsonOutput json)
    {
        var rows = new List<BenchRow>();
        PrintTable(run with { Rows = run.Rows.Select(Kept) }, json.Report);
        json.Write(() => Json(run with { Rows = rows }));

        BenchRow Kept(BenchRow row)
        {
            rows.Add(row);
            return row;
        }
    }

    static void PrintTable(BenchRun run, TextWriter output)
    {
        var (shape, device, peak, first, rows) = run;
        output.WriteLine(Text($"{shape} on {device.Name}: {device.Description}; ")
            + (peak is null ? "" : Text($"FMA peak {peak / Giga:F0} GFLOP/s; "))
            + Text($"{first:F2} s from the start of the process to the end of its first run"));
        output.WriteLine("tokens  layer    median      best  tokens/s  GFLOP/s  of peak  private      peak");
        foreach (var row in rows)
        {
            output.WriteLine(
                Text($"{row.Task.Tokens,6}  {(object?)row.Task.Layer ?? "all",5}  {row.Seconds * 1e3,6:F1} ms ")
                + Text($"{row.Best * 1e3,6:F1} ms  ")
                + Text($"{row.TokensPerSecond,8:F0}  {row.OperationsPerSecond / Giga,7:F0}  ")
                + (peak is null ? "      -" : Text($"{row.OperationsPerSecond / peak * 100,5:F0} %"))
                + Text($"  {row.PrivateBytes / Mebi,4:F0} MB  {row.PeakBytes / Mebi,5:F0} MB")
                + (row.BytesPerSecond is { } read ? Text($"  {read / Giga:F1} GB/s of weights") : ""));
            foreach (var (kernel, launches, seconds) in row.Kernels ?? [])
                output.WriteLine(Text($"        {seconds * 1e3,8:F2} ms  {launches,5} x  {kernel}"));
        }
    }

    static string Json(BenchRun run) =>
        JsonSerializer.Serialize(new
        {
            kind = "bench",
            version = 1,
            shape = run.Shape,
            device = run.Device.Name,
            description = run.Device.Description,
            fma_peak = run.Peak,
            first_run_seconds = run.FirstSeconds,
            rows = run.Rows.Select(row => new
            {
                tokens = row.Task.Tokens,
                new_tokens = row.Task.NewTokens,
                layer = row.Task.Layer,
                seconds = row.Seconds,
                best_seconds = row.Best,
                tokens_per_second = row.TokensPerSecond,
                flops_per_second = row.OperationsPerSecond,
                share_of_peak = row.OperationsPerSecond / run.Peak,
                weight_bytes = row.Task.WeightBytes,
                weight_bytes_per_second = row.BytesPerSecond,
                private_bytes = row.PrivateBytes,
                peak_bytes = row.PeakBytes,
                kernels = row.Kernels?.Select(one => new
                {
                    kernel = one.Kernel,
                    launches = one.Launches,
                    seconds = one.Seconds,
                }),
            }),
        });

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The measurements of one <c>bench</c> call.</summary>
/// <param name="Shape">The name of the model's shape.</param>
/// <param name="Device">The device.</param>
/// <param name="Peak">The multiply-add peak of the processor, in floating point operations a second; null where another
/// device computes.</param>
/// <param name="FirstSeconds">From the start of the process to the end of the first task.</param>
/// <param name="Rows">The measurements, each made when it is asked for.</param>
sealed record BenchRun(string Shape, Device Device, double? Peak, double FirstSeconds, IEnumerable<BenchRow> Rows);

/// <summary>The measurements of one task.</summary>
/// <param name="Task">What was timed.</param>
/// <param name="Seconds">The median time.</param>
/// <param name="Best">The least time.</param>
/// <param name="PrivateBytes">Memory of the process that no file backs, after the last time.</param>
/// <param name="PeakBytes">The most memory the process has had in use, mapped weights included.</param>
sealed record BenchRow(BenchTask Task, double Seconds, double Best, long PrivateBytes, long PeakBytes)
{
    /// <summary>Gets the times of the kernels of one more run; null where they were not asked for.</summary>
    public ImmutableArray<KernelTime>? Kernels { get; init; }

    /// <summary>Gets the tokens in a second: those of the prompt, or those written after it.</summary>
    public double TokensPerSecond => (Task.NewTokens ?? Task.Tokens) / Seconds;

    /// <summary>Gets the bytes of weights in a second; null where no tokens are written.</summary>
    public double? BytesPerSecond => Task.WeightBytes * TokensPerSecond;

    /// <summary>Gets the floating point operations in a second.</summary>
    public double OperationsPerSecond => Task.Operations / Seconds;
}
