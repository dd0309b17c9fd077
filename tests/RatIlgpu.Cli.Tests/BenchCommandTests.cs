using System.Text.Json;
using RatIlgpu.Cli.Bench;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Tests;

public sealed class BenchCommandTests(BenchCommandTests.Benches benches)
    : IClassFixture<BenchCommandTests.Benches>, IDisposable
{
    readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Fact]
    public void A_row_is_measured_for_every_length_and_layer()
    {
        var run = benches.First;
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(
            [(3, 1), (3, 3), (5, 1), (5, 3)],
            rows.Select(row => (row.GetProperty("tokens").GetInt32(), row.GetProperty("layer").GetInt32())));
        string[] measured = ["seconds", "flops_per_second", "share_of_peak", "private_bytes", "peak_bytes"];
        foreach (var row in rows)
            foreach (var name in measured)
                Assert.True(row.GetProperty(name).GetDouble() > 0, name);
    }

    [Fact]
    public void The_middle_and_the_last_layer_are_measured_unless_said_otherwise()
    {
        var lines = benches.Second.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("tiny on cpu: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(["2", "2"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        Assert.Equal(["2", "3"], lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
    }

    [Fact]
    public void A_full_pass_runs_all_layers()
    {
        var run = Run("--cache", benches.Cache, "--work", "full", "--tokens", "3", "--json", "-");
        using var json = JsonDocument.Parse(run.Output);
        Assert.True(json.RootElement.GetProperty("first_run_seconds").GetDouble() > 0);
        var row = Assert.Single(json.RootElement.GetProperty("rows").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("layer").ValueKind);

        // 4 layers of 2·(128·(128 + 2·32) + 128·128 + 3·128·352 + 128·4), and the logits, 2·128·1350, for 3 tokens.
        var operations = 3 * (4 * 2 * (128 * 192 + 128 * 128 + 3 * 128 * 352 + 128 * 4) + 2 * 128 * 1350);
        var done = row.GetProperty("seconds").GetDouble() * row.GetProperty("flops_per_second").GetDouble();
        Assert.Equal(operations, done, 1e-3);
    }

    [Fact]
    public void The_checkpoint_is_made_once() => Assert.Equal(benches.Made, benches.MadeAfterSecond);

    [Fact]
    public void A_model_that_is_in_the_way_is_left_as_it_is()
    {
        var config = cache.Write("{}"u8.ToArray(), "tiny", "config.json");
        Bench("--tokens", "2").Refuses(
            $"{config}: describes another model than the bench makes; give another --cache, or delete its folder.");
        Assert.Equal("{}", File.ReadAllText(config));
        Assert.False(File.Exists(cache.Path("tiny", "model.safetensors")));
    }

    [Fact]
    public void A_file_in_the_place_of_the_cache_is_named()
    {
        var file = cache.Write([], "file");
        Bench("--cache", file).Refuses(
            $"{file}: a file, expected a folder for the checkpoint; give another with --cache.");
    }

    [Fact]
    public void A_stop_while_the_checkpoint_is_made_leaves_no_weights()
    {
        using var stream = new MemoryStream();
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var terminal = new Terminal(stream, IsInputPiped: false, output, error, ShowsProgress: true);
        var file = cache.Path("tiny", "model.safetensors");
        string[] args = ["bench", "--cache", cache.Root, "--shape", "tiny", "--tokens", "2"];
        Assert.Equal(130, CommandLine.Run(args, terminal, new CancellationToken(canceled: true)));
        Assert.Equal($"Making {file} of random weights, once.\nratilgpu: stopped.\n", error.ToString());
        Assert.Equal([cache.Path("tiny", "config.json")], Directory.GetFiles(cache.Path("tiny")));
    }

    [Fact]
    public void Nothing_is_written_for_a_device_or_work_that_is_not_there()
    {
        string[][] calls = [["--device", "opencl:99"], ["--device", "quantum"], ["--work", "half"]];
        foreach (var call in calls)
            Assert.NotEqual(0, Bench(call).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(cache.Root));
    }

    [Fact]
    public void The_size_of_a_checkpoint_is_known_before_it_is_made()
    {
        using var checkpoint = Checkpoint.Open(Path.Combine(benches.Cache, "tiny"));
        var bytes = checkpoint.Names.Sum(name => checkpoint.Tensor(name).Shape.Count * sizeof(ushort));
        Assert.Equal(bytes, RandomCheckpoint.WeightBytes(BenchShape.Find("tiny")));
    }

    [Fact]
    public void Wrong_calls_say_what_is_wrong()
    {
        Bench("--shape", "gpt-2").IsMisused(
            "--shape is 'gpt-2', expected one of qwen2-0.5b, qwen2-1.5b, qwen2-7b, tiny.", " bench");
        Bench("--repeats", "0").IsMisused("--repeats is 0, expected 1 or more.", " bench");
        Bench("--work", "half").IsMisused("--work is 'half', expected trace, full.", " bench");
        Bench("--work", "full", "--layers", "1").IsMisused(
            "--layers says which layers to trace; --work full runs all of them.", " bench");
        Bench("--tokens", "8,-3").IsMisused(
            "--tokens is '8,-3', which has a '-3', expected whole numbers with commas between, such as 12,7,9.",
            " bench");
        foreach (var length in (string[])["0", "131073"])
            Bench("--tokens", $"8,{length}").IsMisused($"--tokens has {length}, expected 1 to 131072.", " bench");
        Bench("--cache", "").IsMisused("--cache is empty, expected a folder.", " bench");
        Bench("--tokens", "2", "--layers", "9").IsMisused(
            "--layers is 9, expected -4 to 3 for a model of 4 layers.", " bench");
    }

    CommandRun Bench(params string[] args) =>
        Run(args.Contains("--cache") ? args : ["--cache", cache.Root, .. args]);

    static CommandRun Run(params string[] args)
    {
        string[] defaults =
        [
            .. args.Contains("--shape") ? (string[])[] : ["--shape", "tiny"],
            .. args.Contains("--repeats") ? (string[])[] : ["--repeats", "2"],
        ];
        return CommandRun.Of(["bench", .. defaults, .. args]);
    }

    /// <summary>Two runs with one cache: each measures the peak of the processor, which takes most of its time.
    /// </summary>
    public sealed class Benches : IDisposable
    {
        readonly TemporaryFolder cache = new();

        public Benches()
        {
            First = Run("--cache", Cache, "--tokens", "3,5", "--layers", "1,-1", "--json", "-");
            Made = Written;
            Second = Run("--cache", Cache, "--tokens", "2");
            MadeAfterSecond = Written;
        }

        internal CommandRun First { get; }

        internal CommandRun Second { get; }

        public string Cache => cache.Root;

        public DateTime Made { get; }

        public DateTime MadeAfterSecond { get; }

        DateTime Written => File.GetLastWriteTimeUtc(cache.Path("tiny", "model.safetensors"));

        public void Dispose() => cache.Dispose();
    }
}
