using System.Runtime.InteropServices;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders attention patterns as pages.</summary>
public static class AttentionPage
{
    /// <summary>Renders the pattern of one head over one prompt.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="pattern">The probabilities, <c>[queries, keys]</c>, in [0, 1].</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    public static HtmlPage FromPatterns(
        IReadOnlyList<string> tokens, float[,] pattern, AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var (queries, keys) = (pattern.GetLength(0), pattern.GetLength(1));
        var copy = new float[1, queries, keys];
        Buffer.BlockCopy(pattern, 0, copy, 0, pattern.Length * sizeof(float));
        return FromPatterns(tokens, copy, options);
    }

    /// <summary>Renders the patterns of several heads over one prompt.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="patterns">The probabilities, <c>[heads, queries, keys]</c>, in [0, 1].</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    public static HtmlPage FromPatterns(
        IReadOnlyList<string> tokens, float[,,] patterns, AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(patterns);
        var builder = new AttentionPageBuilder(options);
        builder.BeginPrompt([.. tokens.Select(token => new TokenText(-1, token, []))]);
        for (var head = 0; head < patterns.GetLength(0); head++)
            builder.Add(new ArrayHead(patterns, head, $"Head {head + 1}"));
        return builder.ToPage();
    }

    sealed class ArrayHead(float[,,] patterns, int head, string name) : HeadSource
    {
        public override HeadIndex? Head => null;

        public override string Name => name;

        public override int TokenCount => patterns.GetLength(1);

        public override void CopyRows(int firstQuery, Span<float> rows)
        {
            var all = MemoryMarshal.CreateReadOnlySpan(ref patterns[0, 0, 0], patterns.Length);
            all.Slice(((head * TokenCount) + firstQuery) * TokenCount, rows.Length).CopyTo(rows);
        }
    }
}
