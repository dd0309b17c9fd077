using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class CompareCommandTests
{
    static string Trace(TemporaryFolder folder, string layer)
    {
        var output = Path.Combine(folder.Root, layer);
        Assert.Equal(0, CommandRun.Of("trace", "When Mary and John", "--layer", layer, "-o", output).ExitCode);
        return Path.Combine(output, "trace.json");
    }

    [Fact]
    public void Two_traces_make_one_page()
    {
        using var folder = new TemporaryFolder();
        var run = CommandRun.Of("compare", Trace(folder, "0"), Trace(folder, "3"), "-o", folder.Root);
        var page = Path.Combine(folder.Root, "compare.html");
        Assert.Equal((0, "", $"Wrote {page}\n"), (run.ExitCode, run.Error, run.Output));
        Assert.Contains(
            "<dt>Layer differs:</dt><dd><b>A</b> 0 (of 0 to 3) · <b>B</b> 3 (of 0 to 3)</dd>",
            File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_the_Python_package_can_be_compared()
    {
        using var folder = new TemporaryFolder();
        var ours = Trace(folder, "0");
        var theirs = Path.Combine(folder.Root, "theirs.json");
        var json = JsonNode.Parse(File.ReadAllText(ours))!.AsObject();
        Assert.True(json.Remove("ratilgpu"));
        File.WriteAllText(theirs, json.ToJsonString());
        Assert.Equal(0, CommandRun.Of("compare", ours, theirs, "-o", folder.Root).ExitCode);
        var html = File.ReadAllText(Path.Combine(folder.Root, "compare.html"));
        Assert.Contains("<dd><b>A</b> 0 (of 0 to 3) · <b>B</b> 0</dd>", html, StringComparison.Ordinal);
        Assert.Contains("<p class=\"notice\">B: The file does not say", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_file_twice_is_said_to_be_equal()
    {
        using var folder = new TemporaryFolder();
        var trace = Trace(folder, "3");
        var run = CommandRun.Of("compare", trace, trace, "--output", folder.Root);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("The traces are equal.\nWrote ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() => CommandRun.Of("compare", "no-such.json", "nor-this.json").Refuses(
        "no-such.json: no such file, expected the trace.json that 'ratilgpu trace' wrote.");

    [Fact]
    public void A_folder_is_no_trace()
    {
        using var folder = new TemporaryFolder();
        CommandRun.Of("compare", folder.Root, "b.json").Refuses(
            $"{folder.Root}: a folder, expected a trace.json; give the file in it.");
    }

    [Fact]
    public void A_file_that_is_no_trace_is_refused_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Root, "bad.json");
        File.WriteAllText(file, "{\"tokens\": [");
        var run = CommandRun.Of("compare", file, file, "-o", folder.Root);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"ratilgpu: {file}: ", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Root, "compare.html")));
    }

    [Fact]
    public void One_trace_is_not_enough() => Assert.Equal(2, CommandRun.Of("compare", "a.json").ExitCode);
}
