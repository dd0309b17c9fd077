using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The samples print what their readers are told to expect, on the demonstration model.</summary>
public sealed partial class SampleTests
{
    [Fact]
    public void The_sample_of_attribution_finds_who_writes_the_name()
    {
        var lines = Run("LogitAttribution");
        Assert.Equal("The logit of \" Mary\" is 22.06:", lines[0]);
        Assert.Contains("  L3H3 from \" Mary\" at 1: 2.33", lines);
    }

    [Fact]
    public void The_sample_of_the_lens_sees_the_name_come_last()
    {
        var lines = Run("LogitLens");
        Assert.Equal(9, lines.Length);
        Assert.StartsWith("final_post  \" Mary\" 99.6 %, ", lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("; the answer is number 1", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines[..^1], line => line.EndsWith(" number 1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sample_of_ablation_finds_the_head_that_is_needed()
    {
        var lines = Run("Ablate");
        Assert.Equal("\" Mary\": 99.6 %", lines[0]);
        Assert.StartsWith("  L3H1: zero 1.1 %, mean ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_of_path_patching_finds_the_previous_token_head_behind_the_keys()
    {
        var lines = Run("PathPatching");
        Assert.Equal(4, lines.Length);
        var numbers = Numbers(lines[0]);
        Assert.InRange(numbers[0], 8, 13);
        Assert.InRange(numbers[1], -2, 2);
        var (query, key, value) = (Best(lines[1]), Best(lines[2]), Best(lines[3]));
        Assert.Equal(["L1H0", "L1H0"], new[] { key.Source, value.Source });
        Assert.InRange(key.Effect, 3, 5);
        Assert.InRange(key.Next, 0, 0.1);
        Assert.InRange(value.Effect, 0.03, 0.6);
        Assert.InRange(query.Effect, 0, 0.1);
    }

    static (string Source, double Effect, double Next) Best(string line)
    {
        var found = Source().Matches(line);
        return (found[0].Groups["head"].Value, Number(found[0].Groups["effect"]), Number(found[1].Groups["effect"]));
    }

    static double[] Numbers(string line) =>
        [.. Decimal().Matches(line).Select(found => double.Parse(found.Value, CultureInfo.InvariantCulture))];

    static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    // A program of its own, from the folder its first lines name.
    static string[] Run(string name)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", name, configuration, name + ".dll");
        var start = new ProcessStartInfo("dotnet", [program])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error.Result);
        return output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    [GeneratedRegex(@"(?<head>L\d+H\d+) (?<effect>[-+][\d.]+)")]
    private static partial Regex Source();

    [GeneratedRegex(@"-?\d+\.\d+")]
    private static partial Regex Decimal();
}
