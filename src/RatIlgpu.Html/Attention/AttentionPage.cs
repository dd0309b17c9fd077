using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders attention patterns as pages.</summary>
/// <remarks>Where the patterns would take more room than allowed, all lose detail alike, as little as possible: first
/// the codes of all cells but the strongest of each query, which keep the square root in 256 steps; then the resolution
/// of these, and the number of the strongest. The page says so, and marks each number that is not exact.</remarks>
public static class AttentionPage
{
    /// <summary>The heading of a page without a title.</summary>
    internal const string Title = "Attention";

    /// <summary>Renders the attention in recorded runs of a model.</summary>
    /// <param name="reader">Reads the attention, of the model that ran.</param>
    /// <param name="runs">The runs, at least one; each is a prompt of the page.</param>
    /// <param name="tokenOf">Returns the text of a token.</param>
    /// <param name="heads">The heads, and what of them. Default: those of a new <see cref="AttentionOptions"/>, the
    /// heads that every run has.</param>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">There is no run, a run does not have a head, the runs have no head in
    /// common, or the page would be too large at the least detail.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a layer or a head.</exception>
    /// <exception cref="ArithmeticException">A value is not a finite number.</exception>
    public static HtmlPage Render(
        AttentionReader reader,
        IReadOnlyList<Recording> runs,
        Func<int, TokenText> tokenOf,
        AttentionOptions? heads = null,
        AttentionPageOptions? options = null) => Read(reader, runs, tokenOf, heads, options).ToPage();

    /// <summary>Draws the attention in a recorded run as a static figure: one head with axes, or several side by
    /// side.</summary>
    /// <param name="reader">Reads the attention, of the model that ran.</param>
    /// <param name="run">The run.</param>
    /// <param name="tokenOf">Returns the text of a token.</param>
    /// <param name="heads">The heads, and what of them. Default: those of a new <see cref="AttentionOptions"/>, all
    /// heads of the run.</param>
    /// <param name="options">The title, the theme, the weighting and the notation. Default: those of a new
    /// <see cref="AttentionPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The run does not have a head, or the factors of the weighting were not asked
    /// for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a layer or a head.</exception>
    /// <exception cref="ArithmeticException">A value is not a finite number.</exception>
    public static string ToSvg(
        AttentionReader reader,
        Recording run,
        Func<int, TokenText> tokenOf,
        AttentionOptions? heads = null,
        AttentionPageOptions? options = null) =>
        Read(reader, [run], tokenOf, heads, options).ToSvg();

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
        return FromArray([tokens], pattern, 1, 1, headNames, isCausal, options).ToPage();
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
        return FromArray([tokens], patterns, 1, patterns.GetLength(0), headNames, isCausal, options).ToPage();
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
        return FromArray([.. prompts], patterns, patterns.GetLength(0), 1, headNames, isCausal, options).ToPage();
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
            [.. prompts], patterns, patterns.GetLength(0), patterns.GetLength(1), headNames, isCausal, options)
            .ToPage();
    }

    /// <summary>Draws the pattern of one head over one prompt, from wherever it comes, as a static figure with
    /// axes.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="pattern">The probabilities, <c>[queries, keys]</c>, in [0, 1], with as many queries and keys as
    /// tokens.</param>
    /// <param name="headNames">The name of the head. Default: null, <c>Head 1</c>.</param>
    /// <param name="isCausal">Whether no query has a key after itself. Default: null, whether all such numbers are
    /// zero.</param>
    /// <param name="options">The title and the theme. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">The pattern does not fit the tokens or <paramref name="isCausal"/>, a number
    /// is no probability, or the options ask for lines or a weighting, which need more than patterns.</exception>
    public static string ToSvg(
        IReadOnlyList<string> tokens,
        float[,] pattern,
        IReadOnlyList<string>? headNames = null,
        bool? isCausal = null,
        AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(pattern);
        return FromArray([tokens], pattern, 1, 1, headNames, isCausal, options).ToSvg();
    }

    /// <summary>Draws the patterns of several heads over one prompt, from wherever they come, as a static figure, side
    /// by side.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="patterns">The probabilities, <c>[heads, queries, keys]</c>, in [0, 1], with as many queries and
    /// keys as tokens.</param>
    /// <param name="headNames">The names of the heads. Default: null, <c>Head 1</c> and so on.</param>
    /// <param name="isCausal">Whether no query has a key after itself. Default: null, whether all such numbers are
    /// zero.</param>
    /// <param name="options">The title and the theme. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    /// <exception cref="ArgumentException">The patterns do not fit the tokens, the names or
    /// <paramref name="isCausal"/>, a number is no probability, or the options ask for lines or a weighting, which need
    /// more than patterns.</exception>
    public static string ToSvg(
        IReadOnlyList<string> tokens,
        float[,,] patterns,
        IReadOnlyList<string>? headNames = null,
        bool? isCausal = null,
        AttentionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(patterns);
        return FromArray([tokens], patterns, 1, patterns.GetLength(0), headNames, isCausal, options).ToSvg();
    }

    static AttentionPageBuilder Read(
        AttentionReader reader,
        IReadOnlyList<Recording> runs,
        Func<int, TokenText> tokenOf,
        AttentionOptions? heads,
        AttentionPageOptions? options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(tokenOf);
        if (runs.Count == 0)
            throw new ArgumentException("There is no run to show: at least one is needed.");
        heads ??= new();
        var chosen = reader.HeadsOf(heads, runs);
        var read = heads with
        {
            Layers = null,
            Heads = [.. chosen],
            ValueFactors = heads.ValueFactors || options?.Weights == AttentionWeights.Value,
            InfoFactors = heads.InfoFactors || options?.Weights == AttentionWeights.Info,
            Vectors = options?.Mode == AttentionMode.Lines,
        };
        options ??= new();
        if (options.Interventions.IsEmpty)
            options = options with { Interventions = [.. runs.Select(run => run.Interventions)] };
        var builder = new AttentionPageBuilder(options) { HeadOrder = chosen };
        foreach (var run in runs)
        {
            builder.BeginPrompt([.. run.TokenIds.Select(tokenOf)], run.AttentionMask);
            reader.Read(run, read, builder.Add);
        }

        return builder;
    }

    static AttentionPageBuilder FromArray(
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

        return builder;
    }
}
