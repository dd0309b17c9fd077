namespace RatIlgpu.Analysis;

/// <summary>Gives heads their roles, by their scores among those of all heads.</summary>
static class RoleRules
{
    const double LeastExcess = 0.1;
    const double Deviations = 6;

    // Of the names that are read, more than half are among the five most lowered.
    const double LeastLowered = 0.5;

    /// <summary>The score that decides each role under the robust rules, and a second one that must agree.</summary>
    static readonly ImmutableArray<(HeadRole Role, HeadScoreDefinition Score, HeadScoreDefinition? Also)> Robust =
    [
        (HeadRole.PreviousToken, PreviousTokenDetector.OnText, PreviousTokenDetector.OnRandom),
        (HeadRole.Induction, InductionDetector.OnRandom, null),
        (HeadRole.DuplicateToken, DuplicateTokenDetector.OnRandom, null),
        (HeadRole.Positional, PositionalDetector.Offset, null),
        (HeadRole.FirstToken, PositionalDetector.FirstToken, null),
        (HeadRole.Delimiter, DelimiterDetector.Any, null),
        (HeadRole.Successor, SuccessorDetector.Permuted, null),
        (HeadRole.SInhibition, IndirectObjectDetector.Contrast, null),
    ];

    // As PublishedLabels asks for them.
    static readonly ImmutableArray<HeadScoreDefinition> Published =
    [
        PreviousTokenDetector.OnText, InductionDetector.OnRandom, DuplicateTokenDetector.OnText,
        PositionalDetector.Offset, PositionalDetector.FirstToken, DerivedScores.DelimiterRatio,
        SuccessorDetector.InOrder, IndirectObjectDetector.ToSecond,
    ];

    /// <summary>Returns the ids of the scores that decide roles.</summary>
    /// <param name="profile">The rules.</param>
    public static ImmutableHashSet<string> Deciding(ScoreProfile profile) =>
    [
        .. (profile == ScoreProfile.Pr403
            ? Published
            : [.. Robust.Select(rule => rule.Score), IndirectObjectDetector.ToObject]).Select(score => score.Id),
    ];

    /// <summary>Returns the heads with their roles.</summary>
    /// <param name="heads">All heads of a model.</param>
    /// <param name="profile">The rules.</param>
    public static ImmutableArray<AtlasHead> Label(ImmutableArray<AtlasHead> heads, ScoreProfile profile)
    {
        var labels = profile == ScoreProfile.Robust ? RobustLabels(heads) : PublishedLabels(heads);
        return [.. heads.Select(head => head with
        {
            Roles =
            [
                .. labels.Where(label => label.Head == head.Head).Select(label => label.Label)
                    .OrderByDescending(label => label.Confidence).ThenBy(label => label.Role),
            ],
        })];
    }

    /// <summary>Returns the least excess of a score that stands out among those of all heads: six median absolute
    /// deviations above the median, and at least 0.1.</summary>
    public static double LeastOf(IEnumerable<double> excesses)
    {
        double[] sorted = [.. excesses.Order()];
        if (sorted.Length == 0)
            return LeastExcess;
        var median = MedianOf(sorted);
        double[] deviations = [.. sorted.Select(excess => Math.Abs(excess - median)).Order()];
        return Math.Max(LeastExcess, median + (Deviations * MedianOf(deviations)));
    }

    static List<(HeadIndex Head, RoleLabel Label)> RobustLabels(ImmutableArray<AtlasHead> heads)
    {
        var found = new List<(HeadIndex, RoleLabel)>();
        foreach (var (role, score, also) in Robust)
        {
            var least = LeastOf(ExcessesOf(heads, score));
            var leastAlso = also is null ? 0 : LeastOf(ExcessesOf(heads, also));
            foreach (var head in heads)
                if (head.Scores.TryGetValue(score.Id, out var own)
                    && own.Low is { } low && low > LeastExcess && own.Excess > least
                    // The distance of one token is that of previous-token heads.
                    && (role != HeadRole.Positional || head.PeakOffset > 1)
                    && (also is null || (head.Scores.TryGetValue(also.Id, out var other) && other.Excess > leastAlso)))
                    found.Add((head.Head, new(role, score.Id, low)));
        }

        found.AddRange(Suppressors(heads));
        return found;
    }

    // Attends to the name that is due, and lowers the names that it reads.
    static IEnumerable<(HeadIndex Head, RoleLabel Label)> Suppressors(ImmutableArray<AtlasHead> heads)
    {
        var read = IndirectObjectDetector.ToObject;
        var least = LeastOf(ExcessesOf(heads, read));
        return
            from head in heads
            where head.Scores.TryGetValue(WeightScores.Copy.Id, out var copy) && copy.Raw < 0
            where head.Scores.TryGetValue(WeightScores.BottomFive.Id, out var bottom) && bottom.Raw > LeastLowered
            let score = head.Scores.GetValueOrDefault(read.Id)
            let low = score.Low ?? 0
            where low > LeastExcess && score.Excess > least
            select (head.Head, new RoleLabel(HeadRole.Suppressor, read.Id, low));
    }

    // The thresholds of the published scripts, on raw scores.
    static List<(HeadIndex Head, RoleLabel Label)> PublishedLabels(ImmutableArray<AtlasHead> heads)
    {
        var found = new List<(HeadIndex, RoleLabel)>();
        foreach (var head in heads)
        {
            Add(HeadRole.PreviousToken, PreviousTokenDetector.OnText, score => score.Raw > 0.3);
            Add(HeadRole.Induction, InductionDetector.OnRandom, score => score.Raw > 0.3);
            Add(HeadRole.DuplicateToken, DuplicateTokenDetector.OnText, score => score.Raw > 0.3);
            if (!Add(HeadRole.Positional, PositionalDetector.Offset, score => score.Raw > 0.3))
                Add(HeadRole.FirstToken, PositionalDetector.FirstToken, score => score.Raw > 0.1);
            Add(HeadRole.Delimiter, DerivedScores.DelimiterRatio, score => score.Raw > 2);
            Add(HeadRole.Successor, SuccessorDetector.InOrder, score => score.Raw > 0.05);
            if (head.Scores.TryGetValue(WeightScores.RawCopy.Id, out var copy) && copy.Raw < 0)
                Add(HeadRole.SInhibition, IndirectObjectDetector.ToSecond, score => score.Raw > 0.1);

            bool Add(HeadRole role, HeadScoreDefinition definition, Func<HeadScore, bool> isMarked)
            {
                if (!head.Scores.TryGetValue(definition.Id, out var score) || !isMarked(score))
                    return false;
                found.Add((head.Head, new(role, definition.Id, score.Low ?? score.Raw)));
                return true;
            }
        }

        return found;
    }

    static IEnumerable<double> ExcessesOf(ImmutableArray<AtlasHead> heads, HeadScoreDefinition score) =>
        heads.Where(head => head.Scores.ContainsKey(score.Id)).Select(head => head.Scores[score.Id].Excess);

    static double MedianOf(double[] sorted) =>
        (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
