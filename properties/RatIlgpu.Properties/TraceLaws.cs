using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(TraceLaws), typeof(TraceLaws.Traces)])]
public sealed class TraceLaws
{
    const int Many = 2000;
    const string HalfAPair = "half a pair";

    // A trace, and the seed of the damage to its file.
    internal static Arbitrary<(TraceResult Trace, int Seed)> Damages { get; } = Arb.From(
        from trace in Traces.Any.Generator
        from seed in Gen.Choose(0, int.MaxValue)
        select (Trace: trace, Seed: seed),
        damage => Traces.Any.Shrinker(damage.Trace).Select(trace => damage with { Trace = trace }));

    [Law]
    public void What_is_written_reads_back_the_same(TraceResult trace) =>
        Assert.Equal(trace, TraceJson.Read(TraceJson.Write(trace)));

    [Law]
    public void A_file_is_ascii_and_safe_in_a_script_element(TraceResult trace) =>
        Assert.DoesNotContain(TraceJson.Write(trace), character => character is '<' or '&' or >= '\u007f');

    [Law]
    public void What_the_original_would_have_written_reads_with_the_same_paths(TraceResult trace)
    {
        var file = JsonNode.Parse(TraceJson.Write(trace))!.AsObject();
        file.Remove("ratilgpu");
        var read = TraceJson.Read(file.ToJsonString());
        Assert.Equal(trace.Paths, read.Paths);
        Assert.Equal(trace.PathWeights, read.PathWeights);
        Assert.Equal(trace.Sankey.Links, read.Sankey.Links);
        Assert.Equal(trace.TargetPosition, read.TargetPosition);
        Assert.Equal(trace.Layer, read.Layer);
    }

