using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class HeadAtlasFileTests : IDisposable
{
    static readonly HeadAtlas Atlas = new()
    {
        Manifest = new()
        {
            Model = "m",
            Fingerprint = "f",
            LayerCount = 1,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            Profile = ScoreProfile.Pr403,
            Seed = -4,
            Units = ImmutableSortedDictionary<AtlasPass, int>.Empty.Add(AtlasPass.IndirectObject, 1),
            Texts = "a.txt",
            TextsHash = "ab",
            Device = "cpu",
            Version = "1.2.3",
        },
        Scores = [new("one", "One", "Means one.", AtlasPass.Text) { IsAttention = false, Unit = "nats" }],
        Heads =
        [
            new(new(0, 0), 0)
            {
                Scores = ImmutableSortedDictionary<string, HeadScore>.Empty.Add(
                    "one", new(0.75, 8) { Chance = 0.5, WithoutFirst = 0.25, WithoutSelf = 0.1, Low = 0.1, High = 1 }),
                Roles = [new(HeadRole.SInhibition, "one", 0.5) { Verdict = CausalVerdict.Causal }],
            },
            new(new(0, 1), 0) { Scores = ImmutableSortedDictionary<string, HeadScore>.Empty },
        ],
    };

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_two_atlases_are_compared_by_reads_back_as_it_was_written()
    {
        var read = Read(HeadAtlasJson.Write(Atlas));
        Assert.Equal(Atlas.Scores, read.Scores);
        Assert.Equal(Atlas.Manifest.Units, read.Manifest.Units);
        Assert.Equal(Atlas.Manifest, read.Manifest with { Units = Atlas.Manifest.Units });
        foreach (var (head, found) in Atlas.Heads.Zip(read.Heads))
        {
            Assert.Equal((head.Head, head.KeyValueHead, head.Roles), (found.Head, found.KeyValueHead, found.Roles));
            Assert.Equal(head.Scores, found.Scores);
        }
    }

    [Theory]
    [InlineData("not JSON", "is no JSON file, or a damaged one")]
    [InlineData("[1]", "is JSON, but no atlas of heads")]
    [InlineData("""{"kind": "attention"}""", "is JSON, but no atlas of heads")]
    [InlineData("""{"kind": "atlas", "kind": "atlas"}""", "is no JSON file, or a damaged one")]
    [InlineData("""{"kind": "atlas"}""", "has no model, or another than expected: an object")]
    public void A_file_that_is_no_atlas_is_refused(string text, string expected) =>
        Assert.Contains(expected, Refusal(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("model.layer_count", "0", "has no layer_count")]
    [InlineData("model.key_head_count", "3", "which no model has")]
    [InlineData("model.head_count", "3", "has 2 heads, expected 3")]
    [InlineData("manifest.score_profile", "\"other\"", "has 'other' as score_profile, expected one of robust, pr403")]
    [InlineData("manifest.seed", "\"x\"", "has no seed")]
    [InlineData("heads.1.head", "\"L0H0\"", "has 'L0H0' in the place of L0H1")]
    [InlineData("heads.0.scores.one.raw", "null", "has no raw")]
    [InlineData("heads.0.scores.one.n", "1e999", "has no n")]
    [InlineData("probes.0.name", "\"\\ud800\"", "has no name")]
    public void A_damaged_atlas_is_refused_by_the_name_of_what_is_wrong(string place, string value, string expected)
    {
        var root = JsonNode.Parse(HeadAtlasJson.Write(Atlas))!;
        var names = place.Split('.');
        var at = names[..^1].Aggregate(
            root, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
        at[names[^1]] = "@";
        Assert.Contains(
            expected, Refusal(root.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    string Refusal(string text)
    {
        var message = Assert.Throws<InvalidDataException>(() => Read(text)).Message;
        Assert.StartsWith(folder.Path("atlas.json"), message, StringComparison.Ordinal);
        return message;
    }

    HeadAtlas Read(string text)
    {
        File.WriteAllText(folder.Path("atlas.json"), text);
        return HeadAtlasJson.ReadScores(folder.Path("atlas.json"));
    }
}
