using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class ExplanationFilesTests() : PageFileTests("explanation.html")
{
    [Fact]
    public void A_page_is_written_where_it_is_asked_for_and_nowhere_else()
    {
        AssertPageAlone(Explain("--output", Folder.Root), Explain());
        Assert.Contains(
            "<dt>Explains<dd>L3H1 from \u2068·to\u2069 13 to \u2068·John\u2069 3</div>", Html,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("here others here others", "--key", "1,3")]
    [InlineData("others here", "--key", "1", "--reading", "others")]
    [InlineData("foil here others", "--key", "1", "--foil-key", "3")]
    [InlineData("gradient here others", "--key", "1", "--reading", "gradient")]
    [InlineData("here", "--key", "0", "--query", "0")]
    public void A_page_has_both_readings_beside_the_one_that_is_asked_for(string readings, params string[] more)
    {
        Assert.Equal("", Explain([.. more, "-o", Folder.Root]).Error);
        using var data = Data();
        var views = data.RootElement.GetProperty("views").EnumerateArray();
        Assert.Equal(readings.Split(' '), views.Select(one => one.GetProperty("reading").GetString()));
    }

    [Fact]
    public void A_page_does_not_change_the_file()
    {
        var (alone, beside) = (Folder.Path("a.json"), Folder.Path("b.json"));
        Explain("--json", alone, "--key", "1,3", "--verify");
        Explain("--json", beside, "--key", "1,3", "--verify", "-o", Folder.Root);
        using var one = JsonDocument.Parse(File.ReadAllText(alone));
        using var two = JsonDocument.Parse(File.ReadAllText(beside));
        Assert.Equal($"{one.RootElement.GetProperty("keys")}", $"{two.RootElement.GetProperty("keys")}");
        Assert.Equal(14, one.RootElement.GetProperty("query_attention").GetArrayLength());
        Assert.Contains("Measured with parts taken out", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_has_the_readings_that_it_was_made_for()
    {
        var recorded = Folder.Path("run.st");
        Explain("--key", "3", "--record", recorded);
        Again();
        using (var data = Data())
            Assert.Equal(1, data.RootElement.GetProperty("views").GetArrayLength());
        Explain("--key", "3", "--record", recorded, "-o", Folder.Root);
        Again();
        using (var data = Data())
            Assert.Equal(2, data.RootElement.GetProperty("views").GetArrayLength());

        void Again() => Assert.Equal((0, ""), Result(CommandRun.Of(
            "explain", "--head", "L3H1", "--key", "3", "--from-recording", recorded, "-o", Folder.Root)));
    }

    [Fact]
    public void What_a_page_lacks_is_said_in_the_report_and_on_the_page()
    {
        var recorded = Folder.Path("run.st");
        Explain("--key", "1", "--foil-key", "3", "--record", recorded);
        string[] again = ["explain", "--head", "L3H1", "--key", "1", "--foil-key", "3", "--from-recording", recorded];
        const string LeftOut = "The page is without the reading others: the recording lacks what it reads; make it "
            + "anew with --output and --record.";
        Assert.Contains(
            $"\nNote       {LeftOut}\n", CommandRun.Of([.. again, "-o", Folder.Root]).Output, StringComparison.Ordinal);
        Assert.Contains($"<p class=\"notice\">{LeftOut}</p>", Html, StringComparison.Ordinal);
        using (var data = Data())
            Assert.Equal(2, data.RootElement.GetProperty("views").GetArrayLength());
        // Where there is no page, nothing is left out of it.
        Assert.DoesNotContain("Note", CommandRun.Of(again).Output, StringComparison.Ordinal);
        Assert.Contains(
            "Note       The page is without the reading others: query 0 sees one key alone.\n",
            Explain("--key", "0", "--query", "0", "-o", Folder.Root).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_several_prompts_says_which_lacks_a_reading()
    {
        var file = Folder.Write(Encoding.UTF8.GetBytes("When Mary and John\nMary\n"), "prompts.txt");
        CommandRun.Of("explain", "--head", "L3H1", "--prompts", file, "-o", Folder.Root);
        Assert.Contains(
            "<p class=\"notice\">Prompt 2: The page is without the reading others: query 0 sees one key alone.</p>",
            Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_prompts_stand_on_one_page_with_what_was_left_out()
    {
        var file = Folder.Write(
            Encoding.UTF8.GetBytes("{\"prompt\": \"When Mary and John\"}\n{\"prompt\": \"Mary gave\"}\n"),
            "prompts.jsonl");
        var figure = Folder.Path("figure.svg");
        var run = CommandRun.Of(
            "explain", "--head", "L2H0", "--key", "0", "--prompts", file, "--ablate", "L1H0", "-o", Folder.Root,
            "--svg", figure);
        Assert.Equal((0, ""), Result(run));
        Assert.EndsWith($"Wrote {figure}: prompt 1, the link to key 0\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("<dt>Ablated<dd>L1H0</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<select id=\"query\">", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_is_a_file_of_its_own() =>
        AssertFigureAlone(more => Explain(["--key", "3", .. more]), "L1H0");

    [Theory]
    [InlineData("--help-text means nothing without --output; give that too, or leave --help-text out.", "--help-text")]
    [InlineData(
        "--max-bytes means nothing without --output; give that too, or leave --max-bytes out.", "--max-bytes", "5")]
    [InlineData(
        "--theme means nothing without --output or --svg; give that too, or leave --theme out.", "--theme", "dark")]
    [InlineData(
        "--json names explanation.html in the folder of --output, where the command writes its own files; give another "
        + "name.", "--output", "out", "--json", "out/explanation.html")]
    public void What_makes_no_sense_is_refused(string message, params string[] more) =>
        Explain(more).IsMisused(message, " explain");

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_its_size() =>
        AssertTooLarge(Explain, "Explain fewer keys");

    [Fact]
    public void A_reading_that_nobody_asked_for_is_left_out_where_it_would_make_the_page_too_large()
    {
        string[] words = ["--key", "3", "--split-heads", "--output", Folder.Root];
        var refused = Explain([.. words, "--max-bytes", "1000"]);
        Assert.Contains(" bytes for 1 reading of its links, ", refused.Error, StringComparison.Ordinal);
        var enough = Regex.Match(refused.Error, @"--max-bytes (\d+)\.\n$").Groups[1].Value;
        var run = Explain([.. words, "--max-bytes", enough]);
        Assert.Equal((0, ""), Result(run));
        Assert.Equal(["here"], Readings());
        const string Told = "The reading others is left out: with it the page is too large. The data of the page take ";
        Assert.Contains($"\nNote       {Told}", run.Output, StringComparison.Ordinal);
        Assert.Contains($"<p class=\"notice\">{Told}", Html, StringComparison.Ordinal);
        var both = Regex.Match(run.Output, @"for 2 readings .*, or allow it with --max-bytes (\d+)\.\n");
        Assert.DoesNotContain(
            Told, Explain([.. words, "--max-bytes", both.Groups[1].Value]).Output, StringComparison.Ordinal);
        Assert.Equal(["here", "others"], Readings());

        IEnumerable<string?> Readings()
        {
            using var data = Data();
            return [.. data.RootElement.GetProperty("views").EnumerateArray()
                .Select(view => view.GetProperty("reading").GetString())];
        }
    }

    static (int, string) Result(CommandRun run) => (run.ExitCode, run.Error);

    static CommandRun Explain(params string[] more) => CommandRun.Of(["explain", "--head", "L3H1", Prompt, .. more]);
}
