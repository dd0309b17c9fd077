using System.Globalization;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints what patches did.</summary>
static class PatchReport
{
    /// <summary>Prints the largest effects.</summary>
    public static void Print(string what, IEnumerable<PatchLine> lines, int top, TextWriter output)
    {
        var all = lines.ToList();
        List<PatchLine> shown = [.. all.OrderByDescending(line => Math.Abs(line.Effect)).Take(top)];
        var width = shown.Select(line => line.Name.Length).DefaultIfEmpty(0).Max();
        output.WriteLine();
        output.WriteLine($"{what}: {shown.Count} of {all.Count} patches, largest effect first");
        if (shown.Count > 0)
            output.WriteLine($"     {"".PadRight(width)}    metric    effect  recovery");
        foreach (var (i, line) in shown.Index())
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{i + 1,3}. {line.Name.PadRight(width)}  {line.Metric,8:F3}  {line.Effect,8:+0.000;-0.000;0.000}")
                + Share(line.Recovery));
    }

    static string Share(double? recovery) => recovery is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"  {Math.Round(share * 100, 1) + 0.0,6:F1} %")
        : "         -";
}
