namespace RatIlgpu.Analysis;

/// <summary>Scores how much heads attend as a known kind of head does, or as a given detection pattern says: by default
/// the mean, over the queries that have an expected key, of their attention to their expected keys.</summary>
/// <remarks>Needs a recording of <see cref="Activation.Pattern"/> at all positions, or at the chosen ones. Queries and
/// keys of padding are left out, as if the prompt did not have them: the first real token is the first
/// position.</remarks>
public static class HeadPatternDetector
{
    /// <summary>Scores heads against a kind of head.</summary>
    /// <param name="run">The run: a prompt of at least two tokens that are not padding.</param>
    /// <param name="kind">The kind of head.</param>
    /// <param name="options">The options; null for the share of attention.</param>
    /// <param name="heads">The heads; null for all recorded ones.</param>
    /// <returns>The score of each of these heads: a share of attention in [0, 1], or an absolute difference of at most
    /// 1, which is below −1 only if a query has several expected keys. NaN where no query is scored.</returns>
    /// <exception cref="ArgumentException">The pattern of a head was not recorded, or not at the scored positions; the
    /// prompt is too short; or a chosen position is padding or given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The kind, the measure or the choice of queries is not a member of
    /// its enumeration, or a chosen position is out of range.</exception>
    public static ImmutableSortedDictionary<HeadIndex, double> Score(
        Recording run,
        HeadPatternKind kind,
        HeadPatternOptions? options = null,
        IReadOnlyCollection<HeadIndex>? heads = null)
    {
        var tokens = Tokens(run.TokenIds.Length, run.AttentionMask);
        int[] ids = [.. tokens.Select(position => run.TokenIds[position])];
        return Score(run, tokens, DetectionPattern.For(kind, ids), options ?? new(), heads);
    }

    /// <summary>Scores heads against a kind of head in several prompts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">The prompts, each of at least two tokens that are not padding; at least one. Their targets
    /// and positions have no meaning here.</param>
    /// <param name="kind">The kind of head.</param>
    /// <param name="options">The options; null for the share of attention.</param>
    /// <param name="heads">The heads, at least one; null for all. The patterns of their layers alone are
    /// recorded.</param>
    /// <param name="progress">The listener to the share of the prompts that are done, in [0, 1]; null for none.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <exception cref="ArgumentException">There is no prompt or no head; a recorded run is of another model or prompt,
    /// or does not have the pattern of a head; a prompt is too short; or a chosen position is padding or given twice.
    /// Recorded patterns alone are checked when they are read, all else before anything runs.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The kind, the measure or the choice of queries is not a member of
    /// its enumeration, a chosen position is out of range, or the model does not have a head.</exception>
    /// <exception cref="OperationCanceledException">The runs were cancelled.</exception>
    public static HeadScoreBatch ScoreAll(
        Qwen2Model model,
        IReadOnlyList<AnalysisPrompt> prompts,
        HeadPatternKind kind,
        HeadPatternOptions? options = null,
        IReadOnlyCollection<HeadIndex>? heads = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        Check(model.Config, prompts, kind, options, heads);
        var found = ImmutableArray.CreateBuilder<ImmutableSortedDictionary<HeadIndex, double>>(prompts.Count);
        AnalysisPrompt.ReadAll(model, prompts, _ => Captures(options, heads), Read, cancellation);
        return new(kind, options, prompts, found.MoveToImmutable());

        void Read(AnalysisPrompt prompt, Recording run)
        {
            found.Add(Score(run, kind, options, heads));
            progress?.Report((double)found.Count / prompts.Count);
        }
    }

    /// <summary>Returns the captures that the scores need: the patterns of the layers of the heads.</summary>
    /// <param name="options">The options; null for the share of attention.</param>
    /// <param name="heads">The heads; null for all.</param>
    public static ImmutableArray<Capture> Captures(
        HeadPatternOptions? options = null, IReadOnlyCollection<HeadIndex>? heads = null) =>
    [
        new(Activation.Pattern)
        {
            Positions = options?.Positions,
            Layers = heads is null ? null : [.. heads.Select(head => (Index)head.Layer).Distinct()],
        },
    ];

    /// <summary>Scores heads against a given detection pattern.</summary>
    /// <param name="run">The run: a prompt of at least two tokens that are not padding.</param>
    /// <param name="expected">The detection pattern, <c>[tokens, tokens]</c>, padding included.</param>
    /// <param name="options">The options; null for the share of attention.</param>
    /// <param name="heads">The heads; null for all recorded ones.</param>
    /// <returns>The score of each of these heads.</returns>
    /// <exception cref="ArgumentException">The pattern of a head was not recorded, or not at the scored positions; the
    /// prompt is too short; the detection pattern has another size; or a chosen position is padding or given
    /// twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The measure or the choice of queries is not a member of its
    /// enumeration, or a chosen position is out of range.</exception>
    public static ImmutableSortedDictionary<HeadIndex, double> Score(
        Recording run,
        DetectionPattern expected,
        HeadPatternOptions? options = null,
        IReadOnlyCollection<HeadIndex>? heads = null)
    {
        var tokens = Tokens(run.TokenIds.Length, run.AttentionMask);
        if (expected.Size != run.TokenIds.Length)
            throw new ArgumentException(
                $"The detection pattern is for {expected.Size} positions, expected {run.TokenIds.Length}, those of the "
                + "prompt.");
        return Score(run, tokens, expected.At(tokens), options ?? new(), heads);
    }

