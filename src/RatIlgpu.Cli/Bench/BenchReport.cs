using System.Globalization;
using System.Text.Json;
using RatIlgpu.Devices;

namespace RatIlgpu.Cli.Bench;

/// <summary>Prints measurements as they come.</summary>
static class BenchReport
{
    const double Giga = 1e9;
    const double Mebi = 1 << 20;

    public static void Print(
        string shape, Device device, double peak, IEnumerable<BenchRow> rows, bool asJson, TextWriter output)
    {
        if (asJson)
            PrintJson(shape, device, peak, [.. rows], output);
        else
            PrintTable(shape, device, peak, rows, output);
    }

    static void PrintTable(string shape, Device device, double peak, IEnumerable<BenchRow> rows, TextWriter output)
    {
        output.WriteLine(Text($"{shape} on {device.Name}: {device.Description}; FMA peak {peak / Giga:F0} GFLOP/s"));
        output.WriteLine("tokens  layer    median      best  tokens/s  GFLOP/s  of peak  private      peak");
        foreach (var row in rows)
            output.WriteLine(
                Text($"{row.Tokens,6}  {row.Layer,5}  {row.Seconds * 1e3,6:F1} ms {row.Best * 1e3,6:F1} ms  ")
                + Text($"{row.TokensPerSecond,8:F0}  {row.OperationsPerSecond / Giga,7:F0}  ")
                + Text($"{row.OperationsPerSecond / peak * 100,5:F0} %  {row.PrivateBytes / Mebi,4:F0} MB  ")
                + Text($"{row.PeakBytes / Mebi,5:F0} MB"));
    }

    static void PrintJson(string shape, Device device, double peak, BenchRow[] rows, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(new
        {
            shape,
            device = device.Name,
            description = device.Description,
            fma_peak = peak,
            rows = rows.Select(row => new
            {
                tokens = row.Tokens,
                layer = row.Layer,
                seconds = row.Seconds,
                best_seconds = row.Best,
                tokens_per_second = row.TokensPerSecond,
                flops_per_second = row.OperationsPerSecond,
                share_of_peak = row.OperationsPerSecond / peak,
                private_bytes = row.PrivateBytes,
                peak_bytes = row.PeakBytes,
            }),
        }));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
