using System.Text;
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
            new(new(0, 1), 0)
            {
                Scores = ImmutableSortedDictionary<string, HeadScore>.Empty.Add("one", new(-2, 8)),
            },
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
    [InlineData("""{"kind": "atlas"}""", "has no model, expected an object")]
    public void A_file_that_is_no_atlas_is_refused(string text, string expected) =>
        Assert.Contains(expected, Refusal(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("model.layer_count", "0", "has 0 as layer_count, expected a whole number from 1 to 262144")]
    [InlineData("model.key_head_count", "3", "which no model has")]
    [InlineData("model.head_count", "3", "has 2 heads, expected 3")]
    [InlineData("manifest.score_profile", "\"other\"", "has 'other' as score_profile, expected one of robust, pr403")]
    [InlineData("manifest.seed", "\"x\"", "has \"x\" as seed, expected a whole number")]
    [InlineData("heads.1.head", "\"L0H0\"", "has 'L0H0' in the place of L0H1")]
    [InlineData("heads.0.scores.one.raw", "null", "has no raw of the score 'one' of L0H0, expected a number")]
    [InlineData("heads.0.scores.one.n", "1e999", "has 1e999 as n of the score 'one' of L0H0, expected a number")]
    [InlineData("probes.0.name", "\"\\ud800\"", "has \"\\ud800\" as name, expected well-formed Unicode")]
    [InlineData("version", "4", "has '4' as version, expected 3; make the atlas anew.")]
    [InlineData("version", "\"3\"", "as version, expected 3")]
    [InlineData("version", "null", "has no version, expected 3")]
    [InlineData("probes", "[]", "has no probes, expected the definitions of its scores")]
    [InlineData("heads", "{}", "has {} as heads, expected a list")]
    [InlineData("manifest.seed", "1e300", "has 1e300 as seed, expected a whole number of 64 bits")]
    [InlineData("manifest.seed", "0.5", "has 0.5 as seed, expected a whole number of 64 bits")]
    [InlineData("manifest.units.indirect_object", "-1",
        "has -1 as indirect_object, expected a whole number from 0 to 2147483647")]
    [InlineData("manifest.units.indirect_object", "1e10",
        "has 1e10 as indirect_object, expected a whole number from 0 to 2147483647")]
    [InlineData("heads.0.scores.one.raw", "1e300",
        "has 1e300 as raw of the score 'one' of L0H0, expected a number from -1E+100 to 1E+100")]
    [InlineData("heads.0.scores.one.raw", "\"NaN\"",
        "has \"NaN\" as raw of the score 'one' of L0H0, expected a number")]
    [InlineData("heads.0.scores.one.n", "-1", "has -1 as n of the score 'one' of L0H0, expected 0 or more")]
    [InlineData("heads.0.scores.one.lo", "2",
        "has 2 as lo of the score 'one' of L0H0, expected at most hi, which is 1; make the atlas anew.")]
    [InlineData("heads.1.scores", "{\"one\": {\"raw\": 1, \"n\": 1}, \"one\": {}}",
        "is no JSON file, or a damaged one")]
    [InlineData("heads.1.scores", "{\"\\ud800\": {\"raw\": 1, \"n\": 1}}", "is no JSON file, or a damaged one")]
    [InlineData("heads.1.scores", "{\"two\": {\"raw\": 1, \"n\": 1}}",
        "has the score 'two' of L0H1, which none of its probes is")]
    [InlineData("heads.1.scores", "{}", "has no score of L0H1, expected one or more")]
    [InlineData("heads.0.layer", "77", "has 77 as layer of L0H0, expected 0; make the atlas anew.")]
    [InlineData("heads.1.number", "0", "has 0 as number of L0H1, expected 1")]
    [InlineData("heads.1.kv", "1", "has 1 as kv of L0H1, expected 0")]
    [InlineData("heads.0.scores.one.raw", "-5",
        "has 0.5 as excess of the score 'one' of L0H0, expected -11, which raw and chance give")]
    [InlineData("probes.0.is_attention", "true",
        "has -2 as raw of the score 'one' of L0H1, expected a share of attention, or a difference of two, "
        + "from -1 to 1")]
    [InlineData("heads.0.roles.0.role", "\"x\"", "has 'x' as role of a role of L0H0, expected one of")]
    [InlineData("heads.1.roles",
        "[{\"role\": \"induction\", \"score\": \"one\"}, {\"role\": \"induction\", \"score\": \"two\"}]",
        "has a role of L0H1 twice")]
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

    [Fact]
    public void A_probe_that_is_defined_twice_is_refused()
    {
        var text = HeadAtlasJson.Write(Atlas with { Scores = [.. Atlas.Scores, .. Atlas.Scores] });
        Assert.EndsWith(
            "has the probe 'one' twice, expected each once; make the atlas anew.", Refusal(text),
            StringComparison.Ordinal);
    }

    // The first byte of a letter without the others, and the first half of a pair.
    [Fact]
    public void Text_that_is_no_Unicode_is_refused_and_shown()
    {
        Assert.Contains(
            "has \"\\uD83D\" as kind, expected well-formed Unicode; make the atlas anew.",
            Refusal(HeadAtlasJson.Write(Atlas).Replace("\"atlas\"", "\"\\uD83D\"", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(HeadAtlasJson.Write(Atlas));
        bytes[bytes.AsSpan().IndexOf("\"role\": \""u8) + 9] = 0xEE;
        File.WriteAllBytes(folder.Path("atlas.json"), bytes);
        Assert.Matches(
            "has \"\uFFFD[a-z_]+\" as role of a role of L[01]H[01], expected well-formed Unicode; make the atlas anew",
            Assert.Throws<InvalidDataException>(
                () => HeadAtlasJson.ReadScores(folder.Path("atlas.json"))).Message);
    }

    [Fact]
    public void Parts_that_are_not_compared_are_not_read_and_may_be_large()
    {
        var text = HeadAtlasJson.Write(Atlas);
        var cards = "\"cards\": [" + string.Join(',', Enumerable.Repeat("[0, {}]", 1 << 20)) + "]";
        Assert.Equal(Atlas.Scores, Read(text.Replace("\"cards\": []", cards, StringComparison.Ordinal)).Scores);
    }

    [Theory]
    [InlineData("\"texts\": \"a.txt\"", "as manifest")]
    [InlineData("\"name\": \"m\"", "as model")]
    [InlineData("\"head\": \"L0H1\"", "as head 2 of its list")]
    public void A_part_that_is_compared_is_refused_where_it_is_larger_than_any_atlas_has(string member, string expected)
    {
        var text = HeadAtlasJson.Write(Atlas);
        Assert.Contains(member, text, StringComparison.Ordinal);
        var many = $"\"more\": \"{new string('x', 1 << 22)}\", {member}";
        var refusal = Refusal(text.Replace(member, many, StringComparison.Ordinal));
        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.EndsWith("expected at most 4,194,304.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_larger_than_any_atlas_is_refused_unread()
    {
        using (var file = File.Create(folder.Path("atlas.json")))
            file.SetLength((1 << 28) + 1);
        Assert.Contains("has 268,435,457 bytes, expected at most 268,435,456.", Assert.Throws<InvalidDataException>(
            () => HeadAtlasJson.ReadScores(folder.Path("atlas.json"))).Message, StringComparison.Ordinal);
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
