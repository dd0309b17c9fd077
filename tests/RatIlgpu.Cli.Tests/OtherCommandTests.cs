using System.Diagnostics;
using System.Text.Json;
using RatIlgpu.Ilgpu;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class OtherCommandTests
{
    [Fact]
    public void Tokens_are_printed_as_json()
    {
        var run = CommandRun.Of("tokenize", "When Mary", "--json", "-");
        using var json = JsonDocument.Parse(run.Output);
        var tokens = json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString());
        Assert.Equal(["When", " Mary"], tokens);
        Assert.Equal(2, json.RootElement.GetProperty("ids").GetArrayLength());
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void Standard_input_is_tokenized_with_all_its_line_breaks()
    {
        var run = CommandRun.WithText(" a\uFEFF\r\n\n", "tokenize", "--json", "-");
        using var json = JsonDocument.Parse(run.Output);
        var tokens = json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());
        var tokenizer = Tokenizer.Load(DemoModel.Folder);
        Assert.Equal(" a\uFEFF\r\n\n", tokenizer.Decode([.. tokens]));
    }

    [Fact]
    public void Standard_input_that_is_no_text_is_refused() =>
        CommandRun.With([0x61, 0xFF], "tokenize").Refuses(
            "standard input: byte 1 is not UTF-8, expected UTF-8, or UTF-16 with a byte order mark; save it as UTF-8.");

    [Fact]
    public void A_device_that_fails_is_reported_in_one_line()
    {
        var lost = new DeviceException(
            "cuda:0: the driver failed with CUDA_ERROR_UNKNOWN.", new InvalidOperationException());
        Assert.Equal((1, $"ratilgpu: {lost.Message}\n"), RunWith(lost, "tokenize"));
    }

    [Fact]
    public void A_fault_that_nobody_expected_is_one_line_and_its_place_is_shown_on_demand()
    {
        var fault = new InvalidOperationException("Sequence contains\nno elements.");
        const string Line = "ratilgpu: tokenize failed with InvalidOperationException: Sequence contains\\nno elements."
            + " This is a fault of ratilgpu: give --verbose to see where, and report it.\n";
        Assert.Equal((1, Line), RunWith(fault, "tokenize"));
        var (code, said) = RunWith(fault, "tokenize", "--verbose");
        Assert.Equal(1, code);
        Assert.StartsWith(Line, said, StringComparison.Ordinal);
        Assert.Contains($"   at {typeof(OtherCommandTests).FullName}", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(OverflowException))]
    [InlineData(typeof(DivideByZeroException))]
    public void A_fault_of_arithmetic_of_the_program_is_not_told_as_one_of_the_weights(Type type)
    {
        var (code, said) = RunWith((Exception)Activator.CreateInstance(type, "Beyond.")!, "tokenize");
        Assert.Equal(
            (1, $"ratilgpu: tokenize failed with {type.Name}: Beyond. This is a fault of ratilgpu: give --verbose to "
                + "see where, and report it.\n"),
            (code, said));
        Assert.Equal(
            (1, "ratilgpu: A logit is infinite.\n"),
            RunWith(new ArithmeticException("A logit is infinite."), "tokenize"));
    }

    [Theory]
    [InlineData("model.norm.weight is not a number.", 1)]
    [InlineData(null, 130)]
    public void What_a_thread_of_several_throws_is_told_without_its_wrapping(string? message, int expected)
    {
        Exception inner = message is null ? new OperationCanceledException() : new ArithmeticException(message);
        var (code, said) = RunWith(new AggregateException(new AggregateException(inner)), "tokenize");
        Assert.Equal((expected, $"ratilgpu: {message ?? "stopped."}\n"), (code, said));
    }

    [Fact]
    public void A_folder_with_only_a_tokenizer_is_enough()
    {
        using var folder = new TemporaryFolder();
        folder.Copy(DemoModel.Folder, "vocab.json", "merges.txt");
        var run = CommandRun.Of("tokenize", " Mary", "--model", folder.Root);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("\" Mary\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_are_listed()
    {
        var run = CommandRun.Of("devices");
        Assert.Equal(0, run.ExitCode);
        foreach (var name in (string[])["cpu ", "plain ", "ilgpu"])
            Assert.Contains(name, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_guide_names_every_device()
    {
        var guide = File.ReadAllText(Repository.Path("docs", "parameters.md"));
        foreach (var name in (string[])["auto", "cpu", "plain", "ilgpu", "ilgpu-cpu", "opencl", "cuda", "cuda-fast"])
            Assert.Contains($"`{name}`", guide, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("ilgpu-cpu")]
    public void A_level_of_vectors_that_is_none_is_refused_in_one_line(string device)
    {
        // In a process of its own, since the level is chosen once for each.
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(CommandLine).Assembly.Location, "trace", "--device", device, "When Mary"])
        {
            Environment = { ["RATILGPU_SIMD"] = "all" },
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("ratilgpu: RATILGPU_SIMD: 'all' is none of scalar, 128, 256, 512.", said.TrimEnd());
        Assert.Equal(1, process.ExitCode);
    }

    [Fact]
    public void Golden_folders_are_verified()
    {
        var run = CommandRun.Of(["verify", .. Directory.GetDirectories(Repository.Path("tests", "golden"))]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(12, run.Output.Split('\n').Count(line => line.StartsWith("ok", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_golden_folder_that_differs_is_a_miss()
    {
        using var folder = new TemporaryFolder();
        folder.Copy(Repository.Path("tests", "golden", "tiny-gqa-tied-f32"));
        var golden = folder.Path("golden.json");
        var ids = File.ReadAllText(golden);
        File.WriteAllText(golden, ids.Replace("[46, 15,", "[46, 16,", StringComparison.Ordinal));
        var run = CommandRun.Of("verify", folder.Root);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("MISS", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_goldens_is_refused() =>
        CommandRun.Of("verify", Repository.Path("samples", "demo-model")).Refuses(
            $"{Repository.Path("samples", "demo-model")}: no golden.json; "
            + "expected a checkpoint with golden.json and golden.safetensors.");

    [Fact]
    public void Tokens_of_several_texts_are_printed_one_after_another()
    {
        var run = CommandRun.WithText("When Mary\n\nThe", "tokenize", "--prompts", "-");
        Assert.Equal("", run.Error);
        Assert.Contains("standard input:1: 2 tokens\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n\nstandard input:3: 1 token\n", run.Output, StringComparison.Ordinal);
        var json = CommandRun.WithText("When Mary\n\nThe", "tokenize", "--prompts", "-", "--json", "-").Output;
        using var parsed = JsonDocument.Parse(json);
        Assert.Equal([2, 1], parsed.RootElement.GetProperty("prompts").EnumerateArray()
            .Select(prompt => prompt.GetProperty("ids").GetArrayLength()));
    }

    [Fact]
    public void What_fails_because_it_is_stopped_was_stopped()
    {
        var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(Stream.Null, IsInputPiped: false, TextWriter.Null, error, ShowsProgress: false);
        var code = CommandLine.Run(["verify", "no-such-folder"], terminal, new CancellationToken(canceled: true));
        Assert.Equal((130, "ratilgpu: stopped.\n"), (code, error.ToString()));
    }

    static (int Code, string Said) RunWith(Exception fault, params string[] args)
    {
        var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(
            new FailingInput(fault), IsInputPiped: true, TextWriter.Null, error, ShowsProgress: false);
        return (CommandLine.Run(args, terminal), error.ToString());
    }

    // Stands in for whatever fails while a command runs, such as a card that is lost.
    sealed class FailingInput(Exception fault) : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw fault;
    }
}
