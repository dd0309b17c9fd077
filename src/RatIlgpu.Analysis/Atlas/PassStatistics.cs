namespace RatIlgpu.Analysis;

/// <summary>Computes scores of heads, with chance levels and intervals, from the sums of a pass.</summary>
sealed class PassStatistics
{
    // A distance with fewer cells has too few samples.
    const int LeastCells = 64;

    // Less attention than this per query is what rounding leaves of none: a share of it means nothing.
    const double LeastAttention = 1e-4;

    readonly PassSums sums;
    readonly PassLayout layout;
    readonly GroupSums[] groups;
    readonly Bootstrap bootstrap;
    readonly Qwen2Config config;

    // The counts and chance levels of draws, which all heads have in common.
    readonly Dictionary<int, double[]> draws = [];

    /// <summary>Makes the statistics of a pass.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="config">The model.</param>
    public PassStatistics(PassSums sums, Qwen2Config config)
    {
        (this.sums, layout, this.config) = (sums, sums.Layout, config);
        groups = [.. sums.Groups.Values];
        bootstrap = new(groups.Length);
    }

    /// <summary>Gets the layout of the sums.</summary>
    public PassLayout Layout => layout;

    /// <summary>Returns the scores of attention of a head by their ids; those without a valid query are left
    /// out.</summary>
    public IReadOnlyDictionary<string, HeadScore> ScoresOf(HeadIndex head) =>
        (from definition in layout.Scores
         let score = Of(definition, head)
         where score is not null
         select (definition.Id, score.Value)).ToDictionary();

    /// <summary>Returns a score of attention of a head; null where no query was valid.</summary>
    public HeadScore? Of(HeadScoreDefinition score, HeadIndex head)
    {
        var place = layout.PlaceOf(score);
        var (raw, count, chance) = (PartOf(head, place * PassLayout.Parts), CountOf(place), ChanceOf(head, place));
        var (all, queries) = (raw.Sum(), count.Sum());
        if (queries == 0)
            return null;
        var parts = Enumerable.Range(0, PassLayout.Parts)
            .Select(part => PartOf(head, (place * PassLayout.Parts) + part).Sum()).ToArray();
        var interval = IntervalOf(raw, head, place);
        return new(all / queries, queries)
        {
            Chance = chance.Sum() / queries,
            WithoutFirst = Share(all - parts[1], queries - parts[3], queries),
            WithoutSelf = Share(all - parts[2], queries - parts[4], queries),
            Low = interval?.Low,
            High = interval?.High,
        };
    }

    /// <summary>Returns the mean attention of a head to each distance; null where a distance has fewer than 64
    /// cells.</summary>
    public ImmutableArray<double?> ProfileOf(HeadIndex head) => Each(
        offset => MeanOf(PartOf(head, ProfilePlace + offset), CountOf(layout.Scores.Length + offset)));

    /// <summary>Returns the chance level of each distance.</summary>
    public ImmutableArray<double?> ChanceProfileOf(HeadIndex head) => Each(
        offset => MeanOf(ChanceOf(head, layout.Scores.Length + offset), CountOf(layout.Scores.Length + offset)));

    /// <summary>Returns the largest mean attention to a distance of at least 1, and the distance; null where all
    /// distances have too few cells.</summary>
    public (HeadScore Score, int Offset)? PeakOf(HeadIndex head)
    {
        var profile = ProfileOf(head);
        var peak = -1;
        for (var offset = 1; offset < profile.Length; offset++)
            if (profile[offset] is { } mean && (peak < 0 || mean > profile[peak]))
                peak = offset;
        if (peak < 0)
            return null;
        var place = layout.Scores.Length + peak;
        var (raw, count, chance) = (PartOf(head, ProfilePlace + peak), CountOf(place), ChanceOf(head, place));
        var interval = IntervalOf(raw, head, place);
        return (new(profile[peak]!.Value, count.Sum())
        {
            Chance = chance.Sum() / count.Sum(),
            Low = interval?.Low,
            High = interval?.High,
        }, peak);
    }

    /// <summary>Returns the mean entropy of the attention of a query, in nats, and its largest value; null without a
    /// query.</summary>
    public (double Mean, double Uniform, double Count)? EntropyOf(HeadIndex head)
    {
        var place = layout.Counted - 1;
        var queries = CountOf(place).Sum();
        return queries == 0
            ? null
            : (PartOf(head, layout.Entropy).Sum() / queries, ChanceOf(head, place).Sum() / queries, queries);
    }

    /// <summary>Returns the share of what a head writes, each key by the length of its vector, that comes from the
    /// first token; null where it writes nothing.</summary>
    public double? FirstMassOf(HeadIndex head) =>
        Share(
            PartOf(head, layout.AllMass).Sum() - PartOf(head, layout.LaterMass).Sum(),
            PartOf(head, layout.AllMass).Sum(), 0);

    /// <summary>Gets the share of delimiters among all tokens; NaN without a token.</summary>
    public double DelimiterShare => CountOf(layout.DelimiterTokens).Sum() / CountOf(layout.Tokens).Sum();

    /// <summary>Returns a mean map of a head, <c>[64, 64]</c>; NaN for cells that no sequence has.</summary>
    public float[] MapOf(HeadIndex head, int map)
    {
        var found = new float[PassLayout.MapCells];
        var first = ((PlaceOf(head) * layout.Maps.Length) + map) * PassLayout.MapCells;
        for (var i = 0; i < found.Length; i++)
            found[i] = sums.MapCounts[(map * PassLayout.MapCells) + i] is > 0 and var count
                ? (float)(FixedPoint.ToDouble(sums.Maps[first + i]) / count)
                : float.NaN;
        return found;
    }

    int ProfilePlace => PassLayout.Parts * layout.Scores.Length;

    int PlaceOf(HeadIndex head) => (head.Layer * config.HeadCount) + head.Head;

    double[] PartOf(HeadIndex head, int place) =>
    [
        .. groups.Select(group => FixedPoint.ToDouble(
            group.Heads[(PlaceOf(head) * layout.HeadLength) + place], layout.BitsOf(place))),
    ];

    double[] CountOf(int place) => [.. groups.Select(group => FixedPoint.ToDouble(group.Data[place]))];

    double[] ChanceOf(HeadIndex head, int place) => CountOf(ChancePlace(head, place));

    int ChancePlace(HeadIndex head, int place) =>
        ((1 + layout.Windows.IndexOf(config.WindowOf(head.Layer))) * layout.Counted) + place;

    (double Low, double High)? IntervalOf(double[] raw, HeadIndex head, int place) => Bootstrap.IntervalOf(
        bootstrap.SumsOf(raw), DrawsOf(ChancePlace(head, place)), DrawsOf(place));

    double[] DrawsOf(int place)
    {
        if (!draws.TryGetValue(place, out var sums))
            draws.Add(place, sums = bootstrap.SumsOf(CountOf(place)));
        return sums;
    }

    static double? MeanOf(double[] raw, double[] count) =>
        count.Sum() is >= LeastCells and var cells ? raw.Sum() / cells : null;

    static double? Share(double part, double whole, double queries) =>
        whole > LeastAttention * queries ? part / whole : null;

    static ImmutableArray<double?> Each(Func<int, double?> of) =>
        [.. Enumerable.Range(0, PassLayout.Offsets).Select(of)];
}
