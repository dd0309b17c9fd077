namespace RatIlgpu.Analysis;

/// <summary>Scores how much heads attend as a known kind of head does, or as a given pattern says.</summary>
/// <remarks>Needs a recording of <see cref="Activation.Pattern"/> at all positions. Queries and keys of padding are
/// left out, as if the prompt did not have them: the first real token is the first position.</remarks>
public static class HeadPatternDetector
{
    /// <summary>Scores heads against a kind of head.</summary>
    /// <param name="run">The run: a prompt of at least two tokens that are not padding.</param>
    /// <param name="kind">The kind of head.</param>
    /// <param name="options">The options; null for the share of attention.</param>
    /// <param name="heads">The heads; null for all recorded ones.</param>
    /// <returns>The score of each of these heads: a share of attention in [0, 1], or an absolute difference of at most
    /// 1, which is below −1 only if a query has several expected keys.</returns>
    /// <exception cref="ArgumentException">The pattern of a head was not recorded, or not at all positions, or the
    /// prompt is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The kind or the measure is not a member of its
    /// enumeration.</exception>
    public static ImmutableSortedDictionary<HeadIndex, double> Score(
        Recording run,
        HeadPatternKind kind,
        HeadPatternOptions? options = null,
        IReadOnlyCollection<HeadIndex>? heads = null)
    {
        var tokens = Tokens(run);
        int[] ids = [.. tokens.Select(position => run.TokenIds[position])];
        return Score(run, tokens, DetectionPattern.For(kind, ids), options ?? new(), heads);
    }

    /// <summary>Scores heads against a given pattern.</summary>
    /// <param name="run">The run: a prompt of at least two tokens that are not padding.</param>
    /// <param name="mask">The expected pattern, <c>[tokens, tokens]</c>, padding included.</param>
    /// <param name="options">The options; null for the share of attention.</param>
    /// <param name="heads">The heads; null for all recorded ones.</param>
    /// <returns>The score of each of these heads.</returns>
    /// <exception cref="ArgumentException">The pattern of a head was not recorded, or not at all positions, the prompt
    /// is too short, or the mask has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The measure is not a member of
    /// <see cref="PatternMeasure"/>.</exception>
    public static ImmutableSortedDictionary<HeadIndex, double> Score(
        Recording run,
        DetectionPattern mask,
        HeadPatternOptions? options = null,
        IReadOnlyCollection<HeadIndex>? heads = null)
    {
        var tokens = Tokens(run);
        if (mask.Size != run.TokenIds.Length)
            throw new ArgumentException(
                $"The mask is for {mask.Size} positions, expected {run.TokenIds.Length}, those of the prompt.");
        return Score(run, tokens, mask.At(tokens), options ?? new(), heads);
    }

    /// <summary>Returns the mean scores of several prompts, which may differ in length; every prompt has the same
    /// weight.</summary>
    /// <param name="scores">The scores of each prompt, all of the same heads; at least one.</param>
    /// <exception cref="ArgumentException">There are no scores, or they are not all of the same heads.</exception>
    public static ImmutableSortedDictionary<HeadIndex, double> Average(
        params IReadOnlyCollection<ImmutableSortedDictionary<HeadIndex, double>> scores)
    {
        if (scores.Count == 0)
            throw new ArgumentException("There are no scores to average: those of one prompt at least are needed.");
        var heads = scores.First().Keys;
        foreach (var others in scores)
            if (!heads.SequenceEqual(others.Keys))
                throw new ArgumentException(
                    $"Scores of heads {string.Join(", ", others.Keys)} cannot be averaged with those of "
                    + $"{string.Join(", ", heads)}: the same heads are needed for every prompt.");
        return heads.ToImmutableSortedDictionary(head => head, head => scores.Average(one => one[head]));
    }

