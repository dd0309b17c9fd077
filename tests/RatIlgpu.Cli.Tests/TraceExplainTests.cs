using System.Text.RegularExpressions;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Tests;

/// <summary>trace --explain.</summary>
public sealed class TraceExplainTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Report_page_and_file_say_why_the_head_looks_there()
    {
        var run = Trace(Prompt, "--heads", "1", "--explain");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var line = Assert.Single(
            run.Output.Split('\n'), one => one.StartsWith("Explained  ", StringComparison.Ordinal));
        Assert.Matches(
            @"^Explained  \d+ links; from "" to"" at 13 to "" \w+"" at \d+, \w+ at the query with \w+ at the key adds "
            + @"[+-]\d+\.\d\d to a score of -?\d+\.\d\d$", line);
        var trace = Read("trace.json");
        Assert.Equal(
            trace.Sankey.Links.Select(link => (link.Source, link.Target)),
            trace.Explanations.Select(one => (one.Source, one.Target)));
        Assert.All(trace.Explanations, one => Assert.Equal(5, one.Pairs.Length));
        Assert.Contains("<th scope=\"col\">Attention score", Page(), StringComparison.Ordinal);
        // The same numbers as those of explain.
        var alone = CommandRun.Of("explain", Prompt, "--head", "L3H1", "--key", $"{trace.Explanations[0].Source}");
        Assert.Contains(FormattableString.Invariant(
            $"Score      {trace.Explanations[0].Score:F4}, attention "), alone.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Explained", Trace(Prompt, "--heads", "1").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("<th scope=\"col\">Attention score", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_that_are_explained_are_compared_by_the_parts_of_their_scores()
    {
        var other = Prompt.Replace("Mary", "Anna", StringComparison.Ordinal);
        string Kept(string name, params string[] words)
        {
            Assert.Equal(0, Trace(words).ExitCode);
            File.Copy(folder.Path("out/trace.json"), folder.Path(name));
            return folder.Path(name);
        }

        var (a, b) = (
            Kept("a.json", Prompt, "--heads", "1", "--explain"), Kept("b.json", other, "--heads", "1", "--explain"));
        var run = CommandRun.Of("compare", a, b, "-o", folder.Path("page"), "--json", folder.Path("json"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(
            @"^Parts of the scores of links: 5 of \d+, largest difference first\n"
            + @"  1\. [AB] \+\d+\.\d{4}( or more)? +(whole score|\w+ · \w+), from [^\n]+ at \d+ to [^\n]+ at \d+\n"
            + @"(  \d\. [^\n]*\n){4}Wrote ", run.Output);
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(folder.Path("json")));
        var sizes = json.RootElement.GetProperty("parts").EnumerateArray()
            .Select(part => Math.Abs(part.GetProperty("difference").GetDouble())).ToList();
        Assert.Equal(sizes.OrderDescending(), sizes);
        Assert.Contains(
            "id=\"parts\"", File.ReadAllText(folder.Path("page/compare.html")), StringComparison.Ordinal);

        // A part that does not differ is no line.
        Assert.StartsWith(
            "The traces are equal.\nWrote ", CommandRun.Of("compare", a, a, "-o", folder.Path("page")).Output,
            StringComparison.Ordinal);

        var half = CommandRun.Of("compare", a, Kept("plain.json", other, "--heads", "1"), "-o", folder.Path("page"));
        Assert.StartsWith(
            "Only A explains its links: to compare the parts of their scores, trace the other with --explain too.\n",
            half.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Traces_of_each_head_layer_position_and_prompt_are_explained()
    {
        var prompts = folder.Path("prompts.txt");
        File.WriteAllText(prompts, "When Mary and John went\nWhen Mary gave\n");
        var run = Trace(
            "--prompts", prompts, "--layers", "0,3", "--agg-heads", "none", "--position", "1,-1", "--explain",
            "--ablate", "L1H0,L3H2");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(2 * 2 * 8 * 2, Regex.Count(run.Output, "\nExplained  "));
        Assert.NotEmpty(Read("trace-prompt2-P2-L3H7.json").Explanations);
    }

    [Fact]
    public void Attention_is_explained_whatever_links_count()
    {
        var weighted = Trace(Prompt, "--heads", "3", "--explain", "--weights", "contribution");
        Assert.Equal((0, ""), (weighted.ExitCode, weighted.Error));
        var found = Read("trace.json").Explanations;
        Trace(Prompt, "--heads", "3", "--explain", "--agg-heads", "mean");
        Assert.NotEmpty(found.Intersect(Read("trace.json").Explanations));
    }

    [Fact]
    public void A_recording_that_was_made_with_it_serves_it()
    {
        var (with, without) = (folder.Path("with.st"), folder.Path("without.st"));
        var live = Trace(Prompt, "--heads", "1,3", "--explain", "--record", with);
        Assert.Equal((0, ""), (live.ExitCode, live.Error));
        var again = Trace("--from-recording", with, "--heads", "1,3", "--explain");
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Equal(Explained(live), Explained(again));
        // More paths have other links.
        Assert.Empty(Trace("--from-recording", with, "--heads", "1,3", "--explain", "--top-beam", "20").Error);
        Trace(Prompt, "--heads", "1", "--record", without);
        CommandRun.Of("trace", "--from-recording", without, "--heads", "1", "--explain", "-o", folder.Root).Refuses(
            $"{without}: residual-before of layer 3 was not recorded. Record anew what this command reads: give it the "
            + "prompt and --record FILE in place of --from-recording, and the other options as here.");

        static string[] Explained(CommandRun run) =>
            [.. run.Output.Split('\n').Where(line => line.StartsWith("Explained", StringComparison.Ordinal))];
    }

    [Fact]
    public void An_explained_trace_can_be_compared()
    {
        Trace(Prompt, "--heads", "1", "--explain");
        File.Copy(folder.Path("out/trace.json"), folder.Path("first.json"));
        Trace(Prompt, "--heads", "3", "--explain");
        var run = CommandRun.Of(
            "compare", folder.Path("first.json"), folder.Path("out/trace.json"), "-o", folder.Path("both"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        CommandRun.Of("compare", "--explain", "a", "b").IsMisused(
            "there is no option --explain.", " compare");
    }

    [Fact]
    public void Without_a_single_head_it_is_refused()
    {
        const string Refusal = "--explain takes the score of one head apart, and this trace is of several together; "
            + "give a head with --heads, such as --heads 3";
        string[] several = ["--explain", "--heads 0,1 --agg-heads mean --explain", "--agg-heads max --explain"];
        foreach (var words in several)
            Trace([Prompt, .. words.Split(' ')]).IsMisused($"{Refusal}, or --agg-heads none for a trace of each.");
        Trace(Prompt, "--explain", "--weights", "contribution", "--heads", "0,1").IsMisused($"{Refusal}.");
        CommandRun.Of("trace", "--through", Prompt, "--explain").IsMisused(
            "--explain means nothing with --through, which takes all heads together; leave it out.");
        Trace(Prompt, "--heads", "1", "--explain", "--attention-mask", "11111111111110").Refuses(
            "--position has 13, which is padding, expected that of a token.");
    }

    CommandRun Trace(params string[] args) => CommandRun.Of(["trace", .. args, "--output", folder.Path("out")]);

    string Page() => File.ReadAllText(folder.Path("out/index.html"));

    TraceResult Read(string name) => TraceJson.Read(File.ReadAllText(folder.Path($"out/{name}")));
}
