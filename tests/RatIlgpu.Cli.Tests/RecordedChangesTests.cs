using RatIlgpu.Analysis;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

/// <summary>What was changed in recorded runs.</summary>
public sealed class RecordedChangesTests : IDisposable
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

    [Fact]
    public void Heads_without_output_are_known_from_the_words_of_the_recording()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var network = model.Network;
        var found = Of(
            Intervention.Zero(At(Activation.HeadOutput, 1, [0, 7])),
            Intervention.Zero(InterventionTarget.At(
                network, Activation.Value, 0, [2], scope: KeyValueScope.QueryHead)),
            Intervention.Scale(At(Activation.HeadOutput, 2, [3]), 0.5f),
            Intervention.Zero(InterventionTarget.At(network, Activation.HeadOutput, 2, [1], positions: [0])),
            Intervention.Zero(At(Activation.MlpOutput, 3, null)),
            // The values of a key-value head are those of several query heads.
            Intervention.Zero(At(Activation.Value, 3, [0])));
        Assert.Equal([new(1, 0), new(1, 7), new(0, 2)], found.Ablated);
        Assert.Equal(
            [
                "scale HeadOutput of layer 2, heads 3", "zero HeadOutput of layer 2, heads 1, positions 0",
                "zero MlpOutput of layer 3", "zero Value of layer 3, heads 0",
            ],
            found.Others);
        var nothing = Of();
        Assert.Empty(nothing.Ablated);
        Assert.Empty(nothing.Others);

        InterventionTarget At(Activation activation, int layer, ImmutableArray<int>? heads) =>
            InterventionTarget.At(network, activation, layer, heads);

        RecordedChanges Of(params ImmutableArray<Intervention> changes) => RecordedChanges.Of(new(null, "")
        {
            Recording = new Recorder(network).Record(
                [5, 6], [new(Activation.FinalNorm)], new() { Interventions = [.. changes] }),
        });
    }

    [Theory]
    [InlineData("lens", "lens.html")]
    [InlineData("explain --head L2H0 --key 0", "explanation.html")]
    public void A_page_says_what_was_changed_in_the_run_that_it_shows(string command, string page)
    {
        string[] words = command.Split(' ');
        var (plain, changed) = (folder.Path("plain.st"), folder.Path("changed.st"));
        Record(plain);
        Record(changed, "--ablate", "L1H0,L1H3");
        Assert.Equal(["Without L1H0, L1H3: their outputs are 0."], Notices(changed));
        Assert.Empty(Notices(plain));
        Assert.Equal(["Prompt 2: Without L1H0, L1H3: their outputs are 0."], Notices($"{plain},{changed}"));

        void Record(string file, params string[] more) =>
            Assert.Equal("", CommandRun.Of(
                [.. words, "When Mary and John", "--record", file, "-o", folder.Path("made"), .. more]).Error);

        IEnumerable<string> Notices(string files)
        {
            var run = CommandRun.Of([.. words, "--from-recording", files, "-o", folder.Root]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            return File.ReadAllText(folder.Path(page)).Split("<p class=\"notice\">").Skip(1)
                .Select(rest => rest[..rest.IndexOf("</p>", StringComparison.Ordinal)])
                .Where(text => !text.Contains("JavaScript", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("attention", "attention.html", 0)]
    [InlineData("attribute", "attribution.html", 1)]
    public void A_page_has_the_fact_that_the_page_of_a_trace_of_the_run_has(string command, string page, int first)
    {
        const string Prompt = "When Mary and John";
        string[] ablated = ["--ablate", "L1H0,L1H3,L0H2"];
        var (plain, changed) = (folder.Path("plain.st"), folder.Path("changed.st"));
        Assert.Equal([], Facts([Prompt, "--record", plain]));
        Assert.Equal("", CommandRun.Of(["trace", Prompt, .. ablated, "-o", folder.Root]).Error);
        var fact = Assert.Single(FactsOf("index.html"));
        Assert.Contains("zero HeadValue of layer 1, heads 0, 3", fact, StringComparison.Ordinal);
        Assert.Equal([fact], Facts([Prompt, "--record", changed, .. ablated]));
        Assert.Equal([fact], Facts(["--from-recording", changed]));
        Assert.Equal([$"prompt {first + 1}: {fact}"], Facts(["--from-recording", $"{plain},{changed}"]));

        IEnumerable<string> Facts(string[] more)
        {
            Assert.Equal("", CommandRun.Of([command, .. more, "-o", folder.Root]).Error);
            return FactsOf(page);
        }

        IEnumerable<string> FactsOf(string file) => File.ReadAllText(folder.Path(file))
            .Split("<dt>Interventions<dd>").Skip(1).Select(rest => rest.Split("</div>")[0]);
    }

    [Fact]
    public void A_page_has_other_changes_in_the_words_of_the_recording()
    {
        var file = folder.Path("run.st");
        using var device = new CpuDevice();
        using (var model = LanguageModel.Load(DemoModel.Folder, device))
            new Recorder(model.Network).Record(
                [789, 514], LogitLens.Captures(),
                new()
                {
                    Interventions =
                        [Intervention.Scale(InterventionTarget.At(model.Network, Activation.MlpOutput, 1), 0.5f)],
                }).Save(file);
        var run = CommandRun.Of("lens", "--from-recording", file, "-o", folder.Root);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("\nChanged    scale MlpOutput of layer 1\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "<p class=\"notice\">Changed: scale MlpOutput of layer 1.</p>", File.ReadAllText(folder.Path("lens.html")),
            StringComparison.Ordinal);
    }
}