    static ImmutableSortedDictionary<HeadIndex, double> Score(
        Recording run,
        ImmutableArray<int> tokens,
        DetectionPattern mask,
        HeadPatternOptions options,
        IReadOnlyCollection<HeadIndex>? heads)
    {
        if (!Enum.IsDefined(options.Measure))
            throw new ArgumentOutOfRangeException(nameof(options), $"{options.Measure} is no measure of a pattern.");
        return (heads?.Distinct() ?? Recorded(run)).ToImmutableSortedDictionary(
            head => head, head => Score(PatternOf(run, head), head.Head, tokens, mask, options));
    }

    static double Score(
        RecordedActivation pattern,
        int head,
        ImmutableArray<int> tokens,
        DetectionPattern mask,
        HeadPatternOptions options)
    {
        var (covered, kept, difference) = (0.0, 0.0, 0.0);
        for (var query = 0; query < tokens.Length; query++)
        {
            var attention = pattern.Row(tokens[query], head);
            var wanted = mask.Row(query);
            for (var key = 0; key < tokens.Length; key++)
            {
                if ((options.ExcludeFirstPosition && key == 0) || (options.ExcludeCurrentToken && key == query))
                    continue;
                double share = attention[tokens[key]];
                kept += share;
                covered += wanted[key] ? share : 0;
                difference += Math.Abs(share - (wanted[key] ? 1 : 0));
            }
        }

        return options.Measure == PatternMeasure.AttentionShare ? covered / kept : 1 - difference / tokens.Length;
    }

    // The positions that are not padding.
    static ImmutableArray<int> Tokens(Recording run)
    {
        ImmutableArray<int> tokens =
        [
            .. Enumerable.Range(0, run.TokenIds.Length).Where(position => run.AttentionMask?[position] != 0),
        ];
        return tokens.Length >= 2
            ? tokens
            : throw new ArgumentException(
                $"The prompt has {tokens.Length} tokens, expected 2 at least: one alone attends to itself only.");
    }

    static IEnumerable<HeadIndex> Recorded(Recording run)
    {
        HeadIndex[] heads =
        [
            .. from site in run.Sites
               where site.Activation == Activation.Pattern
               from head in run[site].Heads
               select new HeadIndex(site.Layer, head),
        ];
        return heads.Length > 0
            ? heads
            : throw new ArgumentException("No pattern was recorded: ask for Pattern when recording.");
    }

    static RecordedActivation PatternOf(Recording run, HeadIndex head)
    {
        var pattern = run[new(Activation.Pattern, head.Layer)];
        return pattern.Positions.Length == run.TokenIds.Length
            ? pattern
            : throw new ArgumentException(
                $"{pattern.Site} was recorded at {pattern.Positions.Length} positions, expected all "
                + $"{run.TokenIds.Length} of the prompt.");
    }
}

/// <summary>The options of a score; change them with <c>with</c>.</summary>
public sealed record HeadPatternOptions
{
    /// <summary>Gets the measure. Default: <see cref="PatternMeasure.AttentionShare"/>.</summary>
    public PatternMeasure Measure { get; init; }

    /// <summary>Gets whether attention to the first token is left out: many heads rest there. Default: false.</summary>
    public bool ExcludeFirstPosition { get; init; }

    /// <summary>Gets whether attention of a token to itself is left out. Default: false.</summary>
    public bool ExcludeCurrentToken { get; init; }
}

/// <summary>The measure by which an attention pattern A is compared with the expected pattern D.</summary>
/// <remarks>The two measures of TransformerLens's head detector. Without exclusions the rows of A sum to 1, and the
/// second is twice the first minus the mean number of cells of D in a row.</remarks>
public enum PatternMeasure
{
    /// <summary>The share of the attention on expected cells, <c>Σ A·D / Σ A</c>; NaN if no attention is
    /// left.</summary>
    AttentionShare,

    /// <summary>One minus the absolute difference of a row, <c>1 − Σ |A − D| / n</c>, for n tokens.</summary>
    AbsoluteDifference,
}
