using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Tests;

public sealed class TraceWeightsTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("value", "heads mean, value weights", "-1.1546, value weights")]
    [InlineData("info", "heads mean, info weights", "-1.2585, info weights")]
    [InlineData("contribution", "heads all together, contribution weights", "-0.4552, contribution weights")]
    public void Weights_are_told_wherever_they_are_used(string weights, string traced, string score)
    {
        var run = Trace(Prompt, "--weights", weights);
        Assert.Empty(run.Error);
        Assert.Contains($", {traced}\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"  1.  When -> \" Mary\" -> \" to\" (score: {score})\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(weights, Written().Options.Weights.ToString(), ignoreCase: true);
        Assert.EndsWith($"{score})", Written().PathTexts[0], StringComparison.Ordinal);
        var page = File.ReadAllText(folder.Path("out/index.html"));
        Assert.Contains($"<dt>Weights<dd>{weights}: ", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_is_taken_away_brings_nothing()
    {
        string[] heads = [.. Enumerable.Range(0, 8).Select(head => $"L3H{head}")];
        var run = Trace(Prompt, "--weights", "contribution", "--ablate", string.Join(',', heads));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All(Written().PathTexts, path => Assert.DoesNotContain("->", path, StringComparison.Ordinal));
        // The prediction is that of the same ablation with standard weights.
        var standard = Trace(Prompt, "--ablate", string.Join(',', heads));
        Assert.Equal(Line(standard.Output, "Predicts"), Line(run.Output, "Predicts"));

        static string Line(string report, string name) =>
            report.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Heads_whose_contributions_are_added_make_one_trace()
    {
        var run = Trace(Prompt, "--weights", "contribution", "--heads", "0,4");
        Assert.Contains(", heads 0, 4 together, contribution weights\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(Devices.HeadAggregation.MeanOf(0, 4), Written().Options.Heads);
        foreach (var other in (string[])["mean", "max", "none"])
            Trace("a", "--weights", "contribution", "--agg-heads", other).IsMisused(
                $"--agg-heads is {other}, but --weights contribution adds up what heads bring; leave --agg-heads out: "
                + "--heads says which are added.");
    }

    [Fact]
    public void Prompts_targets_layers_and_recordings_have_weights_too()
    {
        var prompts = folder.Path("prompts.txt");
        File.WriteAllText(prompts, "When Mary and John went\nWhen Mary\n");
        var run = Trace("--prompts", prompts, "--layers", "1,3", "--position", "1,-1", "--weights", "contribution");
        Assert.Empty(run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(
            "\n  weight (contribution) of the target to position 0 ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("attention of the target", run.Output, StringComparison.Ordinal);
        var standard = Trace("--prompts", prompts);
        Assert.Contains(
            "\n  attention of the target to itself        0.", standard.Output, StringComparison.Ordinal);
        var recording = folder.Path("run.safetensors");
        var live = Trace(Prompt, "--weights", "info", "--record", recording);
        Assert.Empty(live.Error);
        var recorded = Trace("--from-recording", recording, "--weights", "info");
        Assert.Empty(recorded.Error);
        Assert.Equal(Paths(live), Paths(recorded));
    }

    [Fact]
    public void Two_traces_of_different_weights_are_told_apart()
    {
        foreach (var weights in (string[])["standard", "value"])
            CommandRun.Of("trace", Prompt, "--weights", weights, "--output", folder.Path(weights));
        var run = CommandRun.Of(
            "compare", folder.Path("standard/trace.json"), folder.Path("value/trace.json"), "--output",
            folder.Path("both"), "--json", "-");
        Assert.Empty(run.Error);
        Assert.Contains("\"weights\": \"value\"", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "<dt>Weights differs:", File.ReadAllText(folder.Path("both/compare.html")), StringComparison.Ordinal);
    }

    CommandRun Trace(params string[] args) => CommandRun.Of(["trace", .. args, "--output", folder.Path("out")]);

    TraceResult Written() => TraceJson.Read(File.ReadAllText(folder.Path("out/trace.json")));

    static string[] Paths(CommandRun run) =>
        [.. run.Output.Split('\n').Where(line => line.Contains("(score:", StringComparison.Ordinal))];
}
