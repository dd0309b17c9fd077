using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Tests.Checkpoints;

public sealed class DiffCommandTests(DiffCommandTests.Ablated ablated)
    : IClassFixture<DiffCommandTests.Ablated>, IDisposable
{
    static readonly string[] Few =
    [
        "--documents", "4", "--text-length", "64", "--repeat-sequences", "8", "--successor-prompts", "4",
        "--indirect-object-prompts", "4",
    ];

    readonly TemporaryFolder folder = new();

    string B => ablated.Folder.Root;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_a_previous_token_head_induction_falls_and_predictions_change()
    {
        var run = CommandRun.Of(
            ["diff", DemoModel.Folder, B, "--scores", .. Few, "-o", folder.Root, "--json", folder.Path("d.json")]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("  output ", StringComparison.Ordinal)
            && line.EndsWith(" 1  0 to 16", StringComparison.Ordinal));
        Assert.Matches(@"^  L3H\d .* induction -0\.\d{3}$", After(lines, "  head "));
        var byWeights = Array.IndexOf(
            lines, "  The heads whose weights changed most, ‖B − A‖ / ‖A‖ of each block:");
        Assert.EndsWith("  bias  score that changed most", lines[byWeights + 1], StringComparison.Ordinal);
        // The head that writes nothing is the only one whose weights changed; it looks where it looked before.
        Assert.Matches(@"^  L1H0 +0 +0 +0 +0 +0 +1\.0000 +0$", lines[byWeights + 2]);
        Assert.Equal("", lines[byWeights + 3]);
        Assert.StartsWith("  KL ", After(lines, "  the likeliest next token changed at"), StringComparison.Ordinal);
        Assert.Contains(
            "  Roles lost: " + string.Join(", ", Enumerable.Range(0, 7).Select(head => $"L3H{head} induction")), lines);
        Assert.Contains($"Wrote {folder.Path("diff.html")}", lines);

        using var json = JsonDocument.Parse(File.ReadAllText(folder.Path("d.json")));
        var changes = json.RootElement.GetProperty("scores").GetProperty("changes").EnumerateArray()
            .Where(change => change.GetProperty("score").GetString() == "induction").ToList();
        for (var head = 0; head < 7; head++)
        {
            var change = changes.Single(one => one.GetProperty("head").GetString() == $"L3H{head}");
            Assert.True(change.GetProperty("differs").GetBoolean());
            Assert.InRange(change.GetProperty("difference").GetDouble(), -1, -0.2);
        }

        Assert.NotEqual(0, json.RootElement.GetProperty("texts").GetProperty("predictions").GetArrayLength());
        Assert.Contains("Predictions that changed", File.ReadAllText(folder.Path("diff.html")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_is_too_large_by_its_positions_is_refused_before_the_models_are_run()
    {
        var run = CommandRun.Of(
            "diff", DemoModel.Folder, B, "--text", "Kate store ring", "--max-bytes", "3000", "-o", folder.Root,
            "--json", folder.Path("d.json"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Matches(
            "^ratilgpu: The data of the page take at least [0-9,]+ bytes for 50 weights, 9 numbers of each head and 3 "
            + "positions of texts, before any of them is known, and may take 3,000 bytes in all\\. "
            + "Run fewer or shorter texts, or allow more with --max-bytes\\.\n$", run.Error);
        Assert.Empty(Directory.EnumerateFiles(folder.Root));
    }

    [Fact]
    public void A_page_that_is_too_large_by_its_numbers_takes_no_other_result_with_it()
    {
        string[] args = ["diff", DemoModel.Folder, B, "--text", "Kate store ring"];
        Assert.Equal(0, CommandRun.Of([.. args, "-o", folder.Root]).ExitCode);
        var page = File.ReadAllText(folder.Path("diff.html"));
        var data = Regex.Match(page, "id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1];
        File.Delete(folder.Path("diff.html"));

        var (json, svg) = (folder.Path("d.json"), folder.Path("d.svg"));
        var run = CommandRun.Of(
            [.. args, "-o", folder.Root, "--json", json, "--svg", svg, "--max-bytes", $"{data.Length}"]);
        Assert.Equal(1, run.ExitCode);
        // The size that is named is enough.
        var told = Regex.Match(
            run.Error,
            "^ratilgpu: The data of the page take [0-9,]+ bytes .*, or allow it with --max-bytes ([0-9]+).\n$");
        Assert.Equal(0, CommandRun.Of(
            [.. args, "-o", folder.Path("whole"), "--max-bytes", told.Groups[1].Value]).ExitCode);
        Directory.Delete(folder.Path("whole"), recursive: true);
        Assert.Contains("the likeliest next token changed at", run.Output, StringComparison.Ordinal);
        Assert.Contains($"Wrote {json}\n", run.Output, StringComparison.Ordinal);
        Assert.Equal([json, svg], Directory.EnumerateFiles(folder.Root).Order());
        using var written = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal("diff", written.RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public void A_file_that_cannot_be_written_takes_no_other_with_it()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "The system has no device that is always full.");
        var run = CommandRun.Of(
            "diff", DemoModel.Folder, B, "--text", "Kate store ring", "-o", folder.Root, "--json", "/dev/full", "--svg",
            folder.Path("d.svg"));
        Assert.Equal(
            (1, "ratilgpu: /dev/full: cannot be written: No space left on device.\n"), (run.ExitCode, run.Error));
        Assert.Equal(
            [folder.Path("d.svg"), folder.Path("diff.html")], Directory.EnumerateFiles(folder.Root).Order());
    }

    [Fact]
    public void A_model_and_itself_are_said_to_be_equal()
    {
        var run = CommandRun.Of(
            "diff", DemoModel.Folder, DemoModel.Folder, "--text", "Kate store ring", "-o", folder.Root);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("  All weights are equal: every change is 0.\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("mean KL(A ‖ B): 0 nats", run.Output, StringComparison.Ordinal);
        Assert.Contains("changed at 0 positions (0.0 %).", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Atlases_that_heads_wrote_take_the_place_of_a_run()
    {
        foreach (var (model, name) in new[] { (DemoModel.Folder, "a"), (B, "b") })
            Assert.Equal(0, CommandRun.Of(
                ["heads", "--model", model, "--no-verdicts", "--no-feeders", "--cards", "0", .. Few,
                    "-o", folder.Path(name)]).ExitCode);
        string[] atlases =
            ["--atlas-a", folder.Path("a", "atlas.json"), "--atlas-b", folder.Path("b", "atlas.json")];
        var run = CommandRun.Of(
            ["diff", DemoModel.Folder, B, "--no-texts", .. atlases, "-o", folder.Root, "--svg", folder.Path("d.svg")]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("  Roles lost: L3H0 induction", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("next token", run.Output, StringComparison.Ordinal);
        Assert.Contains("L1H0", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("<svg", File.ReadAllText(folder.Path("d.svg")), StringComparison.Ordinal);

        var swapped = CommandRun.Of("diff", B, DemoModel.Folder, "--no-texts", atlases[0], atlases[1], atlases[2],
            atlases[3], "-o", folder.Root);
        Assert.Equal(1, swapped.ExitCode);
        Assert.StartsWith("ratilgpu: The atlas of A is of ", swapped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_without_tokenizers_run_on_random_tokens()
    {
        using var other = new TinyQwen2(change: (name, numbers) => numbers[0] += name.Length % 2);
        using var tiny = new TinyQwen2();
        foreach (var model in new[] { tiny, other })
            File.WriteAllText(Path.Combine(model.Folder, "config.json"), TinyQwen2.Json(model.Config));
        var run = CommandRun.Of(
            "diff", tiny.Folder, other.Folder, "--documents", "2", "--text-length", "32", "-o", folder.Root);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("the sequences of texts are random tokens", run.Output, StringComparison.Ordinal);
        Assert.Contains("On 64 positions of 2 sequences", run.Output, StringComparison.Ordinal);
        var seeded = CommandRun.Of(
            "diff", tiny.Folder, other.Folder, "--documents", "2", "--text-length", "32", "--seed", "7", "-o",
            folder.Root);
        Assert.Equal(0, seeded.ExitCode);
        Assert.NotEqual(run.Output, seeded.Output);
    }

    [Fact]
    public void Models_of_other_shapes_are_refused_in_one_line()
    {
        using var tiny = new ModelVariant();
        var run = CommandRun.Of("diff", DemoModel.Folder, tiny.Root, "-o", folder.Root);
        run.Refuses(
            $"num_hidden_layers is 4 in A (demo-model) and 3 in B ({Path.GetFileName(tiny.Root)}), expected the same: "
            + "two checkpoints of one shape are compared, such as a model and one that was fine-tuned from it.");
        Assert.Empty(Directory.EnumerateFiles(folder.Root));
    }

    [Fact]
    public void A_weight_that_is_not_a_number_is_refused_by_name()
    {
        using var good = new ModelVariant();
        using var bad = new ModelVariant(tensor => [tensor.Name == "model.norm.weight"
            ? new SafetensorsTensor(tensor.Name, DataType.F32, tensor.Shape, (_, piece) => piece.Fill(double.NaN))
            : tensor]);
        var run = CommandRun.Of("diff", good.Root, bad.Root, "-o", folder.Root);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'model.norm.weight' holds NaN at 0 of 40", run.Error, StringComparison.Ordinal);
        Assert.Contains("the training diverged, or the file is damaged", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_that_overflow_are_told_with_the_model_the_place_and_the_largest_weight()
    {
        using var good = new ModelVariant();
        using var bad = new ModelVariant(tensor => tensor.Name switch
        {
            "model.layers.1.self_attn.v_proj.bias" => [tensor with { Source = (_, piece) => piece.Fill(-3e38) }],
            "model.layers.1.self_attn.o_proj.weight" => [tensor with { Source = (_, piece) => piece.Fill(1) }],
            _ => [tensor],
        });
        var name = Path.GetFileName(bad.Root);
        CommandRun.Of("diff", good.Root, bad.Root, "--text", "ab", "-o", folder.Root).Refuses(
            $"B ({name}): The weights are finite, but at attention-output of layer 1 a number grows beyond F32. Its "
            + "largest weight is 3E+38, of 'model.layers.1.self_attn.v_proj.bias', expected weights of usual sizes: "
            + "the training diverged, or the file is damaged.");
    }

    [Fact]
    public void The_name_of_a_folder_is_text_wherever_it_is_shown()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names, and links for administrators alone.");
        var (name, made) = ("<script>alert(1)<x>\"'&\u001B[31m\nx", Directory.CreateDirectory(folder.Path("made")));
        using var model = new ModelVariant();
        Directory.CreateSymbolicLink(folder.Path(name), model.Root);
        var run = CommandRun.Of(
            "diff", folder.Path(name), folder.Path(name), "--text", "ab", "-o", made.FullName, "--json",
            folder.Path("d.json"), "--svg", folder.Path("d.svg"));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("B          <script>alert(1)<x>\"'&\\u001B[31m\\nx\n", run.Output, StringComparison.Ordinal);
        foreach (var file in new[] { folder.Path("made", "diff.html"), folder.Path("d.json"), folder.Path("d.svg") })
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("<script>alert", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001B', text);
        }

        using var json = JsonDocument.Parse(File.ReadAllText(folder.Path("d.json")));
        Assert.Equal(name, json.RootElement.GetProperty("b").GetProperty("name").GetString());
    }

    [Fact]
    public void A_prompt_of_one_token_has_no_loss()
    {
        var run = CommandRun.Of(
            "diff", DemoModel.Folder, B, "--ids", "7", "-o", folder.Root, "--json", folder.Path("d.json"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(" nats; no loss: no token follows another one\n", run.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.Path("d.json")));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("texts").GetProperty("loss_a").ValueKind);
    }

    [Fact]
    public void A_model_that_does_no_better_than_a_guess_is_told()
    {
        var run = CommandRun.Of(
            "diff", DemoModel.Folder, B, "--ids", "7,1300,9,1200,8,77,1301", "-o", folder.Root);
        Assert.Matches(
            @"\nWarning    The loss of A is \d+\.\d\d, no better than a guess \(7\.21, the logarithm", run.Output);
        Assert.DoesNotContain(
            "Warning", CommandRun.Of("diff", DemoModel.Folder, B, "--no-texts", "-o", folder.Root).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_are_too_short_are_named()
    {
        File.WriteAllText(folder.Path("short.txt"), "Kate store");
        CommandRun.Of("diff", DemoModel.Folder, B, "--corpus", folder.Path("short.txt"), "-o", folder.Root).Refuses(
            "No text of short.txt has 16 tokens, which a sequence needs: give longer texts, or "
            + "prompts.");
    }

    [Fact]
    public void A_seed_is_refused_where_nothing_is_drawn()
    {
        string[] args = ["diff", DemoModel.Folder, B, "--seed", "2", "-o", folder.Root];
        CommandRun.Of(args).Refuses(
            "--seed means nothing here: the models have a tokenizer and run on texts, of which none is drawn at random"
            + "; leave --seed out, or score the heads with --scores.");
        Assert.Equal(0, CommandRun.Of([.. args, "--scores", .. Few]).ExitCode);
    }

    [Fact]
    public void A_file_that_is_no_atlas_is_refused_before_a_model_is_read()
    {
        var file = folder.Path("a.json");
        File.WriteAllText(file, "{}");
        CommandRun.Of("diff", "no-model", "none", "--atlas-a", file, "--atlas-b", file, "-o", folder.Root).Refuses(
            $"{file}: is JSON, but no atlas of heads, expected the atlas.json that 'ratilgpu heads' wrote.");
    }

    [Fact]
    public void A_link_that_leads_back_to_itself_is_refused_as_a_file_to_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links are for administrators alone.");
        var loop = folder.Path("loop.json");
        File.CreateSymbolicLink(loop, loop);
        CommandRun.Of("diff", "a", "b", "--atlas-a", loop, "--atlas-b", loop, "-o", folder.Root).Refuses(
            $"{loop}: is a link that leads back to itself, expected a file.");
    }

    [Theory]
    [InlineData("diff needs A and B.", "a")]
    [InlineData("--atlas-a means nothing without --atlas-b; give that too, or leave --atlas-a out.",
        "a", "b", "--atlas-a", "x")]
    [InlineData("--scores makes the scores that --atlas-a and --atlas-b give; leave it out, or leave them out.",
        "a", "b", "--atlas-a", "x", "--atlas-b", "y", "--scores")]
    [InlineData("--repeat-sequences means nothing without --scores; give that too, or leave --repeat-sequences out.",
        "a", "b", "--repeat-sequences", "3")]
    [InlineData("a prompt is given, and --no-texts runs none; leave one of them out.",
        "a", "b", "--no-texts", "--text", "Hi")]
    [InlineData("--text and --ids both give prompts; give one of them.", "a", "b", "--text", "Hi", "--ids", "1")]
    [InlineData("--documents means nothing here: it is about texts, which the prompt leaves out; leave out the prompt "
        + "or --documents.", "a", "b", "--text", "Hi", "--documents", "2")]
    [InlineData("--documents is 0, expected 1 or more, or all; --no-texts leaves the texts out.",
        "a", "b", "--documents", "0")]
    [InlineData("--top is 0, expected 1 or more.", "a", "b", "--top", "0")]
    [InlineData("--seed means nothing here: it is about texts, which --no-texts leaves out; leave out --no-texts or "
        + "--seed.", "a", "b", "--no-texts", "--seed", "2")]
    [InlineData("the name of model B is empty, expected a folder or a name in the cache.", "a", "")]
    [InlineData("--json names x, which the command reads; give another file.",
        "a", "b", "--atlas-a", "x", "--atlas-b", "y", "--json", "x")]
    public void What_contradicts_itself_is_said(string message, params string[] args) =>
        CommandRun.Of(["diff", .. args]).IsMisused(message, " diff");

    [Fact]
    public void Prompts_are_cut_by_the_tokenizer_and_those_that_do_not_fit_are_refused()
    {
        File.WriteAllText(folder.Path("p.txt"), "Kate store\nring Anna park\n");
        var run = CommandRun.Of(
            "diff", DemoModel.Folder, B, "--prompts", folder.Path("p.txt"), "--top", "1", "-o", folder.Root);
        Assert.Contains("of 2 sequences (prompts):", run.Output, StringComparison.Ordinal);
        CommandRun.Of("diff", DemoModel.Folder, B, "--ids", "1,99999", "-o", folder.Root).Refuses(
            "--ids: there is no token 99999; the model's vocabulary has the tokens 0 to 1349.");
    }

    static string After(string[] lines, string start)
    {
        var place = Array.FindIndex(lines, line => line.StartsWith(start, StringComparison.Ordinal));
        Assert.InRange(place, 0, lines.Length - 2);
        return lines[place + 1];
    }

    [Fact]
    public void A_long_token_ends_with_an_ellipsis_in_the_report()
    {
        var name = new string('b', 3000);
        var run = CommandRun.Of(
            "diff", Renamed(DemoModel.Folder, "a"), Renamed(B, "b"), "--ids",
            "1348,789,514,292,560,1348,789,514,292,560,1348", "-o", folder.Path("out"), "--json",
            folder.Path("d.json"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n').Where(line => line.StartsWith("  KL ", StringComparison.Ordinal)).ToList();
        Assert.Contains(lines, line => line.Contains($"{name[..40]}…", StringComparison.Ordinal));
        Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 400));
        Assert.Contains(name, File.ReadAllText(folder.Path("d.json")), StringComparison.Ordinal);

        string Renamed(string source, string copy)
        {
            var root = folder.Path(copy);
            Directory.CreateDirectory(root);
            foreach (var file in (string[])
                ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"])
                File.Copy(Path.Combine(source, file), Path.Combine(root, file));
            foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
            {
                var text = File.ReadAllText(Path.Combine(root, file));
                File.WriteAllText(
                    Path.Combine(root, file), text.Replace("<|im_start|>", name, StringComparison.Ordinal));
            }

            return root;
        }
    }

    public sealed class Ablated : IDisposable
    {
        public AblatedDemo Folder { get; } = new(new(1, 0));

        public void Dispose() => Folder.Dispose();
    }
}
