using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Ablation;

public sealed class AblateCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_study_of_texts_says_which_head_matters_and_writes_its_files()
    {
        var run = Ablate("--layer", "1", "--sequences", "4", "--length", "48");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Samples    4, changed at position ", run.Output, StringComparison.Ordinal);
        Assert.Contains("texts of 48 tokens at most, seed 0\n", run.Output, StringComparison.Ordinal);
        // The head that looks at the token before is the first of a table sorted by KL.
        Assert.Matches(
            @"\n  condition +KL, nats +± +changed +NIP there +cosine +NIP last\n  L1H0 (zero|mean) ", run.Output);
        string[] names = ["ablate.csv", "ablate.html", "ablate.json", "ablate.parquet"];
        Assert.Equal(names, Directory.GetFiles(folder.Path("o")).Select(Path.GetFileName).Order());
        Assert.All(names, name => Assert.Contains(
            $"Wrote {Path.Combine(folder.Path("o"), name)}\n", run.Output, StringComparison.Ordinal));
        var json = Json();
        Assert.Equal(("ablation", 4), ((string?)json["kind"], json["samples"]!.AsArray().Count));
        Assert.Equal(16, json["conditions"]!.AsArray().Count);
        Assert.StartsWith(
            "condition,part,kind,heads,layer,projection,projection_spread,projection_count,cosine,",
            File.ReadAllText(Path.Combine(folder.Path("o"), "ablate.csv")), StringComparison.Ordinal);

        Assert.Equal(0, Ablate("--redundancy", "--heads", "L1H0", "--sequences", "2").ExitCode);
        Assert.Equal("redundancy", (string?)Json()["kind"]);
    }

    [Fact]
    public void Without_tokens_to_read_the_values_of_a_previous_token_head_it_has_lost_all_of_them()
    {
        var run = Ablate("--redundancy", "--heads", "L1H0", "--sequences", "3", "--length", "48");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "\n  B: without the values at t − 1: of all heads of layer 1, or of L1H0 alone.\n", run.Output,
            StringComparison.Ordinal);
        Assert.Matches(@"\n  none, B of own values +0\.\d{4} ", run.Output);
        Assert.Contains("B of the values of L1H0: R 1.0000, interaction -0.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_previous_token_head_everywhere_the_induction_heads_lose_their_scores()
    {
        var run = Ablate(
            "--everywhere", "--kind", "zero", "--heads", "L1H0,L1H4", "--sequences", "1", "--length", "32");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Samples    1, changed at all positions; texts of 32", run.Output, StringComparison.Ordinal);
        Assert.Contains("  L1H0 zero:\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "\n  What each condition changes, at all positions; all numbers are means over them:\n", run.Output,
            StringComparison.Ordinal);
        for (var head = 0; head < 7; head++)
            Assert.Matches(@$"\n    L3H{head}    induction          0\.[7-9]\d+ →  0\.[01]\d+\n", run.Output);
        var scores = Json()["head_scores"]!["scores"]!.AsArray();
        Assert.Equal(3 * 4 * 8, scores.Count);
        var second = scores.Single(score =>
            (string?)score!["head"] == "L3H0" && (string?)score["score"] == "induction")!;
        Assert.Equal((double)second["before"]!, (double)second["after"]![1]!, 0.07);
    }

    [Fact]
    public void A_condition_that_changes_no_score_is_named_with_none()
    {
        var run = Ablate(
            "--everywhere", "--kind", "zero", "--heads", "L1H0,L1H4,L2H7", "--sequences", "1", "--length", "32");
        // docs/ablation.md says the same.
        Assert.Matches(
            @"\n  L1H0 zero:\n(    .*\n)+  L1H4 zero: none\n  L2H7 zero:\n    L3H5    induction .*\n\n", run.Output);
        Assert.Contains(
            "<tr><td title=\"L1H4 zero\">L1H4 zero<td>none",
            File.ReadAllText(Path.Combine(folder.Path("o"), "ablate.html")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_seed_draws_the_tokens_on_which_heads_are_scored()
    {
        var scores = Enumerable.Range(5, 2).Select(seed =>
        {
            Ablate("--everywhere", "--kind", "zero", "--heads", "L1H0", "--seed", $"{seed}", Prompt);
            return Json()["head_scores"]!;
        }).ToList();
        Assert.Equal([5, 6], scores.Select(one => (int)one["seed"]!));
        Assert.NotEqual(scores[0]["scores"]!.ToJsonString(), scores[1]["scores"]!.ToJsonString());
    }

    [Fact]
    public void Everywhere_a_sample_has_no_position()
    {
        File.WriteAllText(
            folder.Path("p.jsonl"),
            "{\"prompt\": \"one two three\", \"position\": \"0,1\"}\n{\"prompt\": \"four five\"}\n");
        var run = Ablate(
            "--everywhere", "--prompts", folder.Path("p.jsonl"), "--heads", "L1H0", "--kind", "zero");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var samples = Json()["samples"]!.AsArray();
        Assert.Equal(2, samples.Count);
        Assert.All(samples, sample => Assert.Null(sample!["position"]));
    }

    [Fact]
    public void A_sweep_with_components_takes_away_the_values_of_all_heads()
    {
        var run = Ablate(
            "--components", "q0,k3", "--layer", "1", "--sweep", "3", "--sequences", "2", "--length", "32");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "  A: L1 query component 0, key component 3. Without A alone: ", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, (int)Json()["layers"]![0]!["layer"]!);
    }

    [Fact]
    public void Components_are_taken_out_for_all_heads_or_for_some()
    {
        var run = Ablate(
            "--components", "q0,k1", "--layer", "3", "--heads", "1", "--sequences", "2", "--length", "32");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            ["L3 query component 0 of H1 zero", "L3 key component 1 of H1 zero"],
            Json()["conditions"]!.AsArray().Select(one => (string?)one!["condition"]));
        Assert.Matches("\n  L3 q0 of H1 +[0-9.]+ ", run.Output);
        Assert.Contains(
            " title=\"L3 query component 0 of H1 zero\">L3 q0 of H1</button>",
            File.ReadAllText(Path.Combine(folder.Path("o"), "ablate.html")), StringComparison.Ordinal);
        Refuses("--components has q999, but layer 3 has 128 such components, from 0.", "--components", "q999");
        Refuses("'v0' is no component, expected one such as q0 or k3.", "--components", "v0");
        Refuses("--part is about heads", "--components", "q0", "--part", "value");

        void Refuses(string expected, params ReadOnlySpan<string> words)
        {
            var refused = Ablate([.. words, "--layer", "3"]);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_sweep_has_a_row_for_each_offset()
    {
        var run = Ablate("--sweep", "3", "--heads", "0", "--layer", "1", "--sequences", "2", "--length", "32");
        Assert.Contains("\n       o   values       and A   difference\n", run.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "NIP of what layer 1 writes at t, without the values o tokens back:", run.Output,
            StringComparison.Ordinal);
        Assert.Matches(
            @"\n       3 +0\.\d{4} +0\.\d{4} +0\.\d{4}\n  A: L1H0\. Without A alone: 0\.\d{4}\.\n", run.Output);
        Assert.Equal(3, Json()["layers"]![0]!["offsets"]!.AsArray().Count);
    }

    [Fact]
    public void Fewer_texts_than_asked_for_are_told()
    {
        File.WriteAllText(
            folder.Path("a.txt"), string.Join(' ', Enumerable.Repeat("When Mary and John went to the store", 4)));
        var run = Ablate(
            "--heads", "L1H0", "--kind", "zero", "--sequences", "500", "--corpus", folder.Path("a.txt"));
        Assert.Equal(
            "ratilgpu: note: --sequences is 500, and the corpus has 1 text that is long enough; no more samples are "
            + "run.\n", run.Error);
        Assert.Empty(Ablate("--heads", "L1H0", "--kind", "zero", "--corpus", folder.Path("a.txt")).Error);
    }

    [Fact]
    public void A_mean_of_one_value_is_told_since_it_changes_nothing()
    {
        Assert.DoesNotContain("Note", Ablate("--heads", "L1H0", "--position", "1,4", Prompt).Output);
        Assert.Contains(
            "\nNote       the mean of sample 1 is that of one value, what stands at its position: mean changes nothing "
            + "there; give samples of other texts\n", Ablate("--heads", "L1H0", "--position", "0", Prompt).Output);
        Assert.Contains(
            "\nNote       the mean of sample 1 is that of one value, what stands at one position of it: mean changes "
            + "nothing there; give samples of other texts\n", Ablate("--heads", "L1H0", "--everywhere", Prompt).Output);
        // All samples have one first token, whose value is the same in each.
        Assert.Contains(
            "\nNote       the mean of sample 1 is that of one value, what stands at its position: mean changes nothing "
            + "there; give samples of other texts\n", Ablate("--heads", "L1H0", "--position", "all", Prompt).Output);
        Assert.Contains(
            "<dt>No change by the mean<dd>sample 1, ", File.ReadAllText(Path.Combine(folder.Path("o"), "ablate.html")),
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Note", Ablate("--heads", "L1H0", "--position", "0", "--kind", "zero", Prompt).Output);
    }

    [Fact]
    public void Attention_by_distance_is_compared_with_that_without_a_change()
    {
        var run = Ablate(
            "--attention", "--offsets", "3", "--heads", "L1H0", "--kind", "zero", "--sequences", "6", "--length",
            "32");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "  Attention in layer 2 from t to the token o back, o from 0 to 3, where it changes most:\n  L1H0 zero:\n",
            run.Output, StringComparison.Ordinal);
        Assert.Equal(8, run.Output.Split('\n').Count(line => line.StartsWith("    L2H", StringComparison.Ordinal)));
        var json = Json();
        Assert.Equal(("attention-distances", 2), ((string?)json["kind"], (int)json["layer"]!));
        Assert.Equal(8, json["heads"]!.AsArray().Count);
        Assert.Equal(4, json["heads"]![0]!["before"]!.AsArray().Count);
        Assert.Equal(6, (int)json["heads"]![0]!["before"]![0]!["count"]!);
        Assert.All(json["samples"]!.AsArray(), sample => Assert.InRange((int)sample!["position"]!, 3, 31));
        var rows = File.ReadAllLines(Path.Combine(folder.Path("o"), "ablate.csv"));
        Assert.StartsWith("condition,head,offset,before,before_spread,", rows[0], StringComparison.Ordinal);
        Assert.Equal(1 + (8 * 4), rows.Length);
    }

    [Fact]
    public void Attention_without_heads_everywhere_names_the_positions_that_are_looked_at()
    {
        var run = Ablate(
            "--attention", "--everywhere", "--offsets", "2", "--heads", "L1H0", "--kind", "zero", "--position", "3",
            Prompt);
        Assert.Contains("Samples    1, changed at all positions, looked at from 3\n", run.Output,
            StringComparison.Ordinal);
        Assert.True((bool)Json()["everywhere"]!);
    }

    [Fact]
    public void Attention_without_components_is_that_of_their_own_layer_for_all_heads_and_for_named_ones()
    {
        var run = Ablate(
            "--attention", "--offsets", "2", "--components", "q0,k1", "--layer", "3", "--heads", "1", "--together",
            "--sequences", "2", "--length", "32");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(3, (int)Json()["layer"]!);
        Assert.Equal(
            [
                "L3 query component 0, key component 1 zero",
                "L3 query component 0 of H1, key component 1 of H1 zero",
            ],
            Json()["conditions"]!.AsArray().Select(one => (string?)one!["condition"]));
        // Redirection changes the patterns of its own layer.
        Assert.Equal(0, Ablate(
            "--attention", "--heads", "L3H0", "--kind", "redirect", "--sequences", "2").ExitCode);
        Assert.Equal(0, Ablate(
            "--attention", "--heads", "L1H0", "--attention-layer", "-1", "--sequences", "2").ExitCode);
        Assert.Equal(3, (int)Json()["layer"]!);
    }

    [Theory]
    [InlineData("--layer 1 --kind zero", "NIP at the changed position; 1 is no change")]
    [InlineData("--redundancy --heads L1H0", "none, A and B of own values")]
    [InlineData("--sweep 2 --heads L1H0", "values and L1H0")]
    [InlineData("--attention --heads L1H0", "L2H7: difference, mean ± standard error")]
    public void Every_study_can_be_a_figure(string words, string text)
    {
        var file = folder.Path("f.svg");
        var run = Ablate([.. words.Split(' '), "--sequences", "2", "--svg", file]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"Wrote {file}\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(text, File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_have_a_sample_for_each_of_their_positions()
    {
        File.WriteAllText(
            folder.Path("p.jsonl"),
            "{\"prompt\": \"one two three\", \"position\": \"0,1\"}\n{\"prompt\": \"four five\"}\n");
        var run = Ablate(
            "--prompts", folder.Path("p.jsonl"), "--heads", "L-1H0,L0H1", "--together", "--kind", "resample",
            "--position", "1");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Samples    3, changed at position 0, 1, 1\n", run.Output, StringComparison.Ordinal);
        var condition = Json()["conditions"]!.AsArray().Single()!;
        Assert.Equal("L0H1, L3H0 resample", (string?)condition["condition"]);
    }

    [Fact]
    public void A_model_without_a_tokenizer_runs_on_random_tokens_and_says_so()
    {
        using var tiny = new TinyQwen2();
        File.WriteAllText(Path.Combine(tiny.Folder, "config.json"), TinyQwen2.Json(tiny.Config));
        string[] few = ["--model", tiny.Folder, "--sequences", "2", "--length", "16", "--kind", "zero"];
        var run = Ablate(few);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(
            "The model has no tokenizer: the sequences of texts are random tokens", run.Error,
            StringComparison.Ordinal);
        Assert.Equal(tiny.Config.HeadCount, Json()["conditions"]!.AsArray().Count);
        Assert.Equal(1, (int)Json()["conditions"]![0]!["layers"]![0]!["layer"]!);
        var first = File.ReadAllBytes(Path.Combine(folder.Path("o"), "ablate.json"));
        Ablate(few);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(folder.Path("o"), "ablate.json")));
    }

    [Fact]
    public void Json_on_standard_output_is_alone_there()
    {
        var run = Ablate("--heads", "L1H0", "--kind", "zero", "--json", "-", Prompt);
        Assert.Equal("ablation", (string?)JsonNode.Parse(run.Output)!["kind"]);
    }

    [Theory]
    [InlineData("--redundancy", "--redundancy needs --heads: the heads of one layer that are taken away.")]
    [InlineData("--redundancy --sweep 3 --heads L1H0", "--redundancy and --sweep are two tests; give one of them.")]
    [InlineData(
        "--sweep 3 --heads L1H0 --everywhere",
        "--everywhere means nothing with --sweep, which sets outputs and values to zero; leave it out.")]
    [InlineData(
        "--value-heads L1H0",
        "--value-heads means nothing without --redundancy; give that too, or leave --value-heads out.")]
    [InlineData(
        "--sweep 128 --heads L1H0",
        "--sweep 128 looks 128 tokens back, and --length leaves 128 of a text; give a larger --length or a smaller "
            + "--sweep.")]
    [InlineData(
        "--attention --redundancy --heads L1H0", "--redundancy and --attention are two studies; give one of them.")]
    [InlineData(
        "--offsets 3", "--offsets means nothing without --attention; give that too, or leave --offsets out.")]
    [InlineData(
        "--attention --offsets 40 --length 32",
        "--offsets 40 looks 40 tokens back, and --length leaves 32 of a text; give a larger --length or a smaller "
            + "--offsets.")]
    [InlineData("--kind knock-out", "--kind has knock-out, which is for values; give --part value.")]
    [InlineData("--kind redirect --part value", "--kind has redirect, which is for heads; leave --part out.")]
    [InlineData(
        "--kind knock-out --part value --everywhere",
        "--kind has knock-out, which hides a position, and --everywhere would leave none to see.")]
    [InlineData("--kind none", "--kind is 'none', expected zero, mean, resample, knock-out, redirect.")]
    [InlineData(
        "--heads L1H0 --layer 1",
        "--heads has L1H0, which names its layer; leave --layer out, or give heads by number.")]
    [InlineData(
        "--everywhere --position 3 word",
        "--position means nothing with --everywhere, which changes all positions; leave it out.")]
    [InlineData(
        "--components q0,k3 --sweep 3 --heads 0 --layer 1",
        "--heads means nothing with --sweep and --components, which take away components and the values of all heads; "
            + "leave it out, and give --layer.")]
    [InlineData(
        "--components k0 --layer 1 --scope query-head",
        "--scope means nothing without --heads; give that too, or leave --scope out.")]
    [InlineData(
        "--components q0 --heads 0 --layer 1 --scope query-head",
        "--scope means nothing without a component of keys in --components; give that too, or leave --scope out.")]
    [InlineData(
        "--components k0 --heads 0 --redundancy --scope query-head",
        "--scope means nothing with --redundancy, which takes components out for all heads; leave it out.")]
    [InlineData(
        "--components k0 --redundancy",
        "--redundancy needs --heads: the heads of one layer whose values are taken away.")]
    [InlineData("--position 3", "--position means nothing without a prompt; give that too, or leave --position out.")]
    [InlineData(
        "--seed 3 word", "--seed is about texts of the corpus, and a prompt is given; give one of them.")]
    public void Options_that_contradict_each_other_are_refused(string words, string message) =>
        Ablate(words.Split(' ')).IsMisused(message, " ablate");

    [Theory]
    [InlineData(
        "--heads L9H0",
        "--heads: L9H0 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count from the "
            + "end.")]
    [InlineData("--layer 9", "--layer is 9, expected -4 to 3 for a model of 4 layers.")]
    [InlineData("--layer -5", "--layer is -5, expected -4 to 3 for a model of 4 layers.")]
    [InlineData("--heads 8", "--heads is 8, expected -8 to 7 for layers of 8 heads.")]
    [InlineData(
        "--redundancy --heads L1H0,L2H0",
        "--heads has L2H0, expected heads of layer 1, as L1H0 is of: --redundancy is about one layer.")]
    [InlineData(
        "--redundancy --heads L1H0 --value-heads L0H0",
        "--value-heads has L0H0, expected heads of layer 1, as L1H0 is of: --redundancy is about one layer.")]
    [InlineData(
        "--kind resample one",
        "--kind has resample, which takes from another sample, and there is one alone; give more.")]
    [InlineData("--position 40 one", "--position is 40, expected -1 to 0 for a prompt of 1 token.")]
    [InlineData(
        "--redundancy --heads L1H0 --position 0 one",
        "the prompt: the position is 0, expected 1 or more for --redundancy.")]
    [InlineData(
        "--attention --heads L1H0 one",
        "the prompt: the position is 0, expected 20 or more for --offsets 20.")]
    [InlineData(
        "--attention --attention-layer 9", "--attention-layer is 9, expected -4 to 3 for a model of 4 layers.")]
    [InlineData(
        "--attention --heads L3H0 --kind zero --sequences 2",
        "L3H0 zero cannot change where the heads of layer 3 look, and there is no later layer; give heads of an "
            + "earlier one.")]
    [InlineData(
        "--attention --heads L0H0,L2H0 --kind mean --sequences 2",
        "L2H0 mean cannot change where the heads of layer 1 look, expected layer 3 or a later one; give such an "
            + "--attention-layer, or take something away in an earlier layer.")]
    [InlineData(
        "--attention --components q0 --layer 2 --attention-layer 1 --sequences 2",
        "L2 query component 0 zero cannot change where the heads of layer 1 look, expected layer 2 or a later one; "
            + "give such an --attention-layer, or take something away in an earlier layer.")]
    [InlineData(
        "--sweep 2 --heads L1H0 one",
        "the prompt: the position is 0, expected 2 or more for --sweep 2.")]
    public void What_the_model_or_the_samples_do_not_have_is_refused(string words, string message) =>
        Ablate(words.Split(' ')).Refuses(message);

    [Fact]
    public void Texts_that_are_all_too_short_are_refused()
    {
        File.WriteAllText(folder.Path("a.txt"), "one two three four five six seven eight nine ten eleven twelve");
        Ablate("--sweep", "100", "--heads", "L1H0", "--corpus", folder.Path("a.txt")).Refuses(
            "No text has 101 tokens, which a position of at least 100 needs: give longer texts.");
        File.WriteAllText(folder.Path("b.txt"), "one two\nthree four\n");
        Ablate("--layer", "1", "--corpus", folder.Path("b.txt"), "--corpus-unit", "line").Refuses(
            "No text has 16 tokens, which a sample needs: give longer texts.");
    }

    [Theory]
    [InlineData("ablate.json", "{\"kind\": \"ablation\"}")]
    [InlineData("ablate.csv", "condition,part\n")]
    [InlineData("ablate.parquet", "PAR1")]
    public void A_file_of_somebody_else_is_never_replaced(string name, string content)
    {
        Directory.CreateDirectory(folder.Path("o"));
        var path = Path.Combine(folder.Path("o"), name);
        File.WriteAllText(path, content);
        Ablate(Prompt).Refuses(
            $"{path}: was not written by ratilgpu and would be replaced; move it, or give another folder with "
            + "--output.");
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void A_page_that_is_too_large_leaves_the_files_that_options_name()
    {
        var (json, svg) = (folder.Path("a.json"), folder.Path("a.svg"));
        var run = Ablate("--heads", "L1H0", "--max-bytes", "10", "--json", json, "--svg", svg, Prompt);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            @" for 1 sample and \d+ conditions, and may take 10 bytes in all\. .*, or allow it with --max-bytes "
            + @"\d+\.\n$", run.Error);
        Assert.True(File.Exists(svg));
        Assert.Equal("ablation", (string?)JsonNode.Parse(File.ReadAllText(json))!["kind"]);
        Assert.False(Directory.Exists(folder.Path("o")));
    }

    CommandRun Ablate(params string[] words) => CommandRun.Of(["ablate", "--output", folder.Path("o"), .. words]);

    JsonNode Json() => JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path("o"), "ablate.json")))!;
}
