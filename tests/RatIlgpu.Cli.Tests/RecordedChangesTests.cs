using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

/// <summary>What was changed in recorded runs.</summary>
public sealed partial class RecordedChangesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The heads are read back from the words of an intervention.
    [Theory]
    [InlineData("explain --head L3H3 --key 1 --split-heads --top 1000", "L1H0 <- ")]
    [InlineData("attribute --unit head-by-source --top 1000", "L1H0 <- ")]
    public void A_head_that_is_off_adds_nothing_however_it_is_split(string command, string part)
    {
        ImmutableArray<string> words = [.. command.Split(' '), "When Mary and John went to the store, John gave"];
        Assert.Contains(part, CommandRun.Of([.. words]).Output, StringComparison.Ordinal);
        var lines = CommandRun.Of([.. words, "--ablate", "L1H0"]).Output.Split('\n')
            .Where(line => line.Contains(part, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lines);
        // Rows of single parts have the attention without them behind what they add.
        Assert.All(lines, line => Assert.Matches(@"^[^.]* 0\.0000\b", line));
    }

    [Fact]
    public void Weights_of_a_recorded_run_are_those_of_the_run()
    {
        string[] prompt = ["When Mary and John went to the store, John gave", "--ablate", "L1H0"];
        var run = Path.Combine(folder.Root, "run.st");
        CommandRun.Of(["attention", .. prompt, "--record", run, "--output", folder.Root]);
        foreach (var weights in (string[])["info", "contribution"])
        {
            string[] more = ["--layers", "1", "--weights", weights, "--output", folder.Root];
            var paths = Paths(["trace", .. prompt, .. more]);
            Assert.NotEmpty(paths);
            Assert.Equal(paths, Paths(["trace", "--from-recording", run, .. more]));
        }

        static List<string> Paths(string[] words) =>
            [.. CommandRun.Of(words).Output.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData("value")]
    [InlineData("info")]
    [InlineData("contribution --heads 3")]
    public void A_weighted_trace_of_an_ablated_run_is_that_of_its_recording(string weights)
    {
        var (run, live) = (folder.Path("run.st"), folder.Path("live"));
        string[] words = ["trace", "--layers", "1", "--weights", .. weights.Split(' '), "-o", live];
        Assert.Equal("", CommandRun.Of(
            [.. words, "When Mary and John", "--ablate", "L1H3,L1H0", "--json", Json, "--record", run]).Error);
        var paths = Compact(Root.GetProperty("paths_text"));
        Assert.Equal("", CommandRun.Of([.. words, "--from-recording", run, "--json", Json]).Error);
        Assert.Equal(paths, Compact(Root.GetProperty("paths_text")));
    }

    [Theory]
    [InlineData("trace", "index.html")]
    [InlineData("trace --through", "index.html")]
    [InlineData("attention", "attention.html")]
    [InlineData("attribute", "attribution.html")]
    [InlineData("lens", "lens.html")]
    [InlineData("explain --head L2H0 --key 0", "explanation.html")]
    public void A_page_names_the_heads_that_its_run_goes_without(string command, string page)
    {
        string[] words = [.. command.Split(' '), "When Mary and John", "-o", folder.Root];
        Assert.Equal("", CommandRun.Of(words).Error);
        Assert.Empty(Facts(page));
        var run = CommandRun.Of([.. words, "--ablate", "L1H3,L1H0"]);
        Assert.Equal("", run.Error);
        Assert.Equal(["Ablated: L1H0, L1H3"], Facts(page));
        Assert.Contains("\nAblated    L1H0, L1H3\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attention", "attention.html", 0)]
    [InlineData("attribute", "attribution.html", 1)]
    [InlineData("lens", "lens.html", 1)]
    [InlineData("explain --head L2H0 --key 0", "explanation.html", 1)]
    public void A_page_says_what_was_changed_in_the_recorded_runs_that_it_shows(string command, string page, int first)
    {
        string[] words = command.Split(' ');
        var (plain, changed) = (folder.Path("plain.st"), folder.Path("changed.st"));
        Record(plain);
        Record(changed, "--ablate", "L1H0,L1H3");
        Assert.Equal(["Ablated: L1H0, L1H3"], FactsOf(changed));
        Assert.Empty(FactsOf(plain));
        Assert.Equal([$"Ablated: prompt {first + 1}: L1H0, L1H3"], FactsOf($"{plain},{changed}"));

        void Record(string file, params string[] more) =>
            Assert.Equal("", CommandRun.Of(
                [.. words, "When Mary and John", "--record", file, "-o", folder.Path("made"), .. more]).Error);

        IEnumerable<string> FactsOf(string files)
        {
            var run = CommandRun.Of([.. words, "--from-recording", files, "-o", folder.Root]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            return Facts(page);
        }
    }

    [Fact]
    public void Other_changes_are_told_in_words()
    {
        var file = RecordScaled();
        var run = CommandRun.Of("lens", "--from-recording", file, "-o", folder.Root);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("\nChanged    scale the MLP output of layer 1\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(["Changed: \u2068scale the MLP output of layer 1\u2069"], Facts("lens.html"));
    }

    [Theory]
    [InlineData("trace", "index.html")]
    [InlineData("trace --through", "index.html")]
    [InlineData("attention", "attention.html")]
    [InlineData("attribute", "attribution.html")]
    [InlineData("lens", "lens.html")]
    [InlineData("explain --head L2H0 --key 2", "explanation.html")]
    public void A_page_says_which_tokens_are_padding(string command, string page)
    {
        string[] words =
            [.. command.Split(' '), "When Mary and John", "--attention-mask", "0011", "-o", folder.Root];
        var run = CommandRun.Of(words);
        Assert.Equal("", run.Error);
        Assert.Equal(["Padding: positions 0, 1"], Facts(page));
        Assert.Contains("\nPadding    positions 0, 1\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attention")]
    [InlineData("attribute")]
    [InlineData("lens")]
    [InlineData("explain --head L2H0 --key 2")]
    public void JSON_has_what_changed_a_run_as_that_of_a_trace_has_it(string command)
    {
        string[] words = command.Split(' ');
        string[] prompt = ["When Mary and John", "-o", folder.Path("made")];
        Assert.Equal("[]", InterventionsOf([.. words, .. prompt]));
        const string Lines = """["zero HeadValue of layer 0, heads 2","zero HeadValue of layer 1, heads 0, 3"]""";
        string[] ablated = [.. prompt, "--ablate", "L1H0,L1H3,L0H2"];
        var run = folder.Path("run.st");
        Assert.Equal(Lines, InterventionsOf([.. words, .. ablated, "--record", run]));
        Assert.Equal(Lines, InterventionsOf([.. words, "--from-recording", run, "-o", folder.Path("made")]));
        CommandRun.Of(["trace", .. ablated, "--json", Json]);
        Assert.Equal(Lines, Compact(Root.GetProperty("ratilgpu").GetProperty("interventions")));
        CommandRun.Of([.. words, .. prompt, "--attention-mask", "0011", "--json", Json]);
        Assert.Equal("[0,0,1,1]", Compact(Root.GetProperty("attention_mask")));
    }

    // Heads of later layers change the measured logit alone.
    [Fact]
    public void JSON_of_a_verified_explanation_has_every_change()
    {
        string[] words = ["explain", "--head", "L2H0", "--key", "0", "When Mary and John"];
        Assert.Equal(
            """["zero HeadValue of layer 1, heads 0","zero HeadValue of layer 3, heads 1"]""",
            InterventionsOf([.. words, "--verify", "--ablate", "L3H1,L1H0"]));
    }

    string Json => folder.Path("out.json");

    JsonElement Root => JsonDocument.Parse(File.ReadAllText(Json)).RootElement;

    string InterventionsOf(string[] words)
    {
        Assert.Equal("", CommandRun.Of([.. words, "--json", Json]).Error);
        return Compact(Root.GetProperty("interventions"));
    }

    static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    // The facts at the top of a page about what changed its runs.
    IEnumerable<string> Facts(string page) => ChangeFacts.Matches(File.ReadAllText(folder.Path(page)))
        .Select(fact => $"{fact.Groups["name"]}: {fact.Groups["value"]}");

    [GeneratedRegex(@"<dt>(?<name>Ablated|Changed|Padding)(</dt>)?<dd>(<bdi>)?(?<value>[^<]*)")]
    private static partial Regex ChangeFacts { get; }

    string RecordScaled()
    {
        var file = folder.Path("run.st");
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        new Recorder(model.Network).Record(
            [789, 514], LogitLens.Captures(),
            new()
            {
                Interventions =
                    [Intervention.Scale(InterventionTarget.At(model.Network, Activation.MlpOutput, 1), 0.5f)],
            }).Save(file);
        return file;
    }
}
