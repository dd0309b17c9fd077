using RatIlgpu.Analysis;
using RatIlgpu.Cli.Analysis;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class PatchPartialTests : IDisposable
{
    const string Clean = "When Mary and John went to the store, John gave a drink to";
    const string Corrupted = "When Mary and John went to the store, Mary gave a drink to";

    readonly TemporaryFolder folder = new();
    readonly StringWriter error = new() { NewLine = "\n" };

    public void Dispose()
    {
        folder.Dispose();
        error.Dispose();
    }

    string Part => folder.Path("part");

    Terminal Screen => new(Stream.Null, false, TextWriter.Null, error, ShowsProgress: false);

    [Theory]
    [InlineData("--source", "all")]
    [InlineData("--source", "L0H3,L1H0", "--axes", "layer", "-i", "value")]
    [InlineData("-a", "head-output", "--axes", "position,head")]
    [InlineData("-a", "pattern", "--metric", "kl-divergence")]
    public void What_is_kept_is_all_that_the_same_command_needs(params string[] more)
    {
        var plain = Patch(more);
        var first = Patch([.. more, "--partial", Part]);
        var (part, bytes) = (PartialPatches.Load(Part), File.ReadAllBytes(Part));
        Assert.Equal(part.Total, part.Done);
        var second = Patch([.. more, "--partial", Part]);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Equal((plain.Output, plain.Output), (first.Output, second.Output));
        Assert.Equal(bytes, File.ReadAllBytes(Part));
    }

    [Fact]
    public void A_run_that_is_stopped_is_gone_on_with_by_the_same_command()
    {
        string[] words = ["-a", "head-output", "--answer", " Mary", "--foil", " John", "--device", "cpu"];
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => new PatchKeeping(Part, Screen).Run(
            (kept, progress) => Sweep(kept, new Each(progress, done =>
            {
                if (done == 5)
                    stop.Cancel();
            }), stop.Token), stop.Token));
        Assert.Equal(
            $"ratilgpu: note: 8 patches are kept in {Part}; the same command goes on from there.\n", error.ToString());
        Assert.Equal((8, 32), (PartialPatches.Load(Part).Done, PartialPatches.Load(Part).Total));

        var rest = Patch([.. words, "--partial", Part]);
        Assert.Equal((0, ""), (rest.ExitCode, rest.Error));
        Assert.Equal(Patch(words).Output, rest.Output);
        Assert.Equal(32, PartialPatches.Load(Part).Done);
    }

    [Fact]
    public void A_run_that_fails_midway_keeps_what_it_has()
    {
        var fault = Assert.Throws<IOException>(() => new PatchKeeping(Part, Screen).Run<bool>(
            (kept, progress) =>
            {
                Sweep(kept, new Each(progress, done => _ = done < 7 ? 0 : throw new IOException("No card.")));
                return true;
            }, CancellationToken.None));
        Assert.Equal("No card.", fault.Message);
        Assert.Equal(
            $"ratilgpu: note: 7 patches are kept in {Part}; the same command goes on from there.\n", error.ToString());
        Assert.Equal(7, PartialPatches.Load(Part).Done);
    }

    [Theory]
    [InlineData(true, "ratilgpu: note: 1 patch is lost; with --partial FILE a run that is stopped goes on where it "
        + "was.\n")]
    [InlineData(false, "")]
    public void Without_a_file_it_is_said_what_a_stop_costs(bool isStopped, string note)
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<Exception>(() => new PatchKeeping(null, Screen).Run<bool>(
            (kept, progress) =>
            {
                Assert.Null(kept);
                progress.Report(new(1, 9) { Share = 0.1 });
                if (isStopped)
                    stop.Cancel();
                throw new IOException("No card.");
            }, stop.Token));
        Assert.Equal(note, error.ToString());
    }

    [Fact]
    public void Patches_that_cannot_be_kept_are_not_lost()
    {
        Directory.CreateDirectory(folder.Path("gone"));
        var keeping = new PatchKeeping(folder.Path("gone/part"), Screen);
        var found = keeping.Run(
            (kept, progress) => Sweep(kept, new Each(progress, done =>
            {
                if (done == 1)
                    Directory.Delete(folder.Path("gone"));
            })), CancellationToken.None);
        Assert.Equal(32, found.Grids[0].Patched.Count());
        Assert.Equal(
            $"{folder.Path("gone/part")}: there is no such folder to write to.",
            Assert.Throws<DirectoryNotFoundException>(keeping.End).Message);
    }

    [Fact]
    public void A_command_that_is_stopped_before_its_first_patch_leaves_no_file()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var code = CommandLine.Run(
            ["patch", "--clean", Clean, "--corrupted", Corrupted, "-s", "all", "--answer", " Mary", "--partial", Part],
            Screen, stop.Token);
        Assert.Equal((130, "ratilgpu: stopped.\n"), (code, error.ToString()));
        Assert.Equal([], Directory.GetFiles(folder.Root));
    }

    [Theory]
    [InlineData("--input is query, expected key", "-s", "all", "-i", "key")]
    [InlineData("--source is all, expected L0H1", "-s", "L0H1")]
    [InlineData("--answer is #514, expected #560", "-s", "all", "--answer", " John")]
    [InlineData("--position is 13, expected 12", "-s", "all", "--answer", " Mary", "--position", "-2")]
    [InlineData("--layers is all, expected 2,3", "-s", "all", "--layers", "2:4")]
    public void A_file_of_other_arguments_is_refused_and_stays(string what, params string[] more)
    {
        Assert.Equal(0, Patch("-s", "all", "--partial", Part).ExitCode);
        var before = File.ReadAllBytes(Part);
        Patch([.. more, "--partial", Part]).Refuses(
            $"{Part}: {what}; go on with what the file was made with, or name another file.");
        Assert.Equal(before, File.ReadAllBytes(Part));
    }

    [Fact]
    public void A_file_of_other_prompts_is_refused()
    {
        Assert.Equal(0, Patch("-s", "all", "--partial", Part).ExitCode);
        var run = CommandRun.Of(
            "patch", "--clean", Corrupted, "--corrupted", Clean, "-s", "all", "--answer", " Mary", "--partial", Part);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(
            $"ratilgpu: {Part}: text of the prompts is 1 pair (SHA-256 ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_part_is_neither_gone_on_with_nor_replaced()
    {
        File.WriteAllText(Part, "my notes");
        Patch("-s", "all", "--partial", Part).Refuses(
            $"{Part}: is no part of a sweep of patches, expected a file that patch --partial wrote.");
        Assert.Equal("my notes", File.ReadAllText(Part));
    }

    [Theory]
    [InlineData("--json and --partial name the same file; give two.", "--json", "a", "--partial", "a")]
    [InlineData("--svg and --partial name the same file; give two.", "--svg", "a", "--partial", "a")]
    [InlineData("--partial and --record name the same file; give two.", "--record", "a", "--partial", "a-clean")]
    [InlineData("--partial is a dash, expected a file: standard output takes text only.", "--partial", "-")]
    [InlineData("--partial names the folder of --output; give another name.", "-o", "a", "--partial", "a")]
    [InlineData(
        "--partial names patch.html in the folder of --output, where the command writes its own files; give another "
        + "name.", "-o", "a", "--partial", "a/patch.html")]
    public void A_file_that_would_be_overwritten_is_refused(string message, params string[] more) =>
        Patch(["-s", "all", .. more]).IsMisused(message, " patch");

    [Fact]
    public void A_folder_that_is_not_there_is_refused_before_the_model_is_loaded() =>
        Patch("-s", "all", "--model", "none", "--partial", folder.Path("none/part")).Refuses(
            $"{folder.Path("none/part")}: there is no such folder to write to; make it, or give another file with "
            + "--partial.");

    [Fact]
    public void An_output_that_cannot_be_written_takes_no_other_with_it()
    {
        // With what tells the two runs apart, the name is longer than names may be.
        var record = folder.Path(new string('a', 250));
        var run = Patch(
            "-s", "L0H1", "--record", record, "--json", folder.Path("json"), "--svg", folder.Path("svg"), "-o",
            folder.Path("page"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("aaa-clean", run.Error, StringComparison.Ordinal);
        foreach (var file in (string[])["json", "svg", "page/patch.html"])
            Assert.True(File.Exists(folder.Path(file)), file);
    }

    // Some rows at once, as many as the heads of a layer, whatever the batches of a command.
    static PatchBatch<PatchTarget> Sweep(
        PartialPatches? kept, IProgress<SweepProgress> progress, CancellationToken cancellation = default)
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var pair = new PromptPair(Ids(Clean).AsSpan(), Ids(Corrupted).AsSpan());
        var metric = new LogitMetric.Logit(
            new(model.Tokenizer.Encode(" Mary").Ids[0], model.Tokenizer.Encode(" John").Ids[0]), 13);
        return new ActivationPatching(model.Network) { Progress = progress }.SweepPairs(
            [new(pair, metric)], new(Activation.HeadOutput, PatchAxes.Head), null, kept, cancellation);

        ImmutableArray<int> Ids(string text) => [.. model.Tokenizer.EncodePrompt(text).Ids];
    }

    static CommandRun Patch(params string[] more) => CommandRun.Of(
    [
        "patch", "--clean", Clean, "--corrupted", Corrupted,
        .. more.Contains("--answer") || more.Contains("--metric") ? [] : (string[])["--answer", " Mary"], .. more,
    ]);

    sealed class Each(IProgress<SweepProgress> next, Action<long> then) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value)
        {
            next.Report(value);
            then(value.Done);
        }
    }
}
