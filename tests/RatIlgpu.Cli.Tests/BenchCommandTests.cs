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

    [Theory]
    [InlineData("trace")]
    [InlineData("full")]
    [InlineData("last")]
    [InlineData("decode")]
    public void Weights_that_are_not_numbers_are_named_and_not_timed(string work)
    {
        var own = Path.Combine(benches.Cache, "tiny");
        Directory.CreateDirectory(cache.Path("tiny"));
        foreach (var file in Directory.GetFiles(own))
            File.Copy(file, cache.Path("tiny", Path.GetFileName(file)));
        var weights = cache.Path("tiny", "model.safetensors");
        using (var file = SafetensorsFile.Open(Path.Combine(own, "model.safetensors")))
            SafetensorsWriter.Write(weights, file.Names.Select(name => new SafetensorsTensor(
                name, file.FormatOf(name), file.ShapeOf(name), (_, piece) => piece.Fill(double.NaN))));

        CommandRun.Of("bench", "--shape", "tiny", "--cache", cache.Root, "--tokens", "3", "--work", work).Refuses(
            $"The logits are not numbers. {weights}: 'model.embed_tokens.weight' holds NaN at 0 of 172,800, expected "
            + "finite numbers: the training diverged, or the file is damaged.");
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
    public void A_pass_for_the_last_logits_counts_of_the_last_layer_what_the_last_position_needs()
    {
        var run = Run("--cache", benches.Cache, "--work", "last", "--tokens", "3", "--json", "-");
        Assert.Empty(run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var row = Assert.Single(json.RootElement.GetProperty("rows").EnumerateArray());
        Assert.Equal(3, row.GetProperty("tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("layer").ValueKind);

        // 3 layers of 3 tokens; of the last one keys and values, 2·32 numbers each; at one position queries, output
        // projection and MLP, scores and mixing over 3 keys; and its logits.
        var operations = 3 * 3 * 2 * (128 * 192 + 128 * 128 + 3 * 128 * 352 + 128 * 4)
            + 3 * 2 * 128 * 64 + 2 * (2 * 128 * 128 + 3 * 128 * 352 + 2 * 128 * 3) + 2 * 128 * 1350;
        var done = row.GetProperty("seconds").GetDouble() * row.GetProperty("flops_per_second").GetDouble();
        Assert.Equal(operations, done, 1e-3);
    }

    [Fact]
    public void Tokens_written_after_a_prompt_are_counted_with_the_weights_that_each_reads()
    {
        var run = Run("--cache", benches.Cache, "--work", "decode", "--tokens", "3", "--json", "-");
        Assert.Empty(run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var row = Assert.Single(json.RootElement.GetProperty("rows").EnumerateArray());
        Assert.Equal((3, 32), (row.GetProperty("tokens").GetInt32(), row.GetProperty("new_tokens").GetInt32()));

        // 32 tokens of 4 layers and the logits; the new ones see 4 to 35 keys, 19.5 in the mean.
        var layer = 2 * (128 * (128 + 2 * 32) + 128 * 128 + 3 * 128 * 352 + 2 * 128 * 19.5);
        var seconds = row.GetProperty("seconds").GetDouble();
        Assert.Equal(
            32 * (4 * layer + 2 * 128 * 1350), seconds * row.GetProperty("flops_per_second").GetDouble(), 1e-3);
        Assert.Equal(32, seconds * row.GetProperty("tokens_per_second").GetDouble(), 1e-9);
        Assert.Equal(
            32.0 * row.GetProperty("weight_bytes").GetInt64(),
            seconds * row.GetProperty("weight_bytes_per_second").GetDouble(), 1e-3);
    }

    [Theory]
    [InlineData("tiny", true)]
    [InlineData("qwen2-7b", false)]
    public void A_token_reads_all_weights_but_of_an_embedding_of_its_own_only_a_row(string shape, bool readsAll)
    {
        var config = BenchShape.Find(shape);
        var embedding = (long)config.VocabularySize * config.HiddenSize * sizeof(ushort);
        Assert.Equal(
            RandomCheckpoint.WeightBytes(config) - (readsAll ? 0 : embedding), RandomCheckpoint.BytesOfToken(config));
    }

    [Fact]
    public void Every_run_writes_the_same_tokens_after_the_prompt()
    {
        using var device = new CpuDevice(1);
        using var checkpoint = Checkpoint.Open(Path.Combine(benches.Cache, "tiny"));
        using var model = new Models.Qwen2Model(BenchShape.Find("tiny"), checkpoint, device);
        int[] prompt = [13, 7, 20];
        using var decoding = new Decoding(model, prompt, TestContext.Current.CancellationToken);
        decoding.Run();
        var written = decoding.Written.ToArray();
        decoding.Run();
        Assert.Equal(1 + 32, written.Length);
        Assert.Equal(written, decoding.Written);

        // The likeliest of a run over the prompt and all before it.
        for (var count = 0; count < 3; count++)
        {
            using var logits = model.Forward([.. prompt, .. written[..count]], new() { LogitCount = 1 });
            var numbers = device.Download(logits);
            Assert.Equal(numbers.Index().MaxBy(one => one.Item).Index, written[count]);
        }
    }

    [Fact]
    public void A_profile_names_the_kernels_of_a_device_of_ilgpu()
    {
        var run = Run(
            "--cache", benches.Cache, "--tokens", "2", "--layers", "0", "--device", "ilgpu-cpu", "--profile",
            "--json", "-");
        Assert.Empty(run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var kernels = json.RootElement.GetProperty("rows")[0].GetProperty("kernels");
        Assert.NotEmpty(kernels.EnumerateArray());
        Assert.All(kernels.EnumerateArray(), kernel => Assert.True(kernel.GetProperty("launches").GetInt32() > 0));

        using var plain = JsonDocument.Parse(benches.First.Output);
        Assert.Equal(
            JsonValueKind.Null, plain.RootElement.GetProperty("rows")[0].GetProperty("kernels").ValueKind);
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
    public void A_folder_that_cannot_be_made_is_named_with_a_cure()
    {
        var under = Path.Combine(cache.Write([], "file"), "folder");
        var run = Bench("--cache", under);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"ratilgpu: {under}: cannot be written to (", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("); give another with --cache.\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Could not", run.Error, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
            Bench("--cache", "/proc/zzz").Refuses(
                "/proc/zzz: cannot be written to (the folder takes no files); give another with "
                + "--cache.");
    }

    [Fact]
    public void Weights_that_end_early_are_to_be_deleted_and_made_anew()
    {
        var own = Path.Combine(benches.Cache, "tiny");
        cache.Write(File.ReadAllBytes(Path.Combine(own, "config.json")), "tiny", "config.json");
        var weights = cache.Write(
            File.ReadAllBytes(Path.Combine(own, "model.safetensors"))[..^9], "tiny", "model.safetensors");
        var run = Bench("--tokens", "2");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"ratilgpu: {weights}: ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            ": the rest of it is missing; delete the file, and the next bench makes it anew.\n", run.Error,
            StringComparison.Ordinal);
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
        Bench("--work", "half").IsMisused("--work is 'half', expected trace, full, last, decode.", " bench");
        Bench("--work", "full", "--layers", "1").IsMisused(
            "--layers says which layers to trace; --work full runs all of them.", " bench");
        Bench("--work", "last", "--layers", "1").IsMisused(
            "--layers says which layers to trace; --work last runs all of them.", " bench");
        Bench("--work", "decode", "--layers", "1").IsMisused(
            "--layers says which layers to trace; --work decode runs all of them.", " bench");
        Bench("--work", "decode", "--tokens", "131041").IsMisused(
            "--tokens has 131041, expected 1 to 131040.", " bench");
        Bench("--profile", "--device", "cpu").IsMisused(
            "--profile times the kernels of ILGPU's devices; --device is 'cpu', expected one of those.", " bench");
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
