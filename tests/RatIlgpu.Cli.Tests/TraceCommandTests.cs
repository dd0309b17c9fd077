using System.IO.Pipes;
using RatIlgpu.Cli.Tracing;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Tests;

public sealed class TraceCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    string Page => folder.Path("index.html");

    string Data => folder.Path("trace.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_path_looks_back_at_the_right_name()
    {
        var run = Trace(Prompt);
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Contains("  1.  When -> \" Mary\" -> \" to\" (score: -0.6809)\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Model      demo-model: 4 layers, 8 heads", run.Output, StringComparison.Ordinal);
        Assert.Contains("Tokens     14: When \" Mary\" \" and\"", run.Output, StringComparison.Ordinal);
        Assert.EndsWith($"Wrote {Page} and {Data}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_and_the_data_are_written_and_nothing_else()
    {
        Trace(Prompt);
        Assert.Equal([Page, Data], Directory.GetFileSystemEntries(folder.Root).Order());
        Assert.StartsWith("<!doctype html>", File.ReadAllText(Page), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(5, Written().Paths.Length);
    }

    [Fact]
    public void The_prompt_comes_from_an_option_or_from_standard_input_too()
    {
        var argument = Paths(Trace(Prompt));
        Assert.Equal(argument, Paths(Trace("--text", Prompt)));
        Assert.Equal(argument, Paths(CommandRun.WithText(Prompt + "\n", "trace", "-o", folder.Root)));
        Assert.Equal(argument, Paths(CommandRun.WithText(Prompt + "\r\n", "trace", "-o", folder.Root)));
        Assert.Equal(argument, Paths(CommandRun.WithText(Prompt, "trace", "-o", folder.Root)));
    }

    [Fact]
    public void Every_option_of_the_tracer_reaches_it()
    {
        var run = Trace(
            Prompt, "--target-pos", "-2", "--layer", "1", "--top-beam", "3", "--top-k", "2", "--min-attn", "0.05",
            "--heads", "0,4", "--agg-heads", "max", "--length-norm", "pow:0.7", "--stop-at-bos", "false",
            "--bos-token-id", "1347",
            "--attention-mask", "01111111111111", "--predictions", "2", "--device", "plain");
        Assert.Equal("", run.Error);
        var expected = new TraceOptions
        {
            TargetPosition = 12,
            Layer = 1,
            TopBeam = 3,
            TopK = 2,
            MinAttention = 0.05,
            Heads = Devices.HeadAggregation.MaxOf(0, 4),
            LengthNormalization = LengthNormalization.Parse("pow:0.7"),
            StopAtBos = false,
            BosTokenId = 1347,
            AttentionMask = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            Predictions = 2,
        };
        Assert.Equal(expected, Written().Options);
    }

    [Theory]
    [InlineData("all", new[] { 0, 1, 2, 3 })]
    [InlineData("0,2", new[] { 0, 2 })]
    [InlineData("-1,1,3", new[] { 1, 3 })]
    [InlineData("1:3", new[] { 1, 2 })]
    public void Several_layers_have_one_page_and_a_file_each(string asked, int[] layers)
    {
        var run = Trace(Prompt, "--layers", asked);
        Assert.Equal("", run.Error);
        var files = layers.Select(layer => folder.Path($"trace-L{layer}.json")).ToList();
        Assert.Equal([Page, .. files], Directory.GetFileSystemEntries(folder.Root).Order());
        Assert.EndsWith($"Wrote {Page} and {string.Join(", ", files)}\n", run.Output, StringComparison.Ordinal);
        foreach (var (layer, file) in layers.Zip(files))
        {
            var single = folder.Path("single");
            var alone = CommandRun.Of("trace", Prompt, "--layer", $"{layer}", "--output", single);
            Assert.Equal(Read(Path.Combine(single, "trace.json")), Read(file));
            Assert.Contains(
                string.Join('\n', Paths(alone)) + "\n", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Each_layer_is_printed_under_its_number()
    {
        var run = Trace(Prompt, "--layers", "2,3");
        Assert.Contains("layers 2, 3 (of 0 to 3)", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "\nLayer 3\n  1.  When -> \" Mary\" -> \" to\" (score: -0.6809)\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_and_heads_that_are_not_there_are_refused()
    {
        Trace("a", "--layers", "0,4").Refuses("--layers is 4, expected -4 to 3 for a model of 4 layers.");
        Trace("a", "--heads", "8").Refuses("--heads is 8, expected -8 to 7 for layers of 8 heads.");
        Trace("a", "--ablate", "L4H0").Refuses(
            "--ablate: L4H0 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count "
            + "from the end.");
        Directory.CreateDirectory(folder.Path("trace-L2.json"));
        Trace(Prompt, "--layers", "all").Refuses(
            $"{folder.Path("trace-L2.json")}: a folder, expected none of that name; give another with --output.");
        Assert.False(File.Exists(Page));
    }

    [Fact]
    public void A_recorded_run_is_traced_as_it_ran()
    {
        var run = folder.Path("run.safetensors");
        var first = Trace(Prompt, "--layers", "2,3", "--heads", "1,3", "--ablate", "L1H0,L0H6", "--record", run);
        Assert.Equal("", first.Error);
        Assert.Contains($"\nRecorded {run}\n", first.Output, StringComparison.Ordinal);
        var again = CommandRun.Of(
            "trace", "--from-recording", run, "--layers", "2,3", "--heads", "1,3", "-o", folder.Root);
        Assert.Equal("", again.Error);
        Assert.Equal(Paths(first), Paths(again));
        Assert.Contains("Predicts   \" Sam\" 25.6 %", again.Output, StringComparison.Ordinal);
        Assert.Contains("\nAblated    L0H6, L1H0\n", again.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["zero HeadValue of layer 0, heads 6", "zero HeadValue of layer 1, heads 0"],
            Read(folder.Path("trace-L3H1.json")).Interventions);
        CommandRun.Of("trace", "--from-recording", run, "--layers", "0", "-o", folder.Root).Refuses(
            $"{run}: rotated-query of layer 0 was not recorded. Record anew what this command reads: give it the "
            + "prompt and --record FILE in place of --from-recording, what changed the run, such as --ablate, and the "
            + "other options as here.");
    }

    [Theory]
    [InlineData("--generate", "3")]
    [InlineData("--generate", "1", "--position", "all")]
    [InlineData("--generate", "2", "--trace-token", "0")]
    public void What_is_generated_after_a_masked_prompt_is_no_padding(params string[] more)
    {
        var run = Trace([Prompt, "--attention-mask", "01111111111111", .. more]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("\nPadding    position 0\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_continuation_is_written_by_the_model_that_is_traced()
    {
        Assert.Contains("Then        Mary.", Trace(Prompt, "--generate", "3").Output, StringComparison.Ordinal);
        Assert.Contains(
            "Then        Sam", Trace(Prompt, "--generate", "1", "--ablate", "L1H0,L0H6").Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_has_the_traces_of_its_prompts_and_their_mean()
    {
        var file = folder.Path("prompts.txt");
        string[] prompts = [Prompt, "When Mary", "When John and Mary went to"];
        File.WriteAllLines(file, prompts);
        var batch = CommandRun.Of("trace", "--prompts", file, "--layers", "2,3", "-o", folder.Root);
        Assert.Equal("", batch.Error);
        foreach (var (i, prompt) in prompts.Index())
        {
            var single = CommandRun.Of("trace", prompt, "--layers", "2,3", "-o", folder.Path($"{i}"));
            foreach (var layer in (int[])[2, 3])
                Assert.Equal(
                    Read(folder.Path($"{i}", $"trace-L{layer}.json")) with { Prompt = i },
                    Read(folder.Path($"trace-prompt{i + 1}-L{layer}.json")));
            Assert.Contains(string.Join('\n', Paths(single)[..1]), batch.Output, StringComparison.Ordinal);
            Assert.Contains($"Prompt {i + 1} of 3, {file}:{i + 1}\n", batch.Output, StringComparison.Ordinal);
        }

        Assert.Contains("\nOver all 3 prompts, mean ± spread:\n", batch.Output, StringComparison.Ordinal);
        var page = File.ReadAllText(Page);
        Assert.Contains("3: When John and Mary went to", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_shared_memory_takes_files()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "This system has no folder in shared memory.");
        var shared = Directory.CreateDirectory($"/dev/shm/{Path.GetRandomFileName()}");
        try
        {
            var run = CommandRun.Of("trace", Prompt, "-o", shared.FullName, "--json", shared.FullName + "/a.json");
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal(3, shared.GetFiles().Length);
        }
        finally
        {
            shared.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_generated_token_can_be_traced()
    {
        var run = Trace(Prompt, "--generate", "20", "--trace-token", "1");
        Assert.Equal("", run.Error);
        var trace = Written();
        Assert.Equal(15, trace.TargetPosition);
        Assert.Equal(" Mary", trace.Tokens[14].Text);
        Assert.Equal(".", trace.Tokens[15].Text);
        Assert.Contains("Then        Mary.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_device_changes_nothing_that_is_printed()
    {
        Assert.Equal(Paths(Trace(Prompt)), Paths(Trace(Prompt, "--device", "plain")));
        Assert.Equal(Paths(Trace(Prompt)), Paths(Trace(Prompt, "--device", "cpu", "--threads", "3")));
    }

    [Fact]
    public void A_prompt_may_begin_with_an_at_sign() => Assert.Equal(0, Trace("@home").ExitCode);

    [Theory]
    [InlineData("--layers is 99, expected -4 to 3 for a model of 4 layers.", "--layers", "99")]
    [InlineData("--position is 7, expected -1 to 0 for a prompt of 1 token.", "--position", "7")]
    [InlineData("the prompt: the attention mask is for 2 tokens, but the prompt has 1.", "--attention-mask", "01")]
    [InlineData(
        "--bos-token-id is 1350, expected 0 to 1349, the model's vocabulary.", "--bos-token-id", "1350")]
    public void What_the_model_or_the_prompt_does_not_have_is_refused_with_exit_code_1(
        string message, params string[] more) => Trace(["a", .. more]).Refuses(message);

    [Fact]
    public void An_empty_prompt_is_refused()
    {
        Trace("").IsMisused("the prompt is empty, expected at least one token.");
        CommandRun.WithText("\n", "trace", "-o", folder.Root).Refuses(
            "standard input: the prompt is empty, expected at least one token.");
    }

    [Fact]
    public void A_model_that_is_not_there_is_refused_in_one_line()
    {
        var file = folder.Path("file");
        File.WriteAllText(file, "");
        var absent = Trace("a", "--model", folder.Path("nothing"));
        Assert.Equal((1, 1), (absent.ExitCode, absent.Error.Count(character => character == '\n')));
        Assert.Contains("nothing", absent.Error, StringComparison.Ordinal);
        Trace("a", "--model", file).Refuses($"{file}: is a file, expected the folder of a model.");
        var output = CommandRun.Of("trace", "a", "--output", file);
        output.Refuses($"{file}: a file, expected a folder for the output; give another with --output.");
    }

    [Fact]
    public void Bad_usage_says_where_the_help_is()
    {
        Trace("a", "--text", "b").IsMisused("the prompt is given twice, as an argument and with --text; give it once.");
        CommandRun.Of("trace").IsMisused(
            "there is no prompt: give it as an argument, with --text, --ids or --prompts, or on standard input.");
        Trace("a", "--generate", "1", "--trace-token", "0", "--position", "1")
            .IsMisused("--trace-token and --position both say what to trace; give one of them.");
        Trace("a", "--threads", "-1").IsMisused("--threads is -1, expected 0 to 1024.");
        Trace("a", "--threads", "2", "--device", "plain").IsMisused(
            "--threads is for cpu and ilgpu-cpu; --device is 'plain'.");
        Trace("a", "--length-norm", "log").IsMisused(
            "--length-norm is 'log', expected none, avg_logprob, sqrt or pow:NUMBER, such as pow:0.7, with a number "
            + "from -30 to 30.");
        Trace("a", "--attention-mask", "0x").IsMisused(
            "--attention-mask is '0x', which has a 'x', expected only the digits 0 and 1.");
        Assert.Equal(0, CommandRun.Of("trace", "--output", folder.Root, "--", "--gnerate").ExitCode);
        Assert.Equal(0, Trace("- a list").ExitCode);
    }

    [Theory]
    [InlineData("quantum")]
    [InlineData("")]
    [InlineData("CPU")]
    [InlineData("ilgpu:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:x")]
    [InlineData("opencl:-1")]
    [InlineData("cuda:0:0")]
    public void A_device_of_no_known_name_is_refused(string device) => Trace("a", "--device", device).IsMisused(
        $"--device is '{device}', expected auto, cpu, plain, ilgpu, ilgpu-cpu, opencl[:n], cuda[:n] or cuda-fast[:n].");

    [Fact]
    public void What_a_message_quotes_does_not_command_the_terminal()
    {
        var run = Trace("a", "--model", "\u001b]0;title\u0007\u202e");
        Assert.Equal(1, run.ExitCode);
        Assert.DoesNotContain(run.Error, character => character is '\u001b' or '\u0007' or '\u202e');
        Assert.Equal(2, Trace("a", "--device", "\u001b[2J").ExitCode);
        Assert.DoesNotContain('\u001b', Trace("a", "--device", "\u001b[2J").Error);
    }

    [Fact]
    public void A_line_break_in_a_name_is_seen_and_a_long_name_is_shortened()
    {
        var expected = Trace("a", "--model", "no-model").Error["ratilgpu: ".Length..^1];
        Trace("a", "--model", "no\nmodel").Refuses(
            expected.Replace("no-model", @"no\nmodel", StringComparison.Ordinal));
        var run = CommandRun.Of("compare", new string('x', 200_000), "b.json");
        Assert.InRange(run.Error.Length, 100, 1000);
        Assert.StartsWith("ratilgpu: xxx", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("is too long.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_that_nobody_can_read_keeps_its_exit_code()
    {
        var terminal = new Terminal(Stream.Null, false, TextWriter.Null, new BrokenWriter(), ShowsProgress: false);
        Assert.Equal(2, CommandLine.Run(["trace", "a", "--layers", "x"], terminal));
        Assert.Equal(1, CommandLine.Run(["trace", "a", "--layers", "9"], terminal));
    }

    [Fact]
    public void A_folder_in_the_way_is_refused_before_anything_is_written()
    {
        Directory.CreateDirectory(Data);
        Trace(Prompt).Refuses($"{Data}: a folder, expected none of that name; give another with --output.");
        Assert.False(File.Exists(Page));
    }

    [Fact]
    public void A_folder_of_a_name_that_is_not_written_is_not_in_the_way()
    {
        Directory.CreateDirectory(Data);
        Assert.Equal(0, Trace(Prompt, "--layers", "0,1").ExitCode);
        Assert.True(Directory.Exists(Data));
    }

    [Fact]
    public void Data_of_an_earlier_run_do_not_stay_beside_the_page_of_another()
    {
        Trace(Prompt);
        var several = Trace(Prompt, "--layers", "0,2");
        Assert.Equal(
            [Page, folder.Path("trace-L0.json"), folder.Path("trace-L2.json")],
            Directory.GetFiles(folder.Root).Order());
        Assert.Contains($"\nDeleted, of an earlier run: {Data}\n", several.Output, StringComparison.Ordinal);
        Trace(Prompt);
        Assert.Equal([Page, Data], Directory.GetFiles(folder.Root).Order());
        Assert.DoesNotContain("Deleted", Trace(Prompt).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trace-L7.json", "{\"beams\": []}")]
    [InlineData("trace-L01.json", "{\"ratilgpu\": {}}")]
    [InlineData("trace-L0.json", "{\"my\": 1, \"ratilgpu\": {\"notes\": \"mine\"}}")]
    [InlineData("my-trace.json", "{\"ratilgpu\": {}}")]
    [InlineData("x.txt", "")]
    public void Files_from_elsewhere_are_never_deleted(string name, string text)
    {
        File.WriteAllText(folder.Path(name), text);
        Assert.Equal("", Trace(Prompt).Error);
        Assert.Equal(text, File.ReadAllText(folder.Path(name)));
    }

    [Theory]
    [InlineData("index.html", "<!doctype html>\n<html lang=\"en\" data-page=\"mine\">")]
    [InlineData("index.html", "<!doctype html><html><body>My own page, data-page=\"trace\"</body></html>")]
    [InlineData("trace.json", "{\"tokens\": [\"ratilgpu: {\"]}")]
    [InlineData("trace.json", "")]
    public void Files_from_elsewhere_are_never_replaced(string name, string text)
    {
        var file = folder.Path(name);
        File.WriteAllText(file, text);
        Trace(Prompt).Refuses(
            $"{file}: was not written by ratilgpu and would be replaced; move it, or give another folder with "
            + "--output.");
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    public void A_model_without_a_form_for_chats_says_what_to_do()
    {
        var run = Trace("a", "--chat");
        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith(
            "tokenizer_config.json: has no chat_template, so this model has no form for chats. "
            + "Write the chat as plain text instead. Leave out --chat for that.\n",
            run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_folder_that_cannot_be_made_is_refused_before_the_model_is_loaded()
    {
        var file = folder.Path("file");
        File.WriteAllText(file, "");
        var under = Path.Combine(file, "under");
        var run = CommandRun.Of("trace", "a", "--model", "none", "--output", under);
        Assert.Equal((1, 1), (run.ExitCode, run.Error.Count(character => character == '\n')));
        Assert.StartsWith($"ratilgpu: {under}: cannot be written to (", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("; give another with --output.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Trying_the_output_folder_leaves_nothing_behind()
    {
        CommandRun.Of("trace", "a", "--layers", "99", "--output", folder.Path("new", "newer"));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void Paths_that_cannot_be_kept_are_printed()
    {
        // A folder that was tried goes again: then a file takes its place, long before the page is written.
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(Stream.Null, IsInputPiped: false, output, error, ShowsProgress: false);
        var target = folder.Path("output");
        using var watcher = new FileSystemWatcher(folder.Root) { EnableRaisingEvents = true };
        watcher.Deleted += (_, _) => File.WriteAllText(target, "in the way");
        Assert.Equal(1, CommandLine.Run(["trace", Prompt, "--device", "plain", "--output", target], terminal));
        Assert.Contains("  1.  When -> \" Mary\" -> \" to\" (score: -0.6809)\n", output.ToString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("Wrote", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(target, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_printed_once_whether_or_not_they_are_kept_unless_the_run_is_stopped()
    {
        var printed = 0;
        Assert.Equal(7, TraceCommand.AndPrint(() => 7, () => printed++));
        Assert.Throws<IOException>(() => TraceCommand.AndPrint<int>(() => throw new IOException(), () => printed++));
        Assert.Equal(2, printed);
        Assert.Throws<OperationCanceledException>(
            () => TraceCommand.AndPrint<int>(() => throw new OperationCanceledException(), () => printed++));
        Assert.Equal(2, printed);
    }

    [Fact]
    public void A_run_that_waits_for_standard_input_can_be_stopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        using var input = new AnonymousPipeServerStream(PipeDirection.In);
        var error = new StringWriter { NewLine = "\n" };
        foreach (var command in (string[])["trace", "tokenize"])
        {
            var terminal = new Terminal(input, IsInputPiped: true, TextWriter.Null, error, ShowsProgress: false);
            Assert.Equal(130, CommandLine.Run([command], terminal, stop.Token));
        }

        Assert.Equal("ratilgpu: stopped.\nratilgpu: stopped.\n", error.ToString());
    }

    [Fact]
    public void A_refused_run_leaves_an_earlier_page_as_it_was()
    {
        Trace(Prompt);
        var before = File.ReadAllText(Page);
        Trace(Prompt, "--layers", "99");
        Assert.Equal(before, File.ReadAllText(Page));
    }

    [Fact]
    public void A_stack_trace_is_shown_only_when_asked_for()
    {
        Assert.DoesNotContain("   at ", Trace("a", "--layers", "99").Error, StringComparison.Ordinal);
        Assert.Contains("   at ", Trace("a", "--layers", "99", "--verbose").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_that_cannot_be_written_is_named()
    {
        using var full = new NamedStream(new FullDisk(), "standard output");
        var (output, error) = (new StreamWriter(full) { AutoFlush = true }, new StringWriter { NewLine = "\n" });
        var terminal = new Terminal(Stream.Null, IsInputPiped: false, output, error, ShowsProgress: false);
        Assert.Equal(1, CommandLine.Run(["tokenize", "a"], terminal));
        Assert.Equal(
            "ratilgpu: standard output: cannot be written to (No space left on device).\n", error.ToString());
    }

    CommandRun Trace(params string[] args) => CommandRun.Of(["trace", .. args, "--output", folder.Root]);

    TraceResult Written() => TraceJson.Read(File.ReadAllText(Data));

    // The command line differs.
    static TraceResult Read(string file) => TraceJson.Read(File.ReadAllText(file)) with { Origin = null };

    static string[] Paths(CommandRun run) =>
        [.. run.Output.Split('\n').Where(line => line.Contains("(score:", StringComparison.Ordinal))];

    sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }

    sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("No space left on device.");
    }
}
