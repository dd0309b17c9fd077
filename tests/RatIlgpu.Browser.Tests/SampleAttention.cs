using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Text;

namespace RatIlgpu.Browser.Tests;

/// <summary>Pages of attention whose numbers can be reckoned by hand.</summary>
static class SampleAttention
{
    public static readonly string[] Sentence = ["<s>", "Mary", " and", " John", " met", "\n"];

    public static readonly string[] Other = ["<s>", " Tom", " left", " Anna"];

    /// <summary>The heads, in the order of the pages.</summary>
    public static readonly HeadIndex[] Heads = [new(0, 0), new(0, 1), new(1, 0), new(1, 1)];

    /// <summary>Returns the attention of a head: to the token before; to all alike; three quarters to the first and
    /// the rest to itself; or half to itself and half to the token before.</summary>
    public static float Value(int head, int query, int key) => head switch
    {
        _ when key > query => 0,
        0 => key == Math.Max(0, query - 1) ? 1 : 0,
        1 => 1f / (query + 1),
        2 => query == 0 ? 1 : key == 0 ? 0.75f : key == query ? 0.25f : 0,
        _ => query == 0 ? 1 : key >= query - 1 ? 0.5f : 0,
    };

    /// <summary>Makes a page of one prompt, with a factor of each key that weights by values.</summary>
    public static HtmlPage Page(AttentionPageOptions? options = null) => Of(options, (Sentence, null));

    public static HtmlPage TwoPrompts(AttentionPageOptions? options = null) =>
        Of(options, (Sentence, null), (Other, null));

    /// <summary>Makes a page whose last two tokens are padding.</summary>
    public static HtmlPage Padded() => Of(null, (Sentence, [1, 1, 1, 1, 0, 0]));

    /// <summary>Makes a page of many heads over a long text.</summary>
    public static HtmlPage Large(int layers, int heads, int tokens, AttentionPageOptions? options = null)
    {
        var builder = new AttentionPageBuilder(options);
        builder.BeginPrompt([.. Enumerable.Range(0, tokens).Select(i => new TokenText(i, Sentence[i % 5], []))]);
        for (var i = 0; i < layers * heads; i++)
            builder.Add(HeadOf(new(i / heads, i % heads), i % 4, tokens, null));
        return builder.ToPage();
    }

    /// <summary>Makes a page over two tokens, with the rollout through each of two layers: the second position holds a
    /// quarter of the first after one, and 7/16 after both.</summary>
    public static HtmlPage RolledOut()
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt([new(0, "a", []), new(1, "b", [])]);
        float[][] rollouts = [[1, 0, 0.25f, 0.75f], [1, 0, 0.4375f, 0.5625f]];
        for (var layer = 0; layer < 2; layer++)
        {
            var rows = rollouts[layer];
            builder.Add(new(new(layer, 0), 2, (first, into) =>
                new float[] { 1, 0, 0.5f, 0.5f }.AsSpan(2 * first, into.Length).CopyTo(into))
            {
                Rollout = (first, into) => rows.AsSpan(2 * first, into.Length).CopyTo(into),
            });
        }

        return builder.ToPage();
    }

    public static HtmlPage Of(AttentionPageOptions? options, params (string[] Tokens, int[]? Mask)[] prompts)
    {
        var builder = new AttentionPageBuilder(options);
        foreach (var (tokens, mask) in prompts)
        {
            builder.BeginPrompt([.. tokens.Select((text, i) => new TokenText(100 + i, text, []))], mask);
            for (var head = 0; head < Heads.Length; head++)
                builder.Add(HeadOf(Heads[head], head, tokens.Length, mask));
        }

        return builder.ToPage();
    }

    /// <summary>Adds heads of the sentence, in the order given.</summary>
    public static void AddTo(AttentionPageBuilder builder, params int[] heads)
    {
        builder.BeginPrompt([.. Sentence.Select((text, i) => new TokenText(100 + i, text, []))]);
        foreach (var head in heads)
            builder.Add(HeadOf(Heads[head], head, Sentence.Length, null));
    }

    static HeadAttention HeadOf(HeadIndex index, int head, int tokens, int[]? mask) =>
        new(index, tokens, (first, rows) =>
        {
            for (var i = 0; i < rows.Length; i++)
                rows[i] = Value(head, first + (i / tokens), i % tokens);
        })
        {
            ValueFactors = [.. Enumerable.Range(0, tokens).Select(key => mask?[key] == 0 ? 0f : key == 0 ? 0.25f : 1f)],
        };
}
