using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class CompareCommandTests
{
    static string Trace(TemporaryFolder folder, string layer)
    {
        var output = Path.Combine(folder.Root, layer);
        Assert.Equal(0, CommandRun.Of("trace", "When Mary and John", "--layers", layer, "-o", output).ExitCode);
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
            "<dt>Layer differs:</dt><dd><b>A</b> <bdi>0 (of 0 to 3)</bdi> · <b>B</b>\n<bdi>3 (of 0 to 3)</bdi></dd>",
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
        Assert.Contains(
            "<dd><b>A</b> <bdi>0 (of 0 to 3)</bdi> · <b>B</b>\n<bdi>0</bdi></dd>", html, StringComparison.Ordinal);
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
    public void The_differences_can_be_had_as_json()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (Trace(folder, "0"), Trace(folder, "3"));
        var run = CommandRun.Of("compare", a, b, "-o", folder.Root, "--json", "-");
        var json = JsonNode.Parse(run.Output)!;
        Assert.False((bool)json["equal"]!);
        Assert.Equal((a, 0, b, 3), (
            (string?)json["a"]!["name"], (int)json["a"]!["layer"]!, (string?)json["b"]!["name"],
            (int)json["b"]!["layer"]!));
        foreach (var list in (string[])["tokens", "links", "paths"])
        {
            var rows = json[list]!.AsArray();
            Assert.NotEmpty(rows);
            Assert.Equal(
                rows.Select(row => Math.Abs((double)row!["difference"]!)).OrderDescending(),
                rows.Select(row => Math.Abs((double)row!["difference"]!)));
            Assert.All(rows, row => Assert.Equal(
                (double)row!["share_a"]! - (double)row["share_b"]!, (double)row["difference"]!, 1e-12));
        }

        // The shares of the paths of a trace are 1 together.
        Assert.Equal(1, json["paths"]!.AsArray().Sum(row => (double)row!["share_b"]!), 1e-9);
    }

    [Fact]
    public void A_figure_is_written_beside_the_page()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (Trace(folder, "0"), Trace(folder, "3"));
        var file = folder.Path("figure.svg");
        var run = CommandRun.Of("compare", a, b, "-o", folder.Root, "--svg", file, "--title", "Two layers");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith($"Wrote {file}\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("<title>Two layers</title>", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_does_not_replace_a_trace()
    {
        using var folder = new TemporaryFolder();
        var trace = Trace(folder, "0");
        var link = folder.Path("link.json");
        File.CreateSymbolicLink(link, trace);
        foreach (var (read, written) in ((string, string)[])[(trace, trace), (link, trace), (trace, link)])
            CommandRun.Of("compare", read, read, "-o", folder.Path("page"), "--svg", written).IsMisused(
                $"--svg names {Path.GetFileName(trace)}, which the command reads; give another file.", " compare");
    }

    [Fact]
    public void A_missing_file_is_named() => CommandRun.Of("compare", "no-such.json", "nor-this.json").Refuses(
        "no-such.json: no such file, expected the trace.json or flow.json that 'ratilgpu trace' wrote.");

    [Fact]
    public void A_folder_is_no_trace()
    {
        using var folder = new TemporaryFolder();
        CommandRun.Of("compare", folder.Root, "b.json").Refuses(
            $"{folder.Root}: a folder, expected a trace.json or flow.json; give the file in it.");
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
    public void A_file_above_the_limit_is_refused_before_it_is_read()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Root, "large.json");
        using (var large = File.Create(file))
            large.SetLength((1L << 28) + 1);
        CommandRun.Of("compare", file, file, "-o", folder.Root).Refuses(
            $"{file}: has 268,435,457 bytes, expected at most 268,435,456.");
    }

    [Fact]
    public void A_pipe_or_a_device_is_refused_without_waiting_for_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Folders of Windows have no pipes.");
        using var folder = new TemporaryFolder();
        var pipe = folder.MakePipe("pipe");
        foreach (var file in (string[])[pipe, "/dev/zero"])
            CommandRun.Of("compare", file, file, "-o", folder.Root).Refuses(
                $"{file}: is empty, or no regular file; expected a file with content.");
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_named()
    {
        using var folder = new TemporaryFolder();
        var link = Path.Combine(folder.Root, "link");
        File.CreateSymbolicLink(link, "nothing");
        CommandRun.Of("compare", link, link, "-o", folder.Root).Refuses(
            $"{link}: no such file, expected the trace.json or flow.json that 'ratilgpu trace' wrote.");
    }

    [Fact]
    public void A_link_to_itself_is_refused_in_one_line_that_says_the_path_once()
    {
        using var folder = new TemporaryFolder();
        var link = Path.Combine(folder.Root, "link");
        File.CreateSymbolicLink(link, "link");
        CommandRun.Of("compare", link, link, "-o", folder.Root).Refuses(
            $"{link}: is a link that leads back to itself, expected a file.");
    }

    [Fact]
    public void A_comparison_that_is_stopped_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var trace = Trace(folder, "0");
        var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(Stream.Null, IsInputPiped: false, TextWriter.Null, error, ShowsProgress: false);
        string[] args = ["compare", trace, trace, "-o", folder.Root];
        var code = CommandLine.Run(args, terminal, new CancellationToken(canceled: true));
        Assert.Equal((130, "ratilgpu: stopped.\n"), (code, error.ToString()));
        Assert.False(File.Exists(Path.Combine(folder.Root, "compare.html")));
    }

    [Fact]
    public void One_trace_is_not_enough() => Assert.Equal(2, CommandRun.Of("compare", "a.json").ExitCode);
}
