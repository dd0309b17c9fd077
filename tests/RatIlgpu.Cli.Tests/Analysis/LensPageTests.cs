using System.Text.Json.Nodes;
using System.Xml.Linq;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class LensPageTests : IDisposable
{
    const string Prompt = "When Mary and John went";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Page => folder.Path("out", "lens.html");

    string Figure => folder.Path("lens.svg");

    [Fact]
    public void No_page_is_written_where_none_is_asked_for()
    {
        Assert.DoesNotContain("Wrote", Lens().Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine("output", "lens.html")));
    }

    [Fact]
    public void A_page_shows_what_the_command_read()
    {
        var run = Lens("-o", folder.Path("out"), "-p", "all", "--answer", " Mary", "--title", "A & B",
            "--theme", "dark", "--help-text", "--ablate", "L0H1");
        Assert.Empty(run.Error);
        Assert.EndsWith($"Wrote {Page}\n", run.Output, StringComparison.Ordinal);
        var html = File.ReadAllText(Page);
        Assert.Contains("data-theme=\"dark\"", html, StringComparison.Ordinal);
        Assert.Contains("<h1>A &amp; B</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Model<dd><bdi>demo-model</bdi>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>States<dd>9, 0_pre to final_post</div>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Positions<dd>all 5</div>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Ablated<dd>L0H1</div>", html, StringComparison.Ordinal);
        Assert.Contains("class=\"card explain\" open", html, StringComparison.Ordinal);
        Assert.Contains("lens &#x27;When Mary and John went&#x27;", html, StringComparison.Ordinal);
        Assert.Empty(Lens("-o", folder.Path("out")).Error);
    }

    [Fact]
    public void The_states_of_chosen_layers_are_shown_and_the_file_has_all()
    {
        var json = folder.Path("lens.json");
        Lens("-o", folder.Path("out"), "--layers", "-1", "--json", json, "--svg", Figure);
        Assert.Contains("<dt>States<dd>3, 3_pre to final_post</div>", File.ReadAllText(Page), StringComparison.Ordinal);
        Assert.Equal(9, JsonNode.Parse(File.ReadAllText(json))!["states"]!.AsArray().Count);
        Assert.Equal(
            ["final_post", "3_mid", "3_pre"], Texts().Where(text => text.Contains('_', StringComparison.Ordinal)));
    }

    [Fact]
    public void A_figure_is_written_without_a_page()
    {
        var run = Lens("--svg", Figure, "-p", "all", "--title", "A & B");
        Assert.EndsWith($"Wrote {Figure}\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("A & B", Texts()[0]);
        Assert.Contains("·and", Texts());
        Assert.False(File.Exists(Page));
        Lens("--svg", Figure, "--predictions", "0", "--answer", " Mary");
        Assert.Contains("1  probability of \u2068·Mary\u2069", Texts());
    }

    [Fact]
    public void Several_prompts_are_on_one_page_and_the_figure_says_whose_it_is()
    {
        var prompts = folder.Path("prompts.txt");
        File.WriteAllText(prompts, "When Mary\nand John went\n");
        var run = CommandRun.Of("lens", "--prompts", prompts, "-o", folder.Path("out"), "--svg", Figure);
        Assert.EndsWith($"Wrote {Page}\nWrote {Figure}: prompt 1\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("<option value=\"2\">2: and John went", File.ReadAllText(Page), StringComparison.Ordinal);
        Assert.Contains(
            "\nOver all 2 prompts, mean ± spread:\n  0_pre       [entropy ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Lens("--help-text").IsMisused(
            "--help-text means nothing without --output; give that too, or leave --help-text out.", " lens");
        Lens("--max-bytes", "9").IsMisused(
            "--max-bytes means nothing without --output; give that too, or leave --max-bytes out.", " lens");
        Lens("--theme", "dark").IsMisused(
            "--theme means nothing without --output or --svg; give that too, or leave --theme out.", " lens");
        Lens("--svg", Figure, "--json", Figure).IsMisused("--json and --svg name the same file; give two.", " lens");
        Lens("-o", folder.Path("out"), "--json", Page).IsMisused(
            "--json names lens.html in the folder of --output, where the command writes its own files; give another "
            + "name.", " lens");
        Directory.CreateDirectory(folder.Path("out"));
        File.WriteAllText(Page, "mine");
        Lens("-o", folder.Path("out")).Refuses(
            $"{Page}: was not written by ratilgpu and would be replaced; move it, or give another folder with "
            + "--output.");
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused_after_the_report()
    {
        var run = Lens("-o", folder.Path("out"), "--max-bytes", "99", "--json", folder.Path("lens.json"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("\n  final_post  ", run.Output, StringComparison.Ordinal);
        Assert.Matches(
            @"^ratilgpu: The data of the page take \d,\d{3} bytes for 9 predictions of 5 tokens .* may take 99 bytes "
                + @".*, or allow it with --max-bytes \d+\.\n$",
            run.Error);
        Assert.False(File.Exists(Page));
        Assert.True(File.Exists(folder.Path("lens.json")));
    }

    string[] Texts() =>
    [
        .. XDocument.Load(Figure).Descendants().Where(part => part.Name.LocalName == "text").Select(part => part.Value),
    ];

    static CommandRun Lens(params string[] more) => CommandRun.Of(["lens", Prompt, .. more]);
}
