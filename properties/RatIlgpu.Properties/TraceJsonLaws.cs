using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Tracing;

namespace RatIlgpu.Properties;

public sealed class TraceJsonLaws
{
    const int Many = 2000;
    const string HalfAPair = "half a pair";

    // A trace, and where and how its file is damaged.
    static readonly Arbitrary<(TraceResult Trace, int Seed)> Damages = Law.Cases(
        from trace in TraceCase.Any.Generator
        from seed in Gen.Choose(0, int.MaxValue)
        select (Trace: trace, Seed: seed),
        damage => TraceCase.Any.Shrinker(damage.Trace).Select(trace => damage with { Trace = trace }));

    [Fact]
    public void What_is_written_reads_back_the_same() => Law.Holds(
        TraceCase.Any, trace => Assert.Equal(trace, TraceJson.Read(TraceJson.Write(trace))));

    [Fact]
    public void A_file_is_ascii_and_safe_in_a_script_element() => Law.Holds(TraceCase.Any, trace =>
        Assert.DoesNotContain(TraceJson.Write(trace), character => character is '<' or '&' or >= '\u007f'));

    [Fact]
    public void What_the_original_would_have_written_reads_with_the_same_paths() => Law.Holds(TraceCase.Any, trace =>
    {
        var file = JsonNode.Parse(TraceJson.Write(trace))!.AsObject();
        file.Remove("ratilgpu");
        var read = TraceJson.Read(file.ToJsonString());
        Assert.Equal(trace.Paths, read.Paths);
        Assert.Equal(trace.PathWeights, read.PathWeights);
        Assert.Equal(trace.Sankey.Links, read.Sankey.Links);
        Assert.Equal(trace.TargetPosition, read.TargetPosition);
        Assert.Equal(trace.Layer, read.Layer);
    });

    [Fact]
    public void A_file_with_damaged_bytes_is_read_or_refused() => Law.Holds(Damages, damage =>
    {
        var random = new Random(damage.Seed);
        var bytes = Encoding.UTF8.GetBytes(TraceJson.Write(damage.Trace)).ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, "\"\\{}[],:0-"u8[random.Next(10)]); break;
                default: bytes.RemoveRange(at, Math.Min(random.Next(200), bytes.Count - at - 1)); break;
            }
        }

        ReadOrRefused(() => TraceJson.Read(new MemoryStream([.. bytes])));
        ReadOrRefused(() => TraceJson.Read(Encoding.Latin1.GetString([.. bytes])));
    }, Many);

    [Fact]
    public void A_file_with_other_values_is_read_or_refused() => Law.Holds(Damages, damage =>
    {
        var random = new Random(damage.Seed);
        var file = JsonNode.Parse(TraceJson.Write(damage.Trace))!;
        var nodes = Descendants(file).ToArray();
        Change(nodes[random.Next(nodes.Length)], random);
        // A JsonNode cannot hold what a file can.
        var text = file.ToJsonString().Replace(HalfAPair, @"\ud83d", StringComparison.Ordinal);
        ReadOrRefused(() => TraceJson.Read(text));
    }, Many);

    [Fact]
    public void A_truncated_file_is_refused() => Law.Holds(Damages, damage =>
    {
        var text = TraceJson.Write(damage.Trace);
        Assert.Throws<InvalidDataException>(() => TraceJson.Read(text[..new Random(damage.Seed).Next(text.Length)]));
    });

    static void ReadOrRefused(Func<TraceResult> read)
    {
        try
        {
            var trace = read();
            Assert.Equal(trace, TraceJson.Read(TraceJson.Write(trace)));
        }
        catch (InvalidDataException error)
        {
            Assert.StartsWith("trace.json: ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(error.Message, char.IsControl);
        }
    }

    static IEnumerable<JsonNode> Descendants(JsonNode node)
    {
        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject it => it.Select(property => property.Value),
            JsonArray it => it,
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(child => Descendants(child).Prepend(child));
    }

    static void Change(JsonNode node, Random random)
    {
        if (random.Next(8) == 0 && node.Parent is JsonObject its)
            its.Remove(node.GetPropertyName());
        else if (random.Next(8) == 0 && node.Parent is JsonArray list)
            list.Add(node.DeepClone());
        else
            node.ReplaceWith(JsonNode.Parse(Other(random)));
    }

    static string Other(Random random)
    {
        string[] others =
        [
            "null", "true", "-1", "0", "1", "2", "0.5", "1e999", "-1e999", "99999999999", "2147483647",
            "\"\"", "\"x\\u001b\\n\"", $"\"{HalfAPair}\"", "\"mean:\"", "\"pow:1e9\"", "\"mean:0,9\"",
            "[]", "[[]]", "[0,1]", "{}", "{\"utf16\":[0,65536]}",
        ];
        return others[random.Next(others.Length)];
    }
}
