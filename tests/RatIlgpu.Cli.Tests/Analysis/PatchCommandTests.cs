using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class PatchCommandTests : IDisposable
{
    const string Clean = "When Mary and John went to the store, John gave a drink to";
    const string Corrupted = "When Mary and John went to the store, Mary gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_largest_effects_come_first_with_what_they_restore()
    {
        var run = Patch("--source", "all", "--answer", " Mary", "--foil", " John", "-n", "2");
        Assert.Empty(run.Error);
        Assert.Contains(
            "Metric     logit of \" Mary\" (#514) − \" John\" (#560) at position 13: clean 16.702, corrupted -12.181\n",
            run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "Direct paths into the query of later heads: 2 of 384 patches, largest effect first\n", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("\n  1. L1H0 -> L3H3   -10.972    +1.210     4.2 %\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n  3. ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_answer_it_is_the_likeliest_after_the_clean_prompt() => Assert.Contains(
        "logit of \" Mary\" (#514) at position 13: clean 22.059", Patch("-s", "L1H0").Output,
        StringComparison.Ordinal);

    [Fact]
    public void A_position_and_a_number_choose_another_logit() => Assert.Contains(
        "logit of \" John\" (#560) at position 10: ",
        Patch("-s", "L1H0", "--answer", "#560", "--position", "-4").Output, StringComparison.Ordinal);

    [Fact]
    public void Input_scope_and_norm_each_change_what_is_found()
    {
        var found = new HashSet<string>();
        foreach (var input in (string[])["query", "key", "value"])
            foreach (var scope in (string[])["query-head", "key-value-group"])
                foreach (var norm in (string[])["frozen-scale", "recomputed"])
                    if (input != "query")
                        found.Add(Table(Patch("-s", "L0H6", "-i", input, "--scope", scope, "--norm", norm)));
                    else if (scope == "query-head")
                        found.Add(Table(Patch("-s", "L0H6", "--input", "query", "--norm", norm)));
        Assert.Equal(10, found.Count);
    }

    [Fact]
    public void Paths_into_a_whole_layer_are_patched_together()
    {
        var output = Patch("-s", "all", "-i", "key", "--axes", "layer").Output;
        Assert.Contains("Direct paths into the key of all heads of a later layer: 10 of 48 patches", output,
            StringComparison.Ordinal);
        Assert.Matches(@"\n +1\. L\dH\d -> L\d +[-\d.]+ +[-+\d.]+ +[-\d.]+ %\n", output);
    }

    [Theory]
    [InlineData("residual-before", "", "residual-before by layer, position", 4 * 14)]
    [InlineData("residual-middle", "", "residual-middle by layer, position", 4 * 14)]
    [InlineData("attention-output", "", "attention-output by layer, position", 4 * 14)]
    [InlineData("mlp-output", "", "mlp-output by layer, position", 4 * 14)]
    [InlineData("mlp-output", "--axes=layer", "mlp-output by layer", 4)]
    [InlineData("head-output", "", "head-output by layer, head", 4 * 8)]
    [InlineData("head-output", "--axes=position,head", "head-output by layer, position, head", 4 * 8 * 14)]
    [InlineData("query", "", "query by layer, head", 4 * 8)]
    [InlineData("key", "", "key by layer, head", 4 * 2)]
    [InlineData("value", "--scope=query-head", "value by layer, head", 4 * 8)]
    [InlineData("pattern", "", "pattern by layer, head", 4 * 8)]
    [InlineData("head-output", "--layers=1:3 --heads=0,-1", "head-output by layer, head", 2 * 2)]
    [InlineData("residual-before", "--patch-position=9:12", "residual-before by layer, position", 4 * 3)]
    public void Every_activation_can_be_patched(string name, string more, string heading, int count)
    {
        var run = Patch([.. (string[])["-a", name], .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Contains(
            $"\n{heading}: {Math.Min(10, count)} of {count} patches, ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@" 1\. .* 0\.000 ", run.Output);
    }

    [Fact]
    public void What_leaves_nothing_to_patch_is_said()
    {
        Assert.Contains(
            "Note       The prompts are the same: no patch changes anything.\n",
            CommandRun.Of("patch", "--clean", "Mary", "--corrupted", "Mary", "-s", "all").Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "Note       No later layer reads these sources: there is nothing to patch.\n",
            Patch("-s", "L3H0").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_has_every_patch()
    {
        var file = folder.Path("patch.json");
        var run = Patch("-s", "L3H0", "--json", file);
        Assert.EndsWith($"\nWrote {file}\n", run.Output, StringComparison.Ordinal);
        using (var json = JsonDocument.Parse(File.ReadAllText(file)))
        {
            Assert.Equal("patch", json.RootElement.GetProperty("kind").GetString());
            Assert.Equal(" Mary", json.RootElement.GetProperty("answer").GetProperty("text").GetString());
            Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("foil").ValueKind);
            var source = json.RootElement.GetProperty("sources").EnumerateArray().Single();
            Assert.Equal(0, source.GetProperty("paths").GetArrayLength());
            Assert.Equal("frozen_scale", json.RootElement.GetProperty("norm").GetString());
        }

        Patch("-s", "all", "--axes", "layer", "--json", file);
        using (var json = JsonDocument.Parse(File.ReadAllText(file)))
        {
            var sources = json.RootElement.GetProperty("sources").EnumerateArray().ToList();
            Assert.Equal(32, sources.Count);
            Assert.Equal(3, sources[0].GetProperty("layers").GetArrayLength());
        }

        Patch("-a", "pattern", "--axes", "position,head", "--json", file);
        using (var json = JsonDocument.Parse(File.ReadAllText(file)))
        {
            var patches = json.RootElement.GetProperty("patches").EnumerateArray().ToList();
            Assert.Equal(4 * 14 * 8, patches.Count);
            Assert.Equal(3, patches[^1].GetProperty("layer").GetInt32());
            Assert.Equal(13, patches[^1].GetProperty("position").GetInt32());
            Assert.Equal(7, patches[^1].GetProperty("head").GetInt32());
            Assert.NotEqual(0, patches[^1].GetProperty("effect").GetDouble());
        }
    }

    [Fact]
    public void Prompts_of_unequal_length_are_shown_as_they_are_cut()
    {
        var run = CommandRun.Of("patch", "--clean", "Mary and", "--corrupted", "Mary", "-s", "all");
        run.Refuses(
            "--clean: the clean prompt has the tokens 2: Mary \" and\", the corrupted one 1: Mary; expected equally "
            + "many tokens, so that each position means the same in both.");
    }

    [Theory]
    [InlineData("say what to patch: paths with --source, or an activation with --activation, one of them.", "-n", "3")]
    [InlineData(
        "say what to patch: paths with --source, or an activation with --activation, one of them.", "-s", "all", "-a",
        "mlp-output")]
    [InlineData(
        "--norm means nothing without --source; give that too, or leave --norm out.", "-a", "mlp-output", "--norm",
        "frozen-scale")]
    [InlineData(
        "--axes of paths is head, the heads that they lead to, or layer.", "-s", "all", "--axes", "position")]
    [InlineData(
        "--scope is for keys and values; heads share no query.", "-s", "all", "--scope",
        "key-value-group")]
    [InlineData("--scope is for keys and values, not for head-output.", "-a", "head-output", "--scope", "query-head")]
    [InlineData("--axes has head, but mlp-output has no heads.", "-a", "mlp-output", "--axes", "head")]
    [InlineData("--axes has key, which a pattern has, together with position.", "-a", "pattern", "--axes", "key,head")]
    [InlineData(
        "--axes has 'x', expected some of layer, position, head, key, each once.", "-a", "pattern", "--axes", "x")]
    [InlineData("--heads chooses single heads; residual-before has none.", "-a", "residual-before", "--heads", "1")]
    [InlineData("--source is '3', expected names such as L3H2 or 3.2.", "-s", "3")]
    [InlineData("--input is 'x', expected query, key, value.", "-s", "all", "-i", "x")]
    [InlineData("--scope is 'x', expected query-head, key-value-group.", "-s", "all", "-i", "key", "--scope", "x")]
    [InlineData("--norm is 'x', expected frozen-scale, recomputed.", "-s", "all", "--norm", "x")]
    [InlineData("--top is -1, expected 0 or more.", "-s", "all", "--top", "-1")]
    [InlineData("--json is empty, expected a file.", "-s", "all", "--json", "")]
    [InlineData("--metric difference needs --foil.", "-s", "all", "--metric", "difference")]
    [InlineData(
        "--metric kl-divergence compares all tokens; leave --answer and --foil out.", "-s", "all", "--metric",
        "kl-divergence", "--answer", " Mary")]
    [InlineData(
        "--metric probability is about one token; leave --foil out, or choose difference.", "-s", "all", "--metric",
        "probability", "--foil", " Mary")]
    public void What_does_not_go_together_is_refused(string message, params string[] more) =>
        Patch(more).IsMisused(message, " patch");

    [Theory]
    [InlineData("--position is 14, expected -14 to 13 for a prompt of 14 tokens.", "-p", "14")]
    [InlineData(
        "--clean: answer and foil are both \" Mary\" (#514): their logits do not differ.", "--answer", " Mary",
        "--foil", "#514")]
    public void What_the_prompts_do_not_have_is_refused(string message, params string[] more) =>
        Patch(["-s", "all", .. more]).Refuses(message);

    [Fact]
    public void A_head_that_the_model_has_not_is_refused() =>
        Patch("-s", "L4H0").Refuses(
            "--source: L4H0 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count "
            + "from the end.");

    [Fact]
    public void A_file_that_cannot_be_written_is_refused_before_the_model_is_loaded()
    {
        var file = folder.Path("none", "patch.json");
        Patch("-s", "all", "--model", "none", "--json", file)
            .Refuses($"{file}: there is no such folder to write to; make it, or give another file with --json.");
    }

    static string Table(CommandRun run) => run.Output[run.Output.IndexOf("Direct", StringComparison.Ordinal)..];

    static CommandRun Patch(params string[] more) =>
        CommandRun.Of(["patch", "--clean", Clean, "--corrupted", Corrupted, .. more]);
}
