using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>What a part of the query and a part of the key add to the score of a link that two traces explain, or the
/// whole score.</summary>
/// <remarks>A trace keeps the largest pairs of a link. What a pair adds that it does not keep is no larger than the
/// least that it keeps, so that at least a part of the difference is known.</remarks>
public sealed record PartDifference
{
    /// <summary>Gets the link in the first trace.</summary>
    public required LinkExplanation A { get; init; }

    /// <summary>Gets its counterpart in the second trace.</summary>
    public required LinkExplanation B { get; init; }

    /// <summary>Gets the part of the query; null for the whole score.</summary>
    public string? Query { get; init; }

    /// <summary>Gets the part of the key; null for the whole score.</summary>
    public string? Key { get; init; }

    /// <summary>Gets what the pair adds in the first trace; null where that does not keep it.</summary>
    public double? ValueA { get; init; }

    /// <summary>Gets what the pair adds in the second trace; null where that does not keep it.</summary>
    public double? ValueB { get; init; }

    /// <summary>Gets the number in the first trace minus that in the second; where one is not kept, the part of the
    /// difference that is certain, which may be 0.</summary>
    public double Difference => (ValueA, ValueB) switch
    {
        ({ } a, { } b) => a - b,
        ({ } a, null) => Beyond(a, LimitOf(B)),
        (null, { } b) => -Beyond(b, LimitOf(A)),
        _ => 0,
    };

    /// <summary>Gets whether both numbers are known.</summary>
    public bool IsExact => ValueA is not null && ValueB is not null;

    /// <summary>Gets whether there is a difference for certain that is not 0.0000.</summary>
    public bool Differs => Math.Round(Math.Abs(Difference), 4) > 0;

    /// <summary>Gets the difference in words, such as <c>A +2.7500</c>, or <c>A +2.2500 or more</c> where one number is
    /// not kept.</summary>
    public string Words
    {
        get
        {
            var size = Math.Abs(Difference).ToString("F4", CultureInfo.InvariantCulture);
            return !Differs
                ? IsExact ? "equal" : "not known"
                : $"{(Difference > 0 ? 'A' : 'B')} +{size}{(IsExact ? "" : " or more")}";
        }
    }

    /// <summary>Returns the differences of all links that both traces explain, the largest first: the whole score of
    /// each, and the pairs that one of the two keeps.</summary>
    internal static ImmutableArray<PartDifference> Of(TraceResult a, TraceResult b, Alignment alignment)
    {
        var ofB = new Dictionary<(int, int), LinkExplanation>();
        foreach (var one in b.Explanations)
            ofB[(one.Source, one.Target)] = one;
        return
        [
            .. a.Explanations
                .SelectMany(one => ofB.TryGetValue(
                    (alignment.BOfA[one.Source], alignment.BOfA[one.Target]), out var other) ? Of(one, other) : [])
                .OrderByDescending(part => Math.Abs(part.Difference)),
        ];
    }

    static IEnumerable<PartDifference> Of(LinkExplanation a, LinkExplanation b) =>
    [
        new() { A = a, B = b, ValueA = a.Score, ValueB = b.Score },
        .. a.Pairs.Concat(b.Pairs).Select(pair => (pair.Query, pair.Key)).Distinct().Select(pair => new PartDifference
        {
            A = a,
            B = b,
            Query = pair.Query,
            Key = pair.Key,
            ValueA = ValueIn(a, pair),
            ValueB = ValueIn(b, pair),
        }),
    ];

    // A trace that keeps fewer pairs than it may has no others.
    static double? ValueIn(LinkExplanation link, (string Query, string Key) parts) =>
        link.Pairs.FirstOrDefault(pair => (pair.Query, pair.Key) == parts) is { } kept ? kept.Value
            : link.Pairs.Length < LinkExplanation.MostPairs ? 0
            : null;

    /// <summary>Returns the largest size of a pair that a link does not keep.</summary>
    internal static double LimitOf(LinkExplanation link) => link.Pairs.Min(pair => Math.Abs(pair.Value));

    static double Beyond(double value, double limit) => Math.Sign(value) * Math.Max(0, Math.Abs(value) - limit);
}