    /// <summary>Returns the mean scores of several prompts, which may differ in length; every prompt that has a score
    /// has the same weight, and the mean is NaN where none has.</summary>
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
        return heads.ToImmutableSortedDictionary(head => head, head => HeadScoreBatch.Over(scores, head).Mean);
    }

    static ImmutableSortedDictionary<HeadIndex, double> Score(
        Recording run,
        ImmutableArray<int> tokens,
        DetectionPattern expected,
        HeadPatternOptions options,
        IReadOnlyCollection<HeadIndex>? heads)
    {
        options.Check();
        var queries = Queries(run, tokens, expected, options);
        return (heads?.Distinct() ?? Recorded(run)).ToImmutableSortedDictionary(head => head, head =>
            Score(PatternOf(run, head, options), head.Head, tokens, queries, expected, options));
    }

    static void Check(
        Qwen2Config config,
        IReadOnlyList<AnalysisPrompt> prompts,
        HeadPatternKind kind,
        HeadPatternOptions options,
        IReadOnlyCollection<HeadIndex>? heads)
    {
        options.Check();
        if (!Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} is no kind of head.");
        if (heads is { Count: 0 })
            throw new ArgumentException("There is no head to score: at least one is needed.");
        foreach (var head in heads ?? [])
            head.Check(config.LayerCount, config.HeadCount);
        foreach (var prompt in prompts)
        {
            var (length, mask) = (prompt.TokenIds.Length, (prompt.AttentionMask ?? prompt.Run?.AttentionMask)?.Items);
            // A mask of another length is refused with the prompt.
            if (mask is { } given && given.Length != length)
                continue;
            Tokens(length, mask);
            Chosen(length, mask, options);
        }
    }

    // The chosen positions; null for all.
    static ImmutableHashSet<int>? Chosen(int length, ImmutableArray<int>? mask, HeadPatternOptions options)
    {
        if (options.Positions is not { } positions)
            return null;
        ActivationAxes.Resolve(positions, length, "position");
        return [.. positions.Select(position => Recording.Resolve(position, length, mask))];
    }

    // The scored queries, as places among the tokens.
    static ImmutableArray<int> Queries(
        Recording run, ImmutableArray<int> tokens, DetectionPattern expected, HeadPatternOptions options)
    {
        var chosen = Chosen(run.TokenIds.Length, run.AttentionMask, options);
        return
        [
            .. Enumerable.Range(0, tokens.Length).Where(query =>
                chosen?.Contains(tokens[query]) != false
                && (options.Queries == PatternQueries.All || expected.Row(query).Contains(true))),
        ];
    }

    static double Score(
        RecordedActivation pattern,
        int head,
        ImmutableArray<int> tokens,
        ImmutableArray<int> queries,
        DetectionPattern expected,
        HeadPatternOptions options)
    {
        var (covered, kept, difference) = (0.0, 0.0, 0.0);
        foreach (var query in queries)
        {
            var attention = pattern.Row(tokens[query], head);
            var wanted = expected.Row(query);
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

        return options.Measure == PatternMeasure.AttentionShare ? covered / kept : 1 - difference / queries.Length;
    }

    // The positions that are not padding.
    static ImmutableArray<int> Tokens(int length, ImmutableArray<int>? mask)
    {
        ImmutableArray<int> tokens = [.. Enumerable.Range(0, length).Where(position => mask?[position] != 0)];
        return tokens.Length >= 2
            ? tokens
            : throw new ArgumentException(
                $"The prompt has {CountText.Of(tokens.Length, "token")}, expected 2 at least: one alone attends to "
                + "itself only.");
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
            : throw new NotRecordedException("No pattern was recorded", "ask for Pattern when recording");
    }

    static RecordedActivation PatternOf(Recording run, HeadIndex head, HeadPatternOptions options)
    {
        var pattern = run[new(Activation.Pattern, head.Layer)];
        return options.Positions is not null || pattern.Positions.Length == run.TokenIds.Length
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

    /// <summary>Gets the scored queries. Default: those that have an expected key.</summary>
    public PatternQueries Queries { get; init; }

    /// <summary>Gets the positions whose queries are scored, <c>^1</c> for the last, each once, as far as
    /// <see cref="Queries"/> scores them. Default: null, all.</summary>
    public ValueArray<Index>? Positions { get; init; }

    /// <summary>Gets whether attention to the first token is left out: many heads rest there. Default: false.</summary>
    public bool ExcludeFirstPosition { get; init; }

    /// <summary>Gets whether attention of a token to itself is left out. Default: false.</summary>
    public bool ExcludeCurrentToken { get; init; }

    /// <summary>Throws if an option is not a member of its enumeration.</summary>
    internal void Check()
    {
        if (!Enum.IsDefined(Measure))
            throw new ArgumentOutOfRangeException(nameof(Measure), $"{Measure} is no measure of a pattern.");
        if (!Enum.IsDefined(Queries))
            throw new ArgumentOutOfRangeException(nameof(Queries), $"{Queries} is no choice of queries.");
    }
}

/// <summary>The queries that are scored.</summary>
public enum PatternQueries
{
    /// <summary>The queries that have an expected key: of the previous token, all but the first; of duplicates and
    /// induction, those whose token occurred before.</summary>
    WithKey,

    /// <summary>All queries, as in TransformerLens: a query without an expected key lowers the score.</summary>
    All,
}

/// <summary>The measure by which an attention pattern A is compared with the expected pattern D.</summary>
/// <remarks>With <see cref="PatternQueries.All"/>, the two measures of TransformerLens's head detector. Without
/// exclusions the rows of A sum to 1, and the second is twice the first minus the mean number of cells of D in a
/// row.</remarks>
public enum PatternMeasure
{
    /// <summary>The share of the attention on expected cells, <c>Σ A·D / Σ A</c>; without exclusions, the mean over the
    /// queries of their attention to expected keys. NaN if no attention is left.</summary>
    AttentionShare,

    /// <summary>One minus the absolute difference of a row, <c>1 − Σ |A − D| / n</c>, for n queries.</summary>
    AbsoluteDifference,
}
