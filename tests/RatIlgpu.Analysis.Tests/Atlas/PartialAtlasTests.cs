using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class PartialAtlasTests : IDisposable
{
    static readonly AtlasOptions Few = new()
    {
        Documents = 4,
        TextLength = 64,
        RepeatSequences = 2,
        SuccessorPrompts = 6,
        IndirectObjectPrompts = 6,
    };

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_shard_that_is_killed_and_started_again_changes_nothing()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var whole = PartialAtlas.Begin(model, Few, new(0, 2));
        Assert.True(whole.Run(model, Few));

        var path = folder.Path("one.part");
        for (var run = 0; run < 100; run++)
        {
            var part = PartialAtlas.Resume(path, model, Few, new(0, 2));
            var left = 2;
            var isDone = part.Run(model, Few, _ => --left > 0);
            part.Save(path);
            if (isDone)
                break;
            Assert.False(PartialAtlas.Load(path).IsComplete);
        }

        var found = PartialAtlas.Load(path);
        Assert.True(found.IsComplete);
        Assert.Equal(BytesOf(whole), BytesOf(found));
    }

    [Fact]
    public void Progress_rises_to_the_end()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var shares = new List<double>();
        PartialAtlas.Begin(model, Few, AtlasShard.Whole).Run(model, Few, progress =>
        {
            shares.Add(progress.Share!.Value);
            return true;
        });
        Assert.Equal(shares.Order(), shares);
        Assert.InRange(shares[0], 0.01, 0.9);
        Assert.Equal(1, shares[^1], 6);
    }

    [Fact]
    public void An_atlas_without_its_model_has_the_heads_of_one_with_it()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var part = PartialAtlas.Begin(model, Few, AtlasShard.Whole);
        part.Run(model, Few);
        part.Save(folder.Path("whole"));
        var atlas = PartialAtlas.Merge([folder.Path("whole")]).ToAtlas();
        var expected = AtlasHeads.Of(
            part.Sums, model.Config, ScoreProfile.Robust,
            ImmutableDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>>.Empty);
        Assert.Equal(expected.Select(head => head.Scores["previous"]), atlas.Heads.Select(h => h.Scores["previous"]));
        Assert.Equal(expected.Select(head => head.KeyValueHead), atlas.Heads.Select(head => head.KeyValueHead));
        Assert.Equal("cpu, " + device.Level, atlas.Manifest.Device);
        Assert.Equal("built-in texts", atlas.Manifest.Texts);
        Assert.Equal(4, atlas.Manifest.Units[AtlasPass.Text]);
        Assert.Equal(part.Warnings, atlas.Manifest.Warnings);
    }

    [Fact]
    public void A_file_of_something_else_is_no_part()
    {
        File.WriteAllText(folder.Path("a"), "{\"kind\": \"trace\"}");
        Refused(
            $"{folder.Path("a")}: is no part of an atlas of heads, expected a file that --partial wrote.",
            () => PartialAtlas.Load(folder.Path("a")));
    }

    [Fact]
    public void A_newer_format_is_refused_by_its_number()
    {
        var bytes = MadePart.Bytes(MadePart.Of(AtlasShard.Whole));
        bytes[8] = 2;
        File.WriteAllBytes(folder.Path("a"), bytes);
        Refused(
            $"{folder.Path("a")}: has version 2 of the format, expected 1; use the program that wrote it.",
            () => PartialAtlas.Load(folder.Path("a")));
    }

    [Theory]
    [InlineData("b", "model is made (another), expected made (2 layers, 2/1 heads, 0123456789ABCDEF) as in a; "
        + "merge parts of one atlas alone.")]
    [InlineData("c", "texts is other.txt (SHA-256 bbbbbbbbbbbbbbbb), expected made.txt (SHA-256 aaaaaaaaaaaaaaaa) as "
        + "in a; merge parts of one atlas alone.")]
    [InlineData("d", "--seed is 4, expected 3 as in a; merge parts of one atlas alone.")]
    [InlineData("e", "device is cpu, Vector512, expected cpu, Vector256 as in a; its sums have another rounding: run "
        + "it again as the others, or allow this with --allow-mixture.")]
    [InlineData("f", "has shard 2/3, expected one of 2 as in a; merge the shards of one split alone.")]
    [InlineData("g", "shard 2/2 is unfinished, 12 sequences are done; run its command again, which goes on where it "
        + "was stopped.")]
    [InlineData("h", "has shard 1/2, which a has too; give each shard once.")]
    public void What_does_not_add_up_is_refused_by_name(string name, string message)
    {
        var source = MadePart.Source;
        var part = name switch
        {
            "b" => MadePart.Of(new(1, 2), source: source with { Fingerprint = "another" }),
            "c" => MadePart.Of(
                new(1, 2), source: source with { Texts = "other.txt", TextsHash = new('b', 64) }),
            "d" => MadePart.Of(
                new(1, 2), source: source with { Options = [source.Options[0], new("seed", "4"), source.Options[2]] }),
            "e" => MadePart.Of(new(1, 2), source: source with { Device = "cpu, Vector512" }),
            "f" => MadePart.Of(new(1, 3)),
            "g" => MadePart.Of(new(1, 2)),
            _ => MadePart.Of(new(0, 2)),
        };
        part.IsComplete = name != "g";
        Refused($"{name}: {message}", () => Merged(("a", MadePart.Of(new(0, 2))), (name, part)));
    }

    [Fact]
    public void Missing_shards_are_named()
    {
        Refused(
            "shards 2/4 and 3/4 are missing; give the files of all shards.",
            () => Merged(("a", MadePart.Of(new(3, 4))), ("b", MadePart.Of(new(0, 4)))));
        Refused(
            "shard 2/2 is missing; give the files of all shards.", () => Merged(("a", MadePart.Of(new(0, 2)))));
        Refused("There is no part to merge, expected one file at least.", () => Merged());
    }

    [Fact]
    public void A_mixture_that_is_allowed_names_both_devices()
    {
        var other = MadePart.Of(new(1, 2), source: MadePart.Source with { Device = "cpu, Vector512" });
        var whole = PartialMerge.Of([("b", other), ("a", MadePart.Of(new(0, 2)))], allowsMixture: true);
        Assert.Equal("cpu, Vector256 and cpu, Vector512", whole.ToAtlas().Manifest.Device);
    }

    [Fact]
    public void A_part_knows_the_options_that_it_was_made_with()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        AtlasOptions options = Few with
        {
            Profile = ScoreProfile.Pr403,
            Seed = -3,
            Documents = null,
            PartsOfDocument = null,
            Repeats = 3,
            StartsWithEndOfText = true,
        };
        var part = PartialAtlas.Begin(model, options, AtlasShard.Whole);
        Assert.Equal(options, part.ToOptions());
        var error = Assert.Throws<ArgumentException>(() => part.ToOptions(TextCorpus.Of("another text")));
        Assert.Equal(
            "The texts are given texts (1), expected built-in texts, of which the sums are; give the same files.",
            error.Message);
    }

    [Fact]
    public void A_part_of_other_options_is_not_gone_on_with()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var path = folder.Path("a");
        PartialAtlas.Begin(model, Few, new(0, 2)).Save(path);
        Refused(
            $"{path}: shard is 1/2, expected 2/2; go on with what the file was made with, or name another file.",
            () => PartialAtlas.Resume(path, model, Few, new(1, 2)));
        Refused(
            $"{path}: --text-length is 64, expected 65; go on with what the file was made with, or name another file.",
            () => PartialAtlas.Resume(path, model, Few with { TextLength = 65 }, new(0, 2)));
    }

    [Fact]
    public void A_run_stops_between_texts_that_are_too_short_to_be_run()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var plan = new AtlasPlan(
            model.Tokenizer, model.Config, Few with { Corpus = TextCorpus.Of("Too short.", "This too.") });
        using var stop = new CancellationTokenSource();
        Assert.Empty(plan.UnitsOf(AtlasPass.Text, AtlasShard.Whole, stop.Token));
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => plan.UnitsOf(AtlasPass.Text, AtlasShard.Whole, stop.Token).Count());
    }

    static PartialAtlas Merged(params (string Name, PartialAtlas Part)[] parts) => PartialMerge.Of(parts, false);

    static void Refused(string message, Action action) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(action).Message);

    // The seconds differ from run to run.
    static byte[] BytesOf(PartialAtlas part)
    {
        part.Sums.Seconds = 0;
        return MadePart.Bytes(part);
    }
}
