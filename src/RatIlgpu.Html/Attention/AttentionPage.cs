using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders attention patterns as pages.</summary>
public static class AttentionPage
{
    /// <summary>Renders the pattern of one head over one prompt, from wherever it comes.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="pattern">The probabilities, <c>[queries, keys]</c>, in [0, 1], with as many queries and keys as
    /// tokens.</param>
    /// <param name="headNames">The name of the head. Default: null, <c>Head 1</c>.</param>
    /// <param name="isCausal">Whether no query has a key after itself. Default: null, whether all such numbers are
    /// zero.</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">The pattern does not fit the tokens or <paramref name="isCausal"/>, a number
    /// is no probability, or the page would be too large.</exception>
    public static HtmlPage FromPatterns(
        IReadOnlyList<string> tokens,
        float[,] pattern,
        IReadOnlyList<string>? headNames = null,
        bool? isCausal = null,
        AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(pattern);
        return FromArray([tokens], pattern, 1, 1, headNames, isCausal, options);
    }

    /// <summary>Renders the patterns of several heads over one prompt, from wherever they come.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="patterns">The probabilities, <c>[heads, queries, keys]</c>, in [0, 1], with as many queries and
    /// keys as tokens.</param>
    /// <param name="headNames">The names of the heads. Default: null, <c>Head 1</c> and so on.</param>
    /// <param name="isCausal">Whether no query has a key after itself. Default: null, whether all such numbers are
    /// zero.</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">The patterns do not fit the tokens, the names or
    /// <paramref name="isCausal"/>, a number is no probability, or the page would be too large.</exception>
    public static HtmlPage FromPatterns(
        IReadOnlyList<string> tokens,
        float[,,] patterns,
        IReadOnlyList<string>? headNames = null,
        bool? isCausal = null,
        AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(patterns);
        return FromArray([tokens], patterns, 1, patterns.GetLength(0), headNames, isCausal, options);
    }

    /// <summary>Renders the patterns of one head over several prompts, from wherever they come.</summary>
    /// <param name="prompts">The tokens of each prompt.</param>
    /// <param name="patterns">The probabilities, <c>[prompts, queries, keys]</c>, in [0, 1]; numbers past the tokens of
    /// a prompt are not read.</param>
    /// <param name="headNames">The name of the head. Default: null, <c>Head 1</c>.</param>
    /// <param name="isCausal">Whether no query has a key after itself. Default: null, whether all such numbers of a
    /// prompt are zero.</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">The patterns do not fit the tokens or <paramref name="isCausal"/>, a number
    /// is no probability, or the page would be too large.</exception>
    public static HtmlPage FromPatterns(
        IReadOnlyList<IReadOnlyList<string>> prompts,
        float[,,] patterns,
        IReadOnlyList<string>? headNames = null,
        bool? isCausal = null,
        AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(patterns);
        return FromArray([.. prompts], patterns, patterns.GetLength(0), 1, headNames, isCausal, options);
    }

    /// <summary>Renders the patterns of several heads over several prompts, from wherever they come.</summary>
    /// <param name="prompts">The tokens of each prompt.</param>
    /// <param name="patterns">The probabilities, <c>[prompts, heads, queries, keys]</c>, in [0, 1]; numbers past the
    /// tokens of a prompt are not read.</param>
    /// <param name="headNames">The names of the heads. Default: null, <c>Head 1</c> and so on.</param>
    /// <param name="isCausal">Whether no query has a key after itself. Default: null, whether all such numbers of a
    /// prompt are zero.</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">The patterns do not fit the tokens, the names or
    /// <paramref name="isCausal"/>, a number is no probability, or the page would be too large.</exception>
    public static HtmlPage FromPatterns(
        IReadOnlyList<IReadOnlyList<string>> prompts,
        float[,,,] patterns,
        IReadOnlyList<string>? headNames = null,
        bool? isCausal = null,
        AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(patterns);
        return FromArray(
            [.. prompts], patterns, patterns.GetLength(0), patterns.GetLength(1), headNames, isCausal, options);
    }

    static HtmlPage FromArray(
        ImmutableArray<IReadOnlyList<string>> prompts,
        Array patterns,
        int rows,
        int heads,
        IReadOnlyList<string>? names,
        bool? isCausal,
        AttentionPageOptions? options)
    {
        if (options?.Mode == AttentionMode.Lines)
            throw new ArgumentException(
                "Patterns alone have no queries and keys, which lines show; choose the mode small or large.");
        if (names is not null && names.Count != heads)
            throw new ArgumentException($"There are {names.Count} names for {heads} heads; each head needs one.");
        var arrays = new PatternArrays(prompts, patterns, rows, heads);
        var builder = new AttentionPageBuilder(options);
        for (var prompt = 0; prompt < prompts.Length; prompt++)
        {
            var causal = arrays.IsCausal(prompt);
            if (isCausal == true && !causal)
                throw new ArgumentException(
                    $"Prompt {prompt} has attention to keys after their query, but was said to be causal.");
            builder.BeginPrompt(
                [.. prompts[prompt].Select(token => new TokenText(-1, token, []))], null, null, isCausal ?? causal);
            for (var head = 0; head < heads; head++)
                builder.Add(
                    arrays.Head(prompt, head),
                    new(names?[head] ?? string.Create(CultureInfo.InvariantCulture, $"Head {head + 1}"), null));
        }

        return builder.ToPage();
    }
}
