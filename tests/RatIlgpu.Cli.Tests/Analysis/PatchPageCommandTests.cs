using System.Xml.Linq;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class PatchPageCommandTests : IDisposable
{
    const string Clean = "When Mary and John went to the store, John gave a drink to";
    const string Corrupted = "When Mary and John went to the store, Mary gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_page_is_written_only_if_it_is_asked_for_and_exports_the_JSON_of_the_command()
    {
        var json = folder.Path("patch.json");
        var run = Patch(
            "-a", "head-output", "--output", folder.Path("page"), "--json", json, "--title", "Names & heads");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var page = folder.Path("page/patch.html");
        Assert.Contains($"Wrote {page}\n", run.Output, StringComparison.Ordinal);
        var html = File.ReadAllText(page);
        Assert.Contains("<h1>Names &amp; heads</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Model<dd><bdi>demo-model</bdi>", html, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(json), PageFileTests.Block(html, "file"));
        Assert.DoesNotContain("Wrote", Patch("-a", "head-output").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-a residual-before")]
    [InlineData("-a head-output --axes position,head --layers 0:2")]
    [InlineData("-a pattern --axes position,head,key --layers 3 --heads 3")]
    [InlineData("-a key --scope query-head")]
    [InlineData("-a mlp-output --axes layer")]
    [InlineData("--source L1H0 --input key --scope key-value-group")]
    [InlineData("--source L3H0")]
    [InlineData("--source L0H1,L1H0 --input value --axes layer")]
    [InlineData("--source all --input value --metric kl-divergence")]
    public void Everything_that_can_be_patched_has_a_page_and_a_figure(string options)
    {
        var figure = folder.Path("figure.svg");
        var run = Patch(
            [.. options.Split(' '), "-o", folder.Path("page"), "--svg", figure, "--theme", "dark", "--help-text"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"Wrote {figure}\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(figure).Root!.Name.LocalName);
        var html = File.ReadAllText(folder.Path("page/patch.html"));
        Assert.Contains("data-theme=\"dark\"", html, StringComparison.Ordinal);
        Assert.Contains("<details class=\"card explain\" open>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_pairs_are_one_page()
    {
        var prompts = folder.Path("pairs.jsonl");
        File.WriteAllLines(prompts,
        [
            $$"""{"prompt": "{{Clean}}", "corrupted": "{{Corrupted}}"}""",
            $$"""{"prompt": "{{Corrupted}}", "corrupted": "{{Clean}}"}""",
        ]);
        var run = CommandRun.Of("patch", "-a", "head-output", "--prompts", prompts, "-o", folder.Path("page"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "<option value=\"mean\">Mean of 2 pairs", File.ReadAllText(folder.Path("page/patch.html")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help-text", "--output")]
    [InlineData("--max-bytes=9", "--output")]
    [InlineData("--theme=dark", "--output or --svg")]
    [InlineData("--title=T", "--output, --svg or --json")]
    public void An_option_of_the_page_needs_the_page(string option, string needed) =>
        Patch("-a", "head-output", option).IsMisused(
            $"{option.Split('=')[0]} means nothing without {needed}; give that too, or leave {option.Split('=')[0]} "
            + "out.",
            " patch");

    [Fact]
    public void A_page_that_is_too_large_is_refused_in_one_line()
    {
        var run = Patch(
            "-a", "head-output", "-o", folder.Path("page"), "--max-bytes", "1000", "--json", folder.Path("patch.json"),
            "--svg", folder.Path("patch.svg"));
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            @"^ratilgpu: The data of the page take \d,\d{3} bytes for 32 patches in 1 pair, and may take 1,000 bytes "
                + @"in all\. Choose fewer .*, or allow it with --max-bytes \d+\.\n$",
            run.Error);
        Assert.False(File.Exists(folder.Path("page/patch.html")));
        Assert.True(File.Exists(folder.Path("patch.json")));
        Assert.True(File.Exists(folder.Path("patch.svg")));
    }

    [Fact]
    public void A_page_of_somebody_else_is_not_replaced()
    {
        File.WriteAllText(folder.Path("patch.html"), "mine");
        var run = Patch("-a", "head-output", "-o", folder.Root);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("was not written by ratilgpu", run.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(folder.Path("patch.html")));
    }

    [Fact]
    public void A_figure_that_cannot_be_written_is_refused_before_anything_runs() =>
        Patch("-a", "head-output", "--svg", folder.Root).Refuses(
            $"{folder.Root}: a folder, expected a file to write; give another with --svg.");

    static CommandRun Patch(params string[] args) =>
        CommandRun.Of(["patch", .. args, "--corrupted", Corrupted, Clean]);
}
