using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Devices;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Properties;

/// <summary>Traces of any attention, with tokens, names and notices of any text.</summary>
static class TraceCase
{
    // Letters of one to four bytes, what JSON and terminals treat specially, and halves of surrogate pairs.
    const string Characters = "aé猫\U0001F600 \"\\/<&\n\r\t\0\u001b\u007f\u0085\u2028\u202e\ufffd\ud83d\udc00";

    /// <summary>Traces of prompts of up to 9 tokens.</summary>
    public static Arbitrary<TraceResult> Any { get; } = Law.Cases(Gen.Choose(0, int.MaxValue).Select(Make), Smaller);

    /// <summary>Texts of up to 12 code units, in any order.</summary>
    public static Arbitrary<string> Texts { get; } = Law.Cases(
        Gen.Choose(0, int.MaxValue).Select(seed => Text(new(seed))),
        text => text.Length == 0 ? [] : [text[1..], text[..^1]]);

    static TraceResult Make(int seed)
    {
        var random = new Random(seed);
        var it = SearchCase.Make(seed);
        var paths = it.Search();
        ImmutableArray<TokenText> tokens =
            [.. it.Rows.Select(_ => new TokenText(random.Next(-1, 1 << 20), Text(random), Bytes(random)))];
        ImmutableArray<double> weights = PathWeights.Softmax([.. paths.Select(path => path.Score)]);
        return new()
        {
            Options = WithTheRest(it.Options, random),
            Model = random.Next(2) == 0 ? new(Text(random), 3, 8) : new(Text(random), 0, 0),
            Tokens = tokens,
            Paths = paths,
            PathWeights = weights,
            Sankey = SankeyGraph.Build(paths, weights, it.Options.Layer, tokens),
            PathTexts = [.. paths.Select(path => PathText.Format(path, tokens))],
            SelfAttention = it.Rows.Take(it.Target + 1).Select((row, i) => (i, Attention: (double)row[i]))
                .Where(_ => random.Next(2) == 0).ToImmutableSortedDictionary(self => self.i, self => self.Attention),
            TargetAttention = random.Next(3) == 0 ? [] : [.. it.Rows[it.Target].Select(attention => (double)attention)],
            Notices = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random))],
        };
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
                yield return WithToken(trace, position, token with { Text = token.Text[1..] });
    }

    static TraceResult WithToken(TraceResult trace, int position, TokenText token)
    {
        var tokens = trace.Tokens.SetItem(position, token);
        return trace with
        {
            Tokens = tokens,
            Sankey = SankeyGraph.Build(trace.Paths, trace.PathWeights, trace.Layer, tokens),
            PathTexts = [.. trace.Paths.Select(path => PathText.Format(path, tokens))],
        };
    }

    static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(13)).Select(_ => Characters[random.Next(Characters.Length)]));

    static ImmutableArray<byte> Bytes(Random random)
    {
        var bytes = new byte[random.Next(3) == 0 ? random.Next(1, 4) : 0];
        random.NextBytes(bytes);
        return [.. bytes];
    }
}
