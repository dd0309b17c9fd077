using System.Text.Json;
using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Ablation;

public sealed class PredictCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_the_heads_that_copy_the_name_another_token_is_predicted()
    {
        var run = Predict("--heads", "L3H1,L1H0");
        Assert.Empty(run.Error);
        Assert.Contains("Heads      L1H0, L3H1\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("After t = 13; set to 0:\n", run.Output, StringComparison.Ordinal);
        Assert.Matches(
            "\n  condition +predicted token +p +Δ logit +Δ log p +KL, nats  risen +fallen\n  baseline", run.Output);
        Assert.Matches("\n  baseline  +  = \" Mary\" +99.6 %\n", run.Output);
        Assert.Matches("\n  L3H1: outputs at t +≠ ", run.Output);
        Assert.Matches(
            "\n  all layers: values up to t +≠ .* -[0-9.]+ +-[0-9.]+ +[0-9.]+  .* \\+[0-9.]+, .*   .* -[0-9.]+",
            run.Output);
    }

    [Fact]
    public void The_change_of_the_log_probability_and_small_numbers_are_printed()
    {
        var run = Predict("--heads", "L3H1,L1H0", "--json", folder.Path("p.json"));
        using var json = JsonDocument.Parse(File.ReadAllText(folder.Path("p.json")));
        var row = json.RootElement.GetProperty("prompts")[0].GetProperty("rows").EnumerateArray()
            .Single(row => row.GetProperty("name").GetString() == "layer 3: values at t−1");
        // 0.000 of the KL, and of what rises, was no number that could be told from 0.
        var divergence = row.GetProperty("kl_divergence").GetDouble();
        Assert.InRange(divergence, 1e-12, 1e-3);
        var change = row.GetProperty("log_probability_change").GetDouble();
        Assert.Matches(
            string.Create(
                CultureInfo.InvariantCulture,
                $@"\n  layer 3: values at t−1 .* [+-]{Math.Abs(change):0.0e0} +{divergence:0.0e0} "),
            run.Output);
        Assert.DoesNotContain(" 0.000 ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_that_are_not_named_are_chosen_and_the_report_says_so() => Assert.Matches(
        "\nHeads      L.H., L.H., L.H.: of all heads, those whose zeroing changes the predictions most\n",
        Predict().Output);

    [Fact]
    public void Components_have_rows_for_all_heads_and_for_each_named_one()
    {
        var output = Predict("--heads", "L3H1,L1H0", "--components", "q0,k1", "--layer", "3").Output;
        Assert.Contains("without L3 query component 0, key component 1 ", output, StringComparison.Ordinal);
        Assert.Contains("without L3 query component 0, key component 1 of L3H1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("component 1 of L1H0", output, StringComparison.Ordinal);
        Predict("--layer", "3").IsMisused(
            "--layer means nothing without --components; give that too, or leave --layer out.", " predict");
    }

    [Fact]
    public void Rows_of_components_name_their_kind_layer_heads_components_and_scope()
    {
        var rows = System.Text.Json.Nodes.JsonNode.Parse(Predict(
            "--heads", "L3H1", "--components", "q0,k1", "--scope", "query-head", "--json", "-").Output)!
            ["prompts"]![0]!["rows"]!.AsArray().Where(row => (string?)row!["condition"] == "components").ToList();
        Assert.Equal(
            ["[]", "[\"L3H1\"]"], rows.Select(row => row!["heads"]!.ToJsonString()));
        Assert.All(rows, row => Assert.Equal(3, (int)row!["layer"]!));
        Assert.All(rows, row => Assert.Equal(
            """[{"projection":"query","component":0},{"projection":"key","component":1}]""",
            row!["components"]!.ToJsonString()));
        Assert.Equal([null, "query_head"], rows.Select(row => (string?)row!["scope"]));
    }

    // Singular vectors of single heads: the largest of layer 1 is of H0, the next of H1.
    [Fact]
    public void A_component_has_a_row_for_the_heads_that_it_writes_to()
    {
        var output = Predict("--heads", "L1H0,L1H1", "--components", "q0,q1", "--svd", "head").Output;
        Assert.Contains("without L1 query component 0 of L1H0", output);
        Assert.Contains("without L1 query component 1 of L1H1", output);
        Assert.DoesNotContain("query component 1 of L1H0", output);
        Assert.Equal(
            "ratilgpu: --components has q0, which writes nothing to L1H3, but to L1H0: give one of these with --heads, "
            + "or another component.\n",
            Predict("--heads", "L1H3", "--components", "q0", "--svd", "head").Error);
    }

    [Fact]
    public void The_help_tells_the_default_of_the_layer_of_components() => Assert.Contains(
        "that of the first head of --heads, or else the last but one.",
        string.Join(' ', CommandRun.Of("predict", "--help").Output.Split((char[]?)null,
            StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

    [Theory]
    [InlineData("predict")]
    [InlineData("ablate")]
    public void The_help_of_components_offers_what_the_command_takes(string command)
    {
        var help = string.Join(' ', CommandRun.Of(command, "--help").Output.Split((char[]?)null,
            StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(
            "--svd matrix|head What the singular vectors are of: the whole matrix, or the block of each head by "
            + "itself. Default: matrix.", help, StringComparison.Ordinal);
        Assert.Contains(
            "--scope query-head|key-value-group With --components and --heads: who sees the keys without components: ",
            help, StringComparison.Ordinal);
        Assert.DoesNotContain("qk", help, StringComparison.Ordinal);
        Assert.DoesNotContain("patched", help, StringComparison.Ordinal);
    }

    [Fact]
    public void The_position_cuts_the_prompt()
    {
        var output = Predict("--position", "1,3", "--heads", "L-1H1").Output;
        Assert.Contains("\nTokens     2: When \" Mary\"\nAfter t = 1; set to 0:\n", output, StringComparison.Ordinal);
        Assert.Contains(
            "\nTokens     4: When \" Mary\" \" and\" \" John\"\nAfter t = 3; set to 0:\n", output,
            StringComparison.Ordinal);
        Assert.Contains("\nOver all 2 tables: ", output, StringComparison.Ordinal);
        Assert.Contains("  L3H1: outputs at t", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--crafted")]
    [InlineData("--top", "20")]
    public void The_crafted_prompts_are_run_where_they_are_asked_for_or_none_is_given(params string[] words)
    {
        var run = CommandRun.Of(["predict", "--heads", "L1H0", .. words]);
        Assert.Empty(run.Error);
        Assert.Contains("\nset phrases 1\nTokens ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nGerman 3\nTokens ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nOver all 40 tables: ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_on_standard_input_is_the_prompt() => Assert.Contains(
        "\nTokens     2: When \" Mary\"\n",
        CommandRun.WithText("When Mary\n", "predict", "--heads", "L1H0").Output, StringComparison.Ordinal);

    [Fact]
    public void The_file_has_every_row_with_as_many_tokens_as_asked()
    {
        var file = folder.Path("predict.json");
        Assert.EndsWith(
            $"\nWrote {file}\n", Predict("--heads", "L1H0", "--top", "2", "--json", file).Output,
            StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var root = json.RootElement;
        Assert.Equal("predictions", root.GetProperty("kind").GetString());
        Assert.Equal(("L1H0", false, 2), (
            root.GetProperty("heads")[0].GetString(), root.GetProperty("heads_chosen").GetBoolean(),
            root.GetProperty("top").GetInt32()));
        var prompt = root.GetProperty("prompts")[0];
        Assert.Equal(13, prompt.GetProperty("position").GetInt32());
        Assert.Equal(14, prompt.GetProperty("tokens").GetArrayLength());
        var rows = prompt.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(
            [
                "baseline", "heads", "previous_values", "previous_values_of_heads", "two_previous_values",
                "layer_values", "earlier_values", "all_values",
            ],
            rows.Select(row => row.GetProperty("condition").GetString()));
        Assert.Equal(0, rows[0].GetProperty("risen").GetArrayLength());
        Assert.All(rows.Skip(1), row => Assert.Equal(
            (2, 2), (row.GetProperty("risen").GetArrayLength(), row.GetProperty("fallen").GetArrayLength())));
        Assert.Equal(1, rows[2].GetProperty("layer").GetInt32());
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("layer").ValueKind);
        Assert.Equal(" Mary", rows[0].GetProperty("predicted").GetProperty("token").GetProperty("text").GetString());
    }

    [Fact]
    public void The_same_run_gives_the_same_file()
    {
        var run = Predict("--json", "-");
        Assert.Equal(run, Predict("--json", "-"));
        Assert.StartsWith("{", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_is_written_into_its_folder()
    {
        var output = folder.Path("page");
        Assert.EndsWith(
            $"\nWrote {Path.Combine(output, "predict.html")}\n",
            Predict("--heads", "L1H0", "--output", output, "--title", "T").Output, StringComparison.Ordinal);
        Assert.Contains(
            "<h1>T</h1>", File.ReadAllText(Path.Combine(output, "predict.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_of_a_file_have_positions_of_their_own()
    {
        var file = folder.Path("prompts.jsonl");
        File.WriteAllText(file, "{\"prompt\": \"When Mary\", \"position\": 0}\n{\"ids\": [7, 8, 9]}\n");
        var output = CommandRun.Of("predict", "--prompts", file, "--heads", "L1H0").Output;
        Assert.Contains("\nprompts.jsonl:1\nTokens     1: When\nAfter t = 0; ", output, StringComparison.Ordinal);
        Assert.Contains("\nprompts.jsonl:2\nTokens     3: ", output, StringComparison.Ordinal);
        Assert.Contains("After t = 2; ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_in_one_line()
    {
        Predict("--top", "0").IsMisused(
            "--top is 0, expected 1 or more tokens that rise, and as many that fall.", " predict");
        Predict("--heads", "0,1").IsMisused(
            "--heads is 0,1, numbers; here it takes names such as L3H2, of any layers.", " predict");
        Predict("--crafted").IsMisused(
            "the prompt is given twice, as an argument and with --crafted; give it once.", " predict");
        Predict("--components", "k0", "--scope", "query-head").IsMisused(
            "--scope means nothing without --heads; give that too, or leave --scope out.", " predict");
        Predict("--components", "q0", "--heads", "L3H1", "--scope", "query-head").IsMisused(
            "--scope means nothing without a component of keys in --components; give that too, or leave --scope out.",
            " predict");
        Predict("--theme", "dark").IsMisused(
            "--theme means nothing without --output; give that too, or leave --theme out.", " predict");
        Predict("--position", "14").Refuses("--position is 14, expected -14 to 13 for a prompt of 14 tokens.");
        Predict("--heads", "L4H0").Refuses(
            "--heads: L4H0 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count from "
            + "the end.");
        CommandRun.Of("predict", "--prompts", folder.Path("none.txt")).Refuses(
            $"{folder.Path("none.txt")}: there is no such file.");
        var file = folder.Path("masked.jsonl");
        File.WriteAllText(file, "{\"prompt\": \"When Mary\", \"attention_mask\": \"01\"}\n");
        CommandRun.Of("predict", "--prompts", file).Refuses(
            $"{file}:1: has an attention mask, but predict runs prompts without padding; leave it out.");
    }

    [Fact]
    public void A_page_that_is_too_large_leaves_the_json()
    {
        var json = folder.Path("p.json");
        var run = Predict("--heads", "L3H1", "--max-bytes", "10", "--output", folder.Path("o"), "--json", json);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("10 bytes", run.Error, StringComparison.Ordinal);
        Assert.NotEmpty(JsonNode.Parse(File.ReadAllText(json))!["prompts"]!.AsArray());
    }

    static CommandRun Predict(params string[] more) => CommandRun.Of(["predict", Prompt, .. more]);
}
