using System.Text.Json;
using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class BatchTests : IDisposable
{
    // Each prompt has an answer, a foil and a corrupted prompt of its own; the last one another position.
    const string Prompts = """
        {"prompt": "When Mary and John went", "answer": " to", "foil": " the", "corrupted": "When John and John went"}
        {"prompt": "When John and Mary went", "answer": " to", "foil": " home", "corrupted": "When Mary and Mary went"}
        {"ids": [789, 514, 292, 560, 5], "answer": "#6", "foil": "#5", "corrupted_ids": [1, 2, 3, 4, 5], "position": 3}
        """;

    // A probability is about one token.
    const string WithoutFoils = """
        {"prompt": "When Mary and John went", "answer": " to", "corrupted": "When John and John went"}
        {"prompt": "When John and Mary went", "answer": " to", "corrupted": "When Mary and Mary went"}
        """;

    readonly TemporaryFolder folder = new();

    readonly string file;

    public BatchTests()
    {
        file = folder.Path("prompts.jsonl");
        File.WriteAllText(file, Prompts);
    }

    public static TheoryData<string> Calls => new(
        "attribute", "attribute --unit head --value-bias separate", "lens", "lens --predictions 2 --layers 1:",
        "patch --activation head-output", "patch --activation residual-before --metric log-probability",
        "patch --source L0H6,L1H0 --input value", "patch --source all --axes layer --metric probability");

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_batch_has_the_results_of_its_prompts_and_their_mean(string call)
    {
        File.WriteAllText(file, PromptsFor(call));
        var batch = Json(call, "--prompts", file);
        Assert.Equal(File.ReadAllLines(file).Length, batch["prompts"]!.AsArray().Count);
        foreach (var (i, line) in File.ReadAllLines(file).Index())
        {
            var single = Json(call, "--prompts", folder.Write(
                System.Text.Encoding.UTF8.GetBytes(line), $"one-{i}.jsonl"));
            Assert.Equal(i + 1, (int)batch["prompts"]![i]!["prompt"]!);
            foreach (var (key, value) in batch["prompts"]![i]!.AsObject().Where(member => member.Key != "prompt"))
                Assert.True(JsonNode.DeepEquals(single[key], value), $"{key} of prompt {i} differs.");
        }

        Assert.NotEmpty(batch["mean"]!.AsArray());
        Assert.Equal(batch["mean"]!.AsArray().Count, batch["spread"]!.AsArray().Count);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_batch_is_printed_prompt_by_prompt_and_then_over_all(string call)
    {
        File.WriteAllText(file, PromptsFor(call));
        var count = File.ReadAllLines(file).Length;
        var run = CommandRun.Of([.. call.Split(' '), "--prompts", file]);
        Assert.Equal("", run.Error);
        var places = Enumerable.Range(1, count).Select(line =>
            run.Output.IndexOf($"\n{file}:{line}\n", StringComparison.Ordinal)).ToList();
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain(-1, places);
        Assert.InRange(
            run.Output.IndexOf($"\nOver all {count}", StringComparison.Ordinal), places[^1], run.Output.Length);
        Assert.Contains(" ± ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attribute --unit head-by-source --answer #5")]
    [InlineData("lens --answer #5 --position 2,-1")]
    [InlineData("attribute --position all")]
    public void A_recorded_run_is_read_again_with_the_same_result(string call)
    {
        var run = folder.Path("run.safetensors");
        var first = Json(call, "--ids", "789,514,292,560", "--record", run);
        Assert.True(JsonNode.DeepEquals(first, Json(call, "--from-recording", run)));
    }

    [Theory]
    [InlineData("--activation head-output")]
    [InlineData("--source all --input key")]
    public void Recorded_pairs_are_read_again_with_the_same_result(string what)
    {
        var call = $"patch {what} --answer #5";
        var run = folder.Path("run.safetensors");
        string[] pair = ["--ids", "789,514,292,560", "--corrupted-ids", "789,560,292,560"];
        var first = Json(call, [.. pair, "--record", run]);
        var (clean, corrupted) = (folder.Path("run-clean.safetensors"), folder.Path("run-corrupted.safetensors"));
        Assert.True(JsonNode.DeepEquals(first, Json(call, "--from-recording", $"{clean},{corrupted}")));
        CommandRun.Of([.. call.Split(' '), "--from-recording", clean]).IsMisused(
            "--from-recording needs two files for each pair, the clean run and the corrupted.", " patch");
    }

    [Fact]
    public void A_recorded_pair_with_interventions_is_refused_by_its_files()
    {
        var (plain, changed) = (folder.Path("plain.safetensors"), folder.Path("changed.safetensors"));
        string[] lens = ["lens", "--ids", "789,514,292,560", "--position", "all", "--record"];
        Assert.Equal(0, CommandRun.Of([.. lens, plain]).ExitCode);
        Assert.Equal(0, CommandRun.Of([.. lens, changed, "--ablate", "L1H0"]).ExitCode);
        string[] patch = ["patch", "-a", "residual-before", "--metric", "probability", "--answer", "#5"];
        Assert.Equal(0, CommandRun.Of([.. patch, "--from-recording", $"{plain},{plain}"]).ExitCode);
        foreach (var (pair, which) in new[]
            { ((plain, changed), "corrupted"), ((changed, plain), "clean"), ((changed, changed), "clean") })
        {
            var run = CommandRun.Of([.. patch, "--from-recording", $"{pair.Item1},{pair.Item2}"]);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(
                $"{pair.Item1}, {pair.Item2}: The run of the {which} prompt was recorded with interventions, the "
                + "first: zero head-value of layer 1, heads 0, ", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_error_about_many_recordings_names_three_and_says_how_many_more()
    {
        var run = folder.Path("lens.safetensors");
        Assert.Equal(0, CommandRun.Of("lens", "--ids", "789,514,292,560", "--record", run).ExitCode);
        Fails(3, $"{run}, {run}, {run}: ");
        Fails(5, $"{run}, {run}, {run} and 2 more: ");

        void Fails(int count, string files) => Assert.StartsWith(
            $"ratilgpu: {files}", CommandRun.Of(
                "attention", "--from-recording", string.Join(",", Enumerable.Repeat(run, count))).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Recordings_of_a_batch_are_numbered()
    {
        var run = CommandRun.Of("lens", "--prompts", file, "--record", folder.Path("run.safetensors"));
        Assert.Equal("", run.Error);
        foreach (var number in (int[])[1, 2, 3])
        {
            var recording = folder.Path($"run-{number}.safetensors");
            Assert.Contains($"Recorded {recording}\n", run.Output, StringComparison.Ordinal);
            Assert.True(File.Exists(recording));
        }

        CommandRun.Of("lens", "a", "--record", "a.safetensors", "--from-recording", "b.safetensors").IsMisused(
            "the prompt is given twice, as an argument and with --from-recording; give it once.", " lens");
        CommandRun.Of("lens", "--record", "a.safetensors", "--from-recording", "b.safetensors").IsMisused(
            "--record is about a run, and --from-recording runs nothing; give one of them.", " lens");
        CommandRun.Of("lens", "--ablate", "L0H0", "--from-recording", "b.safetensors").IsMisused(
            "--ablate is about a run, and --from-recording runs nothing; give one of them.", " lens");
    }

    [Theory]
    [InlineData("attribute")]
    [InlineData("lens")]
    [InlineData("patch --activation head-output --corrupted-ids 1,2,789,560")]
    public void Padding_changes_nothing(string call)
    {
        var plain = call.Replace(" 1,2,", " ", StringComparison.Ordinal);
        var masked = CommandRun.Of(
            [.. call.Split(' '), "--ids", "1,2,789,514", "--attention-mask", "0011", "--answer", "#5"]);
        var alone = CommandRun.Of([.. plain.Split(' '), "--ids", "789,514", "--answer", "#5"]);
        Assert.Equal("", masked.Error);
        Assert.Equal(Numbers(alone), Numbers(masked));
    }

    [Theory]
    [InlineData("lens")]
    [InlineData("attribute")]
    public void All_positions_are_those_that_are_not_padding(string call)
    {
        string[] padded = [call, "--ids", "1,2,789,514", "--attention-mask", "0011", "--answer", "#5"];
        var alone = CommandRun.Of(call, "--ids", "789,514", "--position", "all", "--answer", "#5");
        Assert.Equal(Numbers(alone), Numbers(CommandRun.Of([.. padded, "--position", "all"])));
        Assert.Equal(Numbers(alone), Numbers(CommandRun.Of([.. padded, "--position", "1:"])));
        CommandRun.Of([.. padded, "--position", "0"]).Refuses(
            "--position has 0, which is padding, expected that of a token.");
    }

    [Fact]
    public void Pairs_whose_patches_do_not_mean_the_same_are_named()
    {
        File.WriteAllText(file, "{\"ids\": [1, 2], \"corrupted_ids\": [1, 3], \"answer\": \"#5\"}\n"
            + "{\"ids\": [1, 2, 4], \"corrupted_ids\": [1, 3, 4], \"answer\": \"#5\", \"foil\": \"#6\"}");
        CommandRun.Of("patch", "--activation", "key", "--prompts", file).Refuses(
            $"{file}:2: its metric is difference, but that of {file}:1 is logit; give every line a foil or none, or "
            + "choose one with --metric.");
        CommandRun.Of("patch", "--activation", "key", "--prompts", file, "--metric", "difference").Refuses(
            $"{file}:1: has no foil, which --metric difference needs.");
        CommandRun.Of("patch", "--activation", "mlp-output", "--prompts", file, "--metric", "kl-divergence").Refuses(
            $"{file}:2: has 3 tokens, but {file}:1 has 2: patches by position are compared position by position; "
            + "choose --axes head or layer, or prompts of one length.");
    }

    [Theory]
    [InlineData("attribute", "The logit")]
    [InlineData("lens", "A state of the stream")]
    [InlineData("patch --activation key --corrupted-ids 1,3", "The metric")]
    public void A_result_that_is_no_number_is_refused(string call, string what)
    {
        var direction = folder.Path("huge.json");
        File.WriteAllText(direction, JsonSerializer.Serialize(Enumerable.Repeat(1.7e308, 128)));
        CommandRun.Of([.. call.Split(' '), "--ids", "1,2", "--direction", direction]).Refuses(
            $"{what} is not a finite number: the weights or the recording are damaged, or a direction is too large.");
    }

    [Theory]
    [InlineData("attribute")]
    [InlineData("lens")]
    public void A_recording_tells_what_was_changed_in_its_run(string call)
    {
        var run = folder.Path("run.safetensors");
        Assert.Equal(0, CommandRun.Of(call, "a", "--ablate", "L1H0,L2H3", "--record", run).ExitCode);
        var again = CommandRun.Of(call, "--from-recording", run);
        Assert.Contains("\nAblated    L1H0, L2H3\n", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Changed", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ablated_heads_are_named()
    {
        foreach (var call in (string[])["attribute", "lens"])
            Assert.Contains(
                "\nAblated    L1H0, L2H3\n",
                CommandRun.Of(call, "a", "--ablate", "L1H0,L2H3").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_recording_that_cannot_be_written_is_refused_before_anything_runs()
    {
        Directory.CreateDirectory(folder.Path("run-2.safetensors"));
        CommandRun.Of("lens", "--prompts", file, "--record", folder.Path("run.safetensors")).Refuses(
            $"{folder.Path("run-2.safetensors")}: a folder, expected a file to write; give another with --record.");
        File.CreateSymbolicLink(folder.Path("link"), folder.Path("nowhere", "x"));
        CommandRun.Of("lens", "a", "--json", folder.Path("link")).Refuses(
            $"{folder.Path("link")}: is a link to {folder.Path("nowhere", "x")}, whose folder is not there; make it, "
            + "or give another file with --json.");
        Assert.False(File.Exists(folder.Path("run-1.safetensors")));
    }

    [Fact]
    public void A_position_from_the_end_is_that_of_each_pair()
    {
        const string Pairs = """
            {"ids": [789, 514, 292], "corrupted_ids": [789, 560, 5]}
            {"ids": [789, 514, 292, 274, 11], "corrupted_ids": [789, 560, 292, 274, 5]}
            """;
        File.WriteAllText(file, Pairs);
        string[] call = ["patch", "--activation", "head-output", "--answer", "#5", "--patch-position", "-1"];
        var batch = Json(string.Join(' ', call), "--prompts", file);
        foreach (var (i, line) in File.ReadAllLines(file).Index())
        {
            File.WriteAllText(folder.Path("one.jsonl"), line);
            var single = Json(string.Join(' ', call), "--prompts", folder.Path("one.jsonl"));
            Assert.True(JsonNode.DeepEquals(single["values"], batch["prompts"]![i]!["values"]));
        }

        CommandRun.Of([.. call[..^1], "1:-1", "--prompts", file]).Refuses(
            "--patch-position has 1:-1, which names other numbers of prompts of other lengths; count both ends from "
            + "the same side.");
    }

    [Fact]
    public void The_answer_of_a_prompt_takes_the_place_of_that_of_the_command_line()
    {
        File.WriteAllText(file, "{\"ids\": [789, 514], \"answer\": \"#7\"}\n{\"ids\": [789, 560]}");
        var lens = Json("lens --answer #5", "--prompts", file);
        Assert.Equal([7, 5], lens["prompts"]!.AsArray().Select(prompt =>
            (int)prompt!["states"]![0]!["followed"]!.AsArray().Single()!["token"]!["id"]!));
        Assert.Single(lens["mean"]![0]!["followed"]!.AsArray());
        CommandRun.Of("lens", "--answer", "#5,#6", "--prompts", file).Refuses(
            $"--answer is a list of 2 tokens, but {file}:1 has an answer of its own: give one token, which is for the "
            + "prompts without an answer.");
        File.WriteAllText(folder.Path("d.json"), JsonSerializer.Serialize(new float[128]));
        var along = Json($"lens --direction {folder.Path("d.json")}", "--prompts", file);
        Assert.All(
            along["prompts"]!.AsArray(), prompt => Assert.Single(prompt!["states"]![0]!["projections"]!.AsArray()));
    }

    [Fact]
    public void A_direction_takes_the_place_of_a_token()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var row = device.Download(Embed(model, 514));
        var direction = folder.Path("mary.json");
        File.WriteAllText(direction, JsonSerializer.Serialize(row));
        var token = Json("attribute", "--ids", "789,514,292", "--answer", "#514");
        var along = Json("attribute", "--ids", "789,514,292", "--direction", direction);
        Assert.Equal((double)token["measured"]!, (double)along["measured"]!, 1e-4);
        var lens = CommandRun.Of("lens", "--ids", "789,514", "--direction", direction);
        Assert.Contains("[mary ", lens.Output, StringComparison.Ordinal);
        var patch = Json("patch", "--ids", "789,514", "--corrupted-ids", "789,560", "--activation", "mlp-output",
            "--direction", direction);
        Assert.Equal("direction", (string?)patch["metric"]);
    }

    [Fact]
    public void A_hint_tells_that_the_other_spelling_is_likelier()
    {
        const string Prompt = "When Mary and John went to the store, John gave a drink to";
        foreach (var call in (string[])["attribute", "lens", "patch --activation mlp-output --corrupted"])
        {
            string[] words = call.StartsWith("patch", StringComparison.Ordinal) ? [.. call.Split(' '), Prompt] : [call];
            var hinted = CommandRun.Of([.. words, "--text", Prompt, "--answer", "Mary"]);
            Assert.Contains(
                "Note       \" Mary\" (#514) is a token too, and likelier here than Mary (#", hinted.Output,
                StringComparison.Ordinal);
            Assert.DoesNotContain(
                "is a token too", CommandRun.Of([.. words, "--text", Prompt, "--answer", " Mary"]).Output,
                StringComparison.Ordinal);
        }
    }

    static string PromptsFor(string call) =>
        call.Contains("probability", StringComparison.Ordinal) ? WithoutFoils : Prompts;

    static Tensors.Tensor Embed(LanguageModel model, int token)
    {
        var device = model.Network.Device;
        var row = device.Allocate(1, model.Config.HiddenSize);
        device.Gather(model.Network.Weights.Embedding, [token], row);
        return row;
    }

    static JsonNode Json(string call, params string[] more)
    {
        var run = CommandRun.Of([.. call.Split(' '), .. more, "--json", "-"]);
        Assert.Equal("", run.Error);
        // What is written to files is said on standard output too.
        var json = JsonNode.Parse(run.Output[run.Output.IndexOf('{', StringComparison.Ordinal)..])!.AsObject();
        // The command line is another one in each call.
        var command = (string?)json["origin"]!["command"];
        Assert.StartsWith($"ratilgpu {call.Split(' ')[0]} ", command, StringComparison.Ordinal);
        json.Remove("origin");
        return json;
    }

    // The table, whose positions count from the first token.
    static List<string> Numbers(CommandRun run) =>
    [
        .. run.Output.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Where(line => line.Contains('.', StringComparison.Ordinal)),
    ];
}
