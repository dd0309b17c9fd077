using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class HeadAtlasReaderTests(HeadAtlasReaderTests.Read read) : IClassFixture<HeadAtlasReaderTests.Read>
{
    HeadAtlas Atlas => read.Atlas;

    [Fact]
    public void The_atlas_of_the_demonstration_model_says_what_it_was_made_of()
    {
        var manifest = Atlas.Manifest;
        Assert.Equal((4, 8, 2), (manifest.LayerCount, manifest.HeadCount, manifest.KeyValueHeadCount));
        Assert.Equal(8, manifest.Units[AtlasPass.Repeats]);
        Assert.Equal(12, manifest.Units[AtlasPass.Text]);
        Assert.StartsWith("4 layers, 8/2 heads of 16", manifest.Fingerprint, StringComparison.Ordinal);
        Assert.Equal("built-in texts", manifest.Texts);
        Assert.Equal(64, manifest.TextsHash.Length);
        Assert.StartsWith("cpu", manifest.Device, StringComparison.Ordinal);
        Assert.NotEmpty(manifest.Warnings);
        Assert.True(manifest.Seconds > 0);
        Assert.Equal(32, Atlas.Heads.Length);
        Assert.Equal(Atlas.Scores.Length, Atlas.Scores.Select(score => score.Id).Distinct().Count());
        Assert.All(
            Atlas.Heads.SelectMany(head => head.Scores.Keys), id => Assert.Contains(Atlas.Scores, one => one.Id == id));
    }

    [Fact]
    public void Heads_have_scores_of_weights_verdicts_and_feeders()
    {
        var head = Atlas[new(3, 3)];
        Assert.Contains("copy", head.Scores.Keys);
        Assert.Equal(CausalVerdict.Causal, head.Roles[0].Verdict);
        Assert.Equal(
            new HeadIndex(1, 0), head.Feeders.First(feeder => feeder.Input == HeadInput.Key).Source);
        Assert.NotEmpty(Atlas.RoleEffects);
        Assert.InRange(Atlas.Behaviours[HeadBehaviour.InductionLoss], 1, 4);
        Assert.True(Atlas.Behaviours[HeadBehaviour.FirstCopyLoss] > Atlas.Behaviours[HeadBehaviour.InductionLoss] + 2);
    }

    [Fact]
    public void Cards_take_turns_among_roles()
    {
        var cards = Atlas.Cards.Select(card => card.Head).ToList();
        Assert.Equal(6, cards.Count);
        Assert.Equal(cards.Count, cards.Distinct().Count());
        var best = Atlas.Heads.SelectMany(head => head.Roles.Select(role => (role.Role, role.Confidence, head.Head)))
            .GroupBy(one => one.Role).OrderBy(group => group.Key)
            .Select(group => group.MaxBy(one => one.Confidence).Head).Distinct().ToList();
        Assert.Equal(best.Take(6), cards.Take(int.Min(6, best.Count)));
    }

    [Fact]
    public void A_card_has_maps_examples_and_vectors()
    {
        var card = Atlas.Cards[0];
        Assert.Equal(["text", "random", "repeats"], card.Maps.Select(map => map.Name));
        Assert.All(card.Maps, map => Assert.Equal(64 * 64, map.Cells.Length));
        Assert.Equal(10, card.Examples[0].Decile);
        Assert.Equal(Enumerable.Range(1, 10).Reverse(), card.Examples.Select(example => example.Decile));
        Assert.Equal(
            card.Examples.Select(example => example.Activity).OrderDescending(),
            card.Examples.Select(example => example.Activity));
        Assert.Equal(
            [HeadVectorKind.Query, HeadVectorKind.Key, HeadVectorKind.Value, HeadVectorKind.Output],
            card.Vectors.Select(vectors => vectors.Kind));
        Assert.All(card.Vectors, vectors => Assert.Equal(2 * Atlas.Points.Length, vectors.Points.Length));
        Assert.All(card.Vectors, vectors => Assert.InRange(vectors.FirstShare, vectors.SecondShare, 1));
        Assert.Equal(16 * 12, Atlas.Points.Length);
        Assert.All(Atlas.Points, point => Assert.InRange(point.Position, 0, Atlas.Texts[point.Text].Tokens.Length - 1));
    }

    [Fact]
    public void An_example_has_the_strongest_keys_of_each_query()
    {
        // This head looks one token back.
        var example = Atlas.Cards.Single(card => card.Head == new HeadIndex(1, 0)).Examples[0];
        var tokens = Atlas.Texts[example.Text].Tokens.Length;
        Assert.Equal(8 * tokens, example.Keys.Length);
        Assert.Equal([0, -1, -1, -1, -1, -1, -1, -1], example.Keys.Take(8).Select(key => (int)key));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0], example.Attention.Take(8));
        for (var query = 8; query < tokens; query++)
        {
            Assert.Equal(query - 1, example.Keys[8 * query]);
            Assert.InRange(example.Attention.Slice(8 * query, 8).Sum(), 0.9, 1.0001);
            Assert.All(example.Keys.Slice(8 * query, 8), key => Assert.InRange(key, 0, query));
        }

        Assert.InRange(example.Peak, 0, tokens - 1);
    }

    [Fact]
    public void Sums_give_the_same_atlas_again()
    {
        var again = read.Again();
        Assert.Equal(
            Atlas.Heads.SelectMany(head => head.Scores.Values), again.Heads.SelectMany(head => head.Scores.Values));
        Assert.Equal(Atlas.Heads.SelectMany(head => head.Effects), again.Heads.SelectMany(head => head.Effects));
        Assert.Equal(Atlas.Heads.SelectMany(head => head.Feeders), again.Heads.SelectMany(head => head.Feeders));
        Assert.Equal(
            Atlas.Cards.SelectMany(card => card.Vectors).SelectMany(vectors => vectors.Points),
            again.Cards.SelectMany(card => card.Vectors).SelectMany(vectors => vectors.Points));
    }

    [Fact]
    public void A_part_that_is_not_asked_for_is_not_there()
    {
        var progress = new List<AtlasProgress>();
        var atlas = new HeadAtlasReader(read.Model, Read.Few with { Documents = 2, RepeatSequences = 2 })
            .Read(AtlasDetail.Scores, new Reports(progress));
        Assert.Empty(atlas.Cards);
        Assert.Empty(atlas.RoleEffects);
        Assert.Empty(atlas.Behaviours);
        Assert.All(atlas.Heads, head => Assert.Empty(head.Feeders));
        Assert.All(atlas.Heads, head => Assert.DoesNotContain("copy", head.Scores.Keys));
        Assert.Equal(["scores"], progress.Select(one => one.Stage).Distinct());
        Assert.Equal(progress.Select(one => one.Share).Order(), progress.Select(one => one.Share));
        Assert.Equal(1, progress[^1].Share);
    }

    [Fact]
    public void Sums_of_another_model_are_refused()
    {
        using var device = new CpuDevice();
        using var tiny = new TinyQwen2();
        using var other = tiny.On(device, WholeWords.Load());
        var part = PartialAtlas.Begin(other, Read.Few, AtlasShard.Whole);
        var error = Assert.Throws<ArgumentException>(() => new HeadAtlasReader(read.Model).Complete(part));
        Assert.Contains("read the model of which they were made", error.Message, StringComparison.Ordinal);
    }

    sealed class Reports(List<AtlasProgress> into) : IProgress<AtlasProgress>
    {
        public void Report(AtlasProgress value) => into.Add(value);
    }

    public sealed class Read : IDisposable
    {
        readonly CpuDevice device = new();

        public Read()
        {
            Model = LanguageModel.Load(DemoModel.Folder, device);
            Atlas = Again();
        }

        public LanguageModel Model { get; }

        public HeadAtlas Atlas { get; }

        internal static AtlasOptions Few => new()
        {
            Documents = 12,
            TextLength = 96,
            RepeatSequences = 8,
            SuccessorPrompts = 24,
            IndirectObjectPrompts = 24,
        };

        public HeadAtlas Again() => new HeadAtlasReader(Model, Few).Read(new() { Cards = 6 });

        public void Dispose()
        {
            Model.Dispose();
            device.Dispose();
        }
    }
}
