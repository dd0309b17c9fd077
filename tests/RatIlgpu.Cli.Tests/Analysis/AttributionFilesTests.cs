using System.Text;
using System.Text.Json;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class AttributionFilesTests() : PageFileTests("attribution.html")
{
    [Fact]
    public void A_page_is_written_where_it_is_asked_for_and_nowhere_else()
    {
        AssertPageAlone(Attribute("--output", Folder.Root, "--foil", " John"), Attribute("--foil", " John"));
        Assert.Contains(
            "<dt>Explains<dd>logit of \u2068·Mary\u2069 − \u2068·John\u2069", Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sublayer", "sublayer head")]
    [InlineData("head", "head sublayer")]
    [InlineData("head-by-source", "head sublayer")]
    [InlineData("cumulative-layer", "cumulative-layer sublayer head")]
    [InlineData("neuron", "neuron sublayer head")]
    public void A_page_of_any_unit_has_the_bars_of_it_and_the_matrix(string unit, string shown)
    {
        Attribute("-u", unit, "-o", Folder.Root);
        using var data = Data();
        Assert.Equal(
            shown.Split(' '),
            data.RootElement.GetProperty("units").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(32 + 1 + 4, data.RootElement.GetProperty("readers").GetArrayLength());
    }

    [Fact]
    public void The_page_exports_what_the_command_writes()
    {
        var json = Folder.Path("rows.json");
        Attribute("-u", "head", "-o", Folder.Root, "--json", json);
        Assert.Equal(File.ReadAllText(json), Block(Html, "file"));
    }

    [Fact]
    public void Rows_that_are_not_chosen_are_not_accounted_for()
    {
        var run = Attribute("-u", "head", "--layers", "3", "--heads", "0,1", "-n", "20", "-o", Folder.Root);
        Assert.Equal("", run.Error);
        using var data = Data();
        var unit = data.RootElement.GetProperty("units")[0];
        Assert.Equal(["L3H0", "L3H1"], unit.GetProperty("labels").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(30 + 5, unit.GetProperty("leftOut").GetInt32());
        Assert.Equal(20, data.RootElement.GetProperty("top").GetInt32());
    }

    [Fact]
    public void A_figure_is_a_file_of_its_own() =>
        AssertFigureAlone(more => Attribute(["-u", "head", .. more]), "L3H3");

    [Fact]
    public void Each_position_is_explained_by_the_token_after_it()
    {
        var json = Folder.Path("rows.json");
        var run = Attribute("--next-token", "-o", Folder.Root, "--json", json);
        Assert.Equal("", run.Error);
        using var file = JsonDocument.Parse(File.ReadAllText(json));
        var prompts = file.RootElement.GetProperty("prompts").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, 13), prompts.Select(one => one.GetProperty("position").GetInt32()));
        var tokens = prompts[0].GetProperty("tokens").EnumerateArray()
            .Select(token => token.GetProperty("id").GetInt32()).ToList();
        Assert.Equal(
            tokens[1..], prompts.Select(one => one.GetProperty("answer").GetProperty("id").GetInt32()));
        Assert.Contains("data-view=\"1.12\"", Html, StringComparison.Ordinal);
        Assert.DoesNotContain("data-view=\"1.13\"", Html, StringComparison.Ordinal);
        Assert.Contains(
            "logit of \" drink\" (", Attribute("--next-token", "-p", "-3,-1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_token_has_none_after_it()
    {
        Attribute("--next-token", "-p", "-1").Refuses(
            "the prompt: --next-token explains a position by the token after it, and no token follows the chosen ones; "
            + "choose earlier positions.");
        CommandRun.Of("attribute", "--ids", "5", "--next-token").Refuses(
            "--ids: --next-token explains a position by the token after it, and no token follows the only one; choose "
            + "earlier positions.");
        var prompts = Folder.Write(
            Encoding.UTF8.GetBytes("{\"prompt\": \"When Mary\", \"answer\": \" and\"}\n"), "p.jsonl");
        CommandRun.Of("attribute", "--prompts", prompts, "--next-token").Refuses(
            $"{prompts}:1: has an answer or a foil, whose place --next-token takes; leave one of them out.");
    }

    [Fact]
    public void Each_position_can_have_a_direction_of_its_own()
    {
        // The stream is 128 wide.
        var run = CommandRun.Of("attribute", "--ids", "5,6,7", "-p", "0,2", "--direction", Directions(3));
        Assert.Equal("", run.Error);
        Assert.Contains("d[0]", run.Output, StringComparison.Ordinal);
        Assert.Contains("d[2]", run.Output, StringComparison.Ordinal);
        CommandRun.Of("attribute", "--ids", "5,6,7", "--direction", Directions(2)).Refuses(
            "--ids: --direction has 2 directions, expected one, or one for each of the 3 tokens.");

        string Directions(int count)
        {
            var rows = Enumerable.Range(0, count)
                .Select(row => Enumerable.Range(0, 128).Select(at => at == row ? 1 : 0));
            return Folder.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(rows)), "d.json");
        }
    }

    [Fact]
    public void A_recording_without_what_heads_read_has_a_page_that_says_so()
    {
        var run = Folder.Path("run.safetensors");
        Attribute("--record", run);
        var again = CommandRun.Of("attribute", "--from-recording", run, "-o", Folder.Root);
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Contains("These rows are not divided by the token that was read", Html, StringComparison.Ordinal);
        Attribute("--record", run, "-o", Folder.Root);
        CommandRun.Of("attribute", "--from-recording", run, "-u", "head-by-source", "-o", Folder.Root);
        Assert.Contains("id=\"heat\"", Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help-text means nothing without --output; give that too, or leave --help-text out.", "--help-text")]
    [InlineData(
        "--max-bytes means nothing without --output; give that too, or leave --max-bytes out.", "--max-bytes", "5")]
    [InlineData(
        "--title means nothing without --output, --svg or --json; give that too, or leave --title out.",
        "--title", "T")]
    [InlineData("--json and --svg name the same file; give two.", "--json", "a.json", "--svg", "./a.json")]
    [InlineData(
        "--json names attribution.html in the folder of --output, where the command writes its own files; give another "
        + "name.", "--output", "out", "--json", "out/attribution.html")]
    [InlineData(
        "--next-token stands in the place of a token or a direction; leave --answer, --foil and --direction out.",
        "--next-token", "--answer", " Mary")]
    public void What_makes_no_sense_is_refused(string message, params string[] more) =>
        Attribute(more).IsMisused(message, " attribute");

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_its_size() =>
        AssertTooLarge(Attribute, "Choose fewer prompts");

    [Fact]
    public void A_page_of_somebody_else_is_not_replaced()
    {
        File.WriteAllText(Page, "<p>mine");
        var run = Attribute("-o", Folder.Root);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("was not written by ratilgpu", run.Error, StringComparison.Ordinal);
        Assert.Equal("<p>mine", Html);
    }

    static CommandRun Attribute(params string[] more) => CommandRun.Of(["attribute", Prompt, .. more]);
}
