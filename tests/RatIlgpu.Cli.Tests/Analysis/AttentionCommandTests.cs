using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class AttentionCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    // 40 tokens, then the same again.
    static readonly string Repeated = string.Join(
        ',', Enumerable.Range(0, 80).Select(place => 300 + 17 * (place % 40)));

    readonly TemporaryFolder folder = new();

    string Page => folder.Path("out", "attention.html");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_known_heads_of_the_demonstration_model_come_first()
    {
        var run = CommandRun.Of("attention", "--ids", Repeated, "--output", folder.Path("out"));
        Assert.Empty(run.Error);
        Assert.Contains("  Of 32 heads those with the largest mean attention", run.Output, StringComparison.Ordinal);
        Assert.Contains("    the previous token  L1H0 0.9", run.Output, StringComparison.Ordinal);
        Assert.EndsWith($"\nWrote {Page}\n", run.Output, StringComparison.Ordinal);
        var html = File.ReadAllText(Page);
        Assert.Contains("<div><dt>Model<dd><bdi>demo-model</bdi></div>", html, StringComparison.Ordinal);
        Assert.Contains(": <code dir=\"ltr\">ratilgpu attention --ids 300,", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Few_heads_have_a_table_in_the_order_asked()
    {
        var run = Attention("--heads", "L3H2,1.0,L-1H2,L-1H-1");
        Assert.Empty(run.Error);
        Assert.Contains(
            """

                    first token  previous token  own token  entropy
              L3H2
            """.ReplaceLineEndings("\n"), run.Output, StringComparison.Ordinal);
        Assert.Equal(["L3H2", "L1H0", "L3H7"], Rows(run));
    }

    [Fact]
    public void Rollouts_go_through_each_layer_that_is_shown()
    {
        Attention("--heads", "L3H2,L1H0", "--rollout");
        var html = File.ReadAllText(Page);
        Assert.Contains("\"reductions\":[\"max\",\"mean\",\"rollout\"]", html, StringComparison.Ordinal);
        Assert.Equal(
            ["rollout1", "rollout3"],
            System.Text.RegularExpressions.Regex.Matches(html, "id=\"sum-0-(rollout\\d)-").Select(one =>
                one.Groups[1].Value));
        Attention("--heads", "L3H2");
        Assert.DoesNotContain("rollout", File.ReadAllText(Page).Split("<script type=\"module\">")[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_can_be_named_with_a_dot() =>
        Assert.Equal(["3.2", "1.0"], Rows(Attention("--heads", "L3H2,L1H0", "--notation", "dot")));

    [Fact]
    public void Heads_by_number_are_those_of_every_layer() =>
        Assert.Equal(["L0H1", "L0H7", "L3H1", "L3H7"], Rows(Attention("--layers", "0,-1", "--heads", "1,-1")));

    [Fact]
    public void A_head_that_is_ablated_changes_those_behind_it()
    {
        var plain = Attention("--heads", "L1H3,L2H3");
        var ablated = Attention("--heads", "L1H3,L2H3", "--ablate", "L1H0");
        Assert.Contains("\nAblated    L1H0\n", ablated.Output, StringComparison.Ordinal);
        Assert.Equal(Line(plain, "L1H3"), Line(ablated, "L1H3"));
        Assert.NotEqual(Line(plain, "L2H3"), Line(ablated, "L2H3"));
    }

    [Fact]
    public void The_file_has_the_numbers_of_every_head()
    {
        var file = folder.Path("heads.json");
        Attention("--json", file);
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal("attention", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal(14, json.RootElement.GetProperty("tokens").GetArrayLength());
        var heads = json.RootElement.GetProperty("heads").EnumerateArray().ToList();
        Assert.Equal(32, heads.Count);
        Assert.Equal("L3H7", heads[^1].GetProperty("head").GetString());
        Assert.All(heads, head => Assert.All(
            ["first", "previous", "self"], name => Assert.InRange(head.GetProperty(name).GetDouble(), 0, 1)));
    }

    [Fact]
    public void A_recording_shows_the_same()
    {
        string[] heads = ["--heads", "L2H1,L0H5"];
        var run = Attention([.. heads, "--record", folder.Path("run.safetensors")]);
        var html = WithoutOrigin(Page);
        string[] recorded =
            ["attention", "--from-recording", folder.Path("run.safetensors"), "--output", folder.Path("out")];
        var read = CommandRun.Of([.. recorded, .. heads]);
        Assert.Empty(read.Error);
        Assert.Equal((Line(run, "L2H1"), Line(run, "L0H5")), (Line(read, "L2H1"), Line(read, "L0H5")));
        Assert.Equal(html, WithoutOrigin(Page));
        // All heads of a recording are those that were recorded.
        Assert.Equal(["L0H5", "L2H1"], Rows(CommandRun.Of(recorded)));
    }

    [Fact]
    public void Prompts_of_a_batch_are_chosen_and_named()
    {
        var prompts = Write("prompts.txt", "When Mary\nJohn gave a drink\nto the store\n");
        var run = CommandRun.Of(
            "attention", "--prompts", prompts, "--batch-index", "0,-1", "--labels", "first,second,third",
            "--heads", "L0H0", "--picker", "radio", "--output", folder.Path("out"));
        Assert.Empty(run.Error);
        Assert.Contains("\nLabel      first\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nLabel      third\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("second", run.Output, StringComparison.Ordinal);
        var labels = Write("labels.txt", "eins\nzwei\ndrei\n");
        Assert.Contains("\nLabel      zwei\n", CommandRun.Of(
            "attention", "--prompts", prompts, "--labels", $"@{labels}", "--heads", "L0H0", "--output",
            folder.Path("out")).Output, StringComparison.Ordinal);
    }

    // Two that run together, one that is too long for that, and one behind it.
    [Fact]
    public void Prompts_that_run_together_have_the_numbers_of_each_alone()
    {
        string[] texts = ["When Mary", "John gave a drink", string.Join(' ', Enumerable.Repeat("store", 300)), "to"];
        var (prompts, file) = (Write("prompts.txt", string.Join('\n', texts)), folder.Path("heads.json"));
        CommandRun.Of("attention", "--prompts", prompts, "--output", folder.Path("out"), "--json", file);
        var together = Heads(file);
        Assert.Equal(texts.Length, together.Count);
        foreach (var (text, heads) in texts.Zip(together))
        {
            CommandRun.Of("attention", text, "--output", folder.Path("out"), "--json", file);
            Assert.Equal(Heads(file)[0], heads);
        }

        static List<string> Heads(string path)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            var prompts = json.RootElement.TryGetProperty("prompts", out var several)
                ? several.EnumerateArray()
                : Enumerable.Repeat(json.RootElement, 1);
            // Several prompts are written deeper than one.
            return [.. prompts.Select(prompt => JsonSerializer.Serialize(prompt.GetProperty("heads")))];
        }
    }

    [Fact]
    public void Heads_have_no_contributions_alone() => Attention("--weights", "contribution").IsMisused(
        "--weights is contribution, which is of all heads together and shown by trace alone; expected standard, value, "
        + "info.", " attention");

    [Fact]
    public void A_figure_is_written_beside_the_page()
    {
        var file = folder.Path("head.svg");
        var run = Attention("--heads", "L1H0", "--weights", "info", "--svg", file);
        Assert.Empty(run.Error);
        Assert.Contains($"\nWrote {file}\n", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("<svg", File.ReadAllText(file), StringComparison.Ordinal);
        Attention("--json", file, "--svg", file).IsMisused(
            "--json and --svg name the same file; give two.", " attention");
    }

    // Of several runs a recording has a number before its ending.
    [Theory]
    [InlineData("q-1.jsonl", "q.jsonl")]
    [InlineData("q-12.jsonl", "q.jsonl")]
    [InlineData(".q-2", ".q")]
    public void No_recording_of_several_replaces_their_prompts(string prompts, string record)
    {
        const string Lines = "{\"prompt\":\"When Mary\"}\n{\"prompt\":\"The cat\"}\n";
        var file = Write(prompts, Lines);
        Record(record).IsMisused(
            $"--record names {prompts}, which the command reads; give another file.", " attention");
        var link = folder.Path("link-1.jsonl");
        File.CreateSymbolicLink(link, file);
        Record("link.jsonl").IsMisused(
            $"--record names {prompts}, which the command reads; give another file.", " attention");
        Assert.Equal(Lines, File.ReadAllText(file));
        Assert.Empty(Record("other.jsonl").Error);

        CommandRun Record(string name) => CommandRun.Of(
            "attention", "--prompts", file, "--heads", "L0H0", "--output", folder.Path("out"), "--record",
            folder.Path(name));
    }

    [Fact]
    public void No_output_replaces_what_the_command_reads_not_even_through_a_link()
    {
        var (prompts, labels) = (Write("prompts.txt", "When Mary\n"), Write("labels.txt", "eins\n"));
        var link = folder.Path("link.svg");
        File.CreateSymbolicLink(link, prompts);
        Batch(labels).IsMisused("--svg names labels.txt, which the command reads; give another file.", " attention");
        Batch(link).IsMisused("--svg names prompts.txt, which the command reads; give another file.", " attention");
        Assert.Equal("When Mary\n", File.ReadAllText(prompts));
        Assert.Equal("eins\n", File.ReadAllText(labels));

        CommandRun Batch(string svg) => CommandRun.Of(
            "attention", "--prompts", prompts, "--labels", $"@{labels}", "--heads", "L0H0", "--output",
            folder.Path("out"), "--svg", svg);
    }

    [Fact]
    public void The_lens_says_what_a_recording_of_attention_lacks()
    {
        var file = folder.Path("run.safetensors");
        Assert.Empty(Attention("--layers", "0", "--record", file).Error);
        CommandRun.Of("lens", "--from-recording", file).Refuses(
            $"{file}: residual-before of layer 0 was not recorded. Record anew what this command reads: give it the "
            + "prompt and --record FILE in place of --from-recording, and the other options as here.");
    }

    [Fact]
    public void Padding_is_left_out()
    {
        var plain = CommandRun.Of("attention", "--ids", "7,8,9", "--heads", "L0H0", "-o", folder.Path("out"));
        var run = CommandRun.Of(
            "attention", "--ids", "5,5,7,8,9", "--attention-mask", "00111", "--heads", "L0H0",
            "-o", folder.Path("out"));
        Assert.Equal(Line(plain, "L0H0"), Line(run, "L0H0"));
        Assert.Contains("\nPadding    positions 0, 1\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_token_has_no_table() => Assert.Contains(
        "  One token attends to itself alone",
        CommandRun.Of("attention", "--ids", "7", "-o", folder.Path("out")).Output, StringComparison.Ordinal);

    [Fact]
    public void What_makes_no_sense_is_misuse()
    {
        Attention("--layers", "0", "--heads", "L0H1").IsMisused(
            "--heads has L0H1, which names its layer; leave --layers out, or give heads by number.", " attention");
        Attention("--heads", "L0").IsMisused(
            "--heads is 'L0', expected names such as L3H2 or 3.2, or numbers such as 3 or 0,2,-1, a range such as "
            + "2:5, or all.",
            " attention");
        Attention("--labels", "a,b").IsMisused(
            "--labels means nothing without --prompts or --from-recording; give that too, or leave --labels out.",
            " attention");
        Attention("--notation", "hl").IsMisused("--notation is 'hl', expected LH, dot.", " attention");
        CommandRun.Of("trace", Prompt, "--heads", "L0H1").IsMisused(
            "--heads has L0H1, a name; here it takes numbers such as 0,2,-1, the heads of every layer looked at.");
    }

    [Fact]
    public void What_is_not_there_is_named_in_one_line()
    {
        Attention("--heads", "L9H0").Refuses(
            "--heads: L9H0 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count from "
            + "the end.");
        Attention("--layers", "4").Refuses("--layers is 4, expected -4 to 3 for a model of 4 layers.");
        Attention("--ablate", "L3H0", "--layers", "0").Refuses(
            "--ablate L3H0: the run ends after value of layer 0, before it comes there; read a head of a later layer, "
            + "or leave the intervention out.");
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_named_in_one_line()
    {
        var prompts = Write("prompts.txt", "When Mary\nJohn gave\n");
        Batch("--mode", "lines").Refuses(
            "--mode lines shows one prompt, but there are 2; choose one with --batch-index.");
        Batch("--batch-index", "2").Refuses("--batch-index is 2, expected -2 to 1 for a batch of 2 prompts.");
        Batch("--labels", "a").Refuses("--labels: 1 label, expected 2, one for each prompt.");
        Assert.Empty(Batch("--mode", "lines", "--batch-index", "1").Error);

        CommandRun Batch(params string[] more) =>
            CommandRun.Of(["attention", "--prompts", prompts, "--output", folder.Path("out"), .. more]);
    }

    [Fact]
    public void Recordings_without_a_layer_in_common_are_refused()
    {
        var (first, last) = (folder.Path("first.run"), folder.Path("last.run"));
        Attention("--layers", "0", "--record", first);
        Attention("--layers", "-1", "--record", last);
        CommandRun.Of("attention", "--from-recording", $"{first},{last}", "--output", folder.Path("out")).Refuses(
            $"{first}, {last}: The 2 recordings have no layer in common whose attention was recorded at all positions. "
            + "Record anew what this command reads: give it the prompt and --record FILE in place of --from-recording, "
            + "and the other options as here.");
    }

    CommandRun Attention(params string[] more) =>
        CommandRun.Of(["attention", Prompt, "--output", folder.Path("out"), .. more]);

    string Write(string name, string text)
    {
        File.WriteAllText(folder.Path(name), text);
        return folder.Path(name);
    }

    static string WithoutOrigin(string page) =>
        Regex.Replace(File.ReadAllText(page), "<footer>Made by .*?</footer>\n", "");

    static IEnumerable<string> Rows(CommandRun run) => run.Output.Split('\n')
        .Where(line => line.StartsWith("  L", StringComparison.Ordinal)
            || (line.Length > 2 && char.IsAsciiDigit(line[2])))
        .Select(line => line.Trim().Split(' ')[0]);

    static string Line(CommandRun run, string head) => run.Output.Split('\n')
        .Single(line => line.StartsWith($"  {head}", StringComparison.Ordinal));
}
