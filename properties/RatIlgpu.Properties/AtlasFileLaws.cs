using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>An <c>atlas.json</c> that somebody else made is compared with another one, or refused.</summary>
[Properties(Arbitrary = [typeof(Damage)])]
public sealed class AtlasFileLaws : IDisposable
{
    static readonly HeadAtlas Sound = new()
    {
        Manifest = new()
        {
            Model = "m",
            Fingerprint = "f",
            LayerCount = 2,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            Seed = 4,
            Units = ImmutableSortedDictionary<AtlasPass, int>.Empty.Add(AtlasPass.Text, 3),
        },
        Scores =
        [
            new("one", "One", "Means one.", AtlasPass.Text),
            new("two", "Two", "Means two.", AtlasPass.Text) { IsAttention = false, Unit = "nats" },
        ],
        Heads =
        [
            .. from place in Enumerable.Range(0, 4)
               select new AtlasHead(new(place / 2, place % 2), 0)
               {
                   Scores = ImmutableSortedDictionary<string, HeadScore>.Empty
                       .Add("one", new(0.25 * place, 8) { Chance = 0.125, Low = 0.5, High = 0.75 })
                       .Add("two", new(1.5, 20)),
                   Roles = place == 3 ? [new(HeadRole.Induction, "one", 0.5)] : [],
               },
        ],
    };

    static readonly byte[] Text = Encoding.UTF8.GetBytes(HeadAtlasJson.Write(Sound));

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Law(3000)]
    public void A_damaged_atlas_is_refused_in_one_line_or_fit_to_be_compared(Damage damage)
    {
        var file = folder.Path("atlas.json");
        File.WriteAllBytes(file, damage.Apply(Text));
        HeadAtlas found;
        try
        {
            found = HeadAtlasJson.ReadScores(file);
        }
        catch (InvalidDataException refusal)
        {
            Assert.StartsWith(file + ": ", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            return;
        }

        Assert.Equal(found.Manifest.LayerCount * found.Manifest.HeadCount, found.Heads.Length);
        foreach (var other in new[] { found, Sound })
            if (Compared(found, other) is { } changes)
                Assert.All(changes.Changes, change => Assert.True(double.IsFinite(change.Difference)));
    }

    static ScoreChanges? Compared(HeadAtlas one, HeadAtlas other)
    {
        try
        {
            return ScoreChanges.Of(one, other);
        }
        catch (ArgumentException refusal)
        {
            // Of other heads, sequences or rules.
            Assert.StartsWith("The atlas of A has ", refusal.Message, StringComparison.Ordinal);
            return null;
        }
    }
}
