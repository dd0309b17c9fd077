using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>Holds explanations of attention scores on a device to the numbers of the float64 reference,
/// <c>tests/reference/flow_oracle.py</c>.</summary>
public abstract class ScoreAttributionContract : IClassFixture<ClassFixture>
{
    /// <summary>A pair of an F32 run through two layers against that of one in F64, as a share of it.</summary>
    const double Relative = 1e-4;

    /// <summary>Four times half the distance of an F32 near 1 to the next: a pair whose terms cancel is no surer than
    /// this share of the largest pair, since query and key each come out of an F32 run and are each multiplied in F32.
    /// The smallest pair is 1e-5 beside one of 0.15.</summary>
    const double Rounding = 4.0 / (1 << 24);

    /// <summary>Links of the fixture: head, query and the keys.</summary>
    public static TheoryData<string> Links => ["L1H0,6", "L1H3,4", "L2H2,6", "L2H1,5", "L0H1,6"];

    protected abstract Device Create();

    Qwen2Model Model => ClassFixture.Shared(
        () => ClassFixture.Shared(() => new AttributionFixture()).On(ClassFixture.Shared(Create)));

    [Theory]
    [MemberData(nameof(Links))]
    public void Every_pair_is_that_of_the_reference(string link)
    {
        var (head, query, expected) = Read(link);
        foreach (var key in Keys(expected))
        {
            var table = Table(expected, key);
            Close(table, Explain(head, query, key, new()), expected, table.Max(Math.Abs));
        }
    }

    [Theory]
    [MemberData(nameof(Links))]
    public void Against_another_key_every_pair_is_the_difference_of_the_reference(string link)
    {
        var (head, query, expected) = Read(link);
        foreach (var key in Keys(expected))
            foreach (var foil in Keys(expected))
                if (foil != key)
                {
                    var (own, other) = (Table(expected, key), Table(expected, foil));
                    Close(
                        [.. own.Zip(other, (one, compared) => one - compared)],
                        Explain(head, query, key, new() { Reading = ScoreReading.Foil, FoilKey = foil }), expected,
                        own.Concat(other).Max(Math.Abs));
                }
    }

    [Fact]
    public void Readings_that_compare_with_all_keys_use_sums_that_the_device_makes()
    {
        // More keys than numbers of a head, which the table of one key after the other checks.
        int[] ids = [.. AttributionFixture.Clean, .. AttributionFixture.Repeated];
        var head = new HeadIndex(2, 2);
        var attributor = new AttentionScoreAttributor(Model);
        var tables = Enumerable.Range(0, ids.Length)
            .Select(key => attributor.Explain(ids, head, ^1, key)).ToImmutableArray();
        var others = attributor.Explain(ids, head, ^1, 3, new() { Reading = ScoreReading.Others });
        var gradient = attributor.Explain(ids, head, ^1, 3, new() { Reading = ScoreReading.Gradient });
        var largest = tables[3].Pairs.Max(Math.Abs);
        for (var pair = 0; pair < others.Pairs.Length; pair++)
        {
            var mean = tables.Where(table => table.Key != 3).Average(table => table.Pairs[pair]);
            var expected = tables.Sum(table => table.Attention * table.Pairs[pair]);
            Assert.Equal(tables[3].Pairs[pair] - mean, others.Pairs[pair], Relative * largest);
            Assert.Equal(tables[3].Pairs[pair] - expected, gradient.Pairs[pair], Relative * largest);
        }
    }

    ScoreAttribution Explain(HeadIndex head, int query, int key, ScoreAttributionOptions options) =>
        new AttentionScoreAttributor(Model).Explain(AttributionFixture.Clean.AsSpan(), head, query, key, options);

    static (HeadIndex Head, int Query, JsonElement Expected) Read(string link)
    {
        using var results = JsonDocument.Parse(
            File.ReadAllText(Repository.Path("tests/reference/flow_fixture.json")));
        var parts = link.Split(',');
        return (
            HeadIndex.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture),
            results.RootElement.GetProperty("score_pairs").GetProperty(link).Clone());
    }

    static int[] Keys(JsonElement expected) =>
    [
        .. expected.GetProperty("by_key").EnumerateObject()
            .Select(table => int.Parse(table.Name, CultureInfo.InvariantCulture)),
    ];

    static double[] Table(JsonElement expected, int key) =>
    [
        .. expected.GetProperty("by_key").GetProperty(key.ToString(CultureInfo.InvariantCulture)).EnumerateArray()
            .SelectMany(row => row.EnumerateArray()).Select(number => number.GetDouble()),
    ];

    static string[] Labels(JsonElement expected, string side) =>
        [.. expected.GetProperty(side).EnumerateArray().Select(label => label.GetString()!)];

    static void Close(double[] expected, ScoreAttribution found, JsonElement reference, double largest)
    {
        Assert.Equal(Labels(reference, "query_parts"), found.QueryParts.Select(part => part.Label));
        Assert.Equal(Labels(reference, "key_parts"), found.KeyParts.Select(part => part.Label));
        Assert.Equal(expected.Length, found.Pairs.Length);
        foreach (var (value, pair) in expected.Zip(found.Pairs))
        {
            var allowed = (Relative * Math.Abs(value)) + (Rounding * largest);
            Assert.True(Math.Abs(value - pair) <= allowed, $"{found.Head}, {found.Key}: {pair}, expected {value}");
        }

        Assert.Equal(expected.Sum(), found.Measured, Relative * largest);
        Assert.Equal(0, found.Rounding, Relative * largest);
    }
}