    [Law(Many)]
    public void A_file_with_damaged_bytes_is_read_or_refused((TraceResult Trace, int Seed) damage)
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
    }

    [Law(Many)]
    public void A_file_with_other_values_is_read_or_refused((TraceResult Trace, int Seed) damage)
    {
        var random = new Random(damage.Seed);
        var file = JsonNode.Parse(TraceJson.Write(damage.Trace))!;
        var nodes = Descendants(file).ToArray();
        Change(nodes[random.Next(nodes.Length)], random);
        // A file can have half a surrogate pair, and a JsonNode cannot.
        var text = file.ToJsonString().Replace(HalfAPair, @"\ud83d", StringComparison.Ordinal);
        ReadOrRefused(() => TraceJson.Read(text));
    }

    [Law]
    public void A_truncated_file_is_refused((TraceResult Trace, int Seed) damage)
    {
        var text = TraceJson.Write(damage.Trace);
        Assert.Throws<InvalidDataException>(() => TraceJson.Read(text[..new Random(damage.Seed).Next(text.Length)]));
    }

    [Law]
    public void Paths_that_differ_read_differently(TraceResult trace) => Assert.Equal(
        trace.Paths.Length, PathText.FormatAll(trace.Paths, trace.Tokens).Distinct().Count());

    [Law]
    public void A_path_that_reads_like_no_other_stands_as_it_is(TraceResult trace)
    {
        var lines = PathText.FormatAll(trace.Paths, trace.Tokens);
        foreach (var (path, line) in trace.PathTexts.Zip(lines))
            if (trace.PathTexts.Count(other => other == path) > 1)
                Assert.Contains("@", line, StringComparison.Ordinal);
            else if (!line.Contains('@', StringComparison.Ordinal))
                Assert.Equal(path, line);
    }

    [Law]
    public void A_path_is_one_line_without_commands(TraceResult trace) =>
        Assert.All(trace.PathTexts, text => Assert.DoesNotContain(text, character => char.GetUnicodeCategory(character)
            is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));

    [Law]
    public void A_path_is_text_that_every_encoding_can_carry(TraceResult trace) =>
        Assert.All(trace.PathTexts, text => Assert.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))));

    [Law]
    public void A_path_ends_with_its_score_to_four_places(TraceResult trace) =>
        Assert.All(trace.Paths.Zip(trace.PathTexts), path =>
        {
            var score = Regex.Match(path.Second, @" \(score: (-?\d+\.\d{4})\)$").Groups[1].Value;
            Assert.Equal(path.First.Score, double.Parse(score, CultureInfo.InvariantCulture), 0.500001e-4);
        });

    [Law]
    public void Text_without_anything_special_stands_as_it_is(string text)
    {
        var plain = string.Concat(text.Where(letter => char.IsLetterOrDigit(letter) || char.IsPunctuation(letter)));
        Assert.Equal(plain, Files.OneLine.Escape(plain));
    }

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

    /// <summary>Traces of arbitrary attention, with arbitrary tokens, names and notices.</summary>
    internal static class Traces
    {
        // Letters of one to four bytes, characters special to JSON or terminals, and halves of surrogate pairs.
        const string Characters = "aé猫\U0001F600 \"\\/<&\n\r\t\0\u001b\u007f\u0085\u2028\u202e\ufffd\ud83d\udc00";

        /// <summary>Gets traces of prompts of up to 9 tokens.</summary>
        public static Arbitrary<TraceResult> Any { get; } = Arb.From(Gen.Choose(0, int.MaxValue).Select(Make), Smaller);

        /// <summary>Gets texts of up to 12 UTF-16 units.</summary>
        public static Arbitrary<string> Texts { get; } = Arb.From(
            Gen.Choose(0, int.MaxValue).Select(seed => Text(new(seed))),
            text => text.Length == 0 ? [] : [text[1..], text[..^1]]);

        static TraceResult Make(int seed)
        {
            var random = new Random(seed);
            var it = SearchCase.Make(seed);
            var paths = it.Search();
            ImmutableArray<TokenText> tokens =
                [.. it.Rows.Select(_ => Token(random.Next(-1, 1 << 20), random))];
            ImmutableArray<double> weights = PathWeights.Softmax([.. paths.Select(path => path.Score)]);
            return new()
            {
                Options = WithTheRest(it.Options, random),
                Model = random.Next(2) == 0 ? new(Text(random), 3, 8) : new(Text(random), 0, 0),
                Tokens = tokens,
                Paths = paths,
                PathWeights = weights,
                Sankey = SankeyGraph.Build(paths, weights, it.Options.Layer.Value, tokens),
                PathTexts = [.. paths.Select(path => PathText.Format(path, tokens))],
                SelfAttention = it.Rows.Take(it.Target + 1).Select((row, i) => (i, Attention: (double)row[i]))
                    .Where(_ => random.Next(2) == 0)
                    .ToImmutableSortedDictionary(self => self.i, self => self.Attention),
                TargetAttention = random.Next(3) == 0
                    ? []
                    : [.. it.Rows[it.Target].Select(attention => (double)attention)],
                Notices = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
                Prompt = random.Next(2) * random.Next(),
                PromptLength = random.Next(1, tokens.Length + 1),
                Predictions = Predictions(random),
                Interventions = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
                Origin = random.Next(3) == 0 ? null : new()
                {
                    Title = Maybe(random),
                    Command = Maybe(random),
                    Version = Maybe(random),
                },
            };
        }

        static string? Maybe(Random random) => random.Next(3) == 0 ? null : Text(random);

        static ImmutableArray<PredictedToken> Predictions(Random random)
        {
            double[] logits = [.. Enumerable.Range(0, random.Next(4)).Select(_ => 9 * random.NextDouble())];
            return
            [
                .. logits.OrderDescending().Zip(PathWeights.Softmax([.. logits]).OrderDescending()).Select(
                    next => new PredictedToken(Token(random.Next(), random), next.Second, next.First)),
            ];
        }

        static TraceOptions WithTheRest(TraceOptions options, Random random) => options with
        {
            Heads = random.Next(3) switch
            {
                0 => HeadAggregation.Max,
                1 => HeadAggregation.Head(random.Next(8)),
                _ => HeadAggregation.MeanOf(1, 7),
            },
            StopAtBos = random.Next(2) == 0,
            BosTokenId = random.Next(2) == 0 ? null : random.Next(),
        };

        static IEnumerable<TraceResult> Smaller(TraceResult trace)
        {
            if (trace.Notices.Length > 0)
                yield return trace with { Notices = trace.Notices[1..] };
            if (trace.Model.Name.Length > 0)
                yield return trace with { Model = trace.Model with { Name = trace.Model.Name[1..] } };
            if (trace.Options.AttentionMask is not null)
                yield return trace with { Options = trace.Options with { AttentionMask = null } };
            foreach (var (position, token) in trace.Tokens.Index())
                if (token.Text.Length > 0)
                    yield return WithToken(trace, position, token with { Text = token.Text[1..], Bytes = [] });
        }

        static TraceResult WithToken(TraceResult trace, int position, TokenText token)
        {
            var tokens = trace.Tokens.Items.SetItem(position, token);
            return trace with
            {
                Tokens = tokens,
                Sankey = SankeyGraph.Build(trace.Paths, trace.PathWeights, trace.Layer, tokens),
                PathTexts = [.. trace.Paths.Select(path => PathText.Format(path, tokens))],
            };
        }

        static string Text(Random random) =>
            string.Concat(Enumerable.Range(0, random.Next(13)).Select(_ => Characters[random.Next(Characters.Length)]));

        // Of a text, or of bytes, which are often no whole character.
        static TokenText Token(int id, Random random)
        {
            if (random.Next(3) > 0)
                return new(id, Text(random), []);
            var bytes = new byte[random.Next(1, 4)];
            random.NextBytes(bytes);
            return TokenText.Of(id, bytes);
        }
    }
}
