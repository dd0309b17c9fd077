namespace RatIlgpu.Analysis;

/// <summary>All that an atlas says of one head, apart from its card.</summary>
/// <param name="Head">The head.</param>
/// <param name="KeyValueHead">The key/value head that it reads.</param>
public sealed record AtlasHead(HeadIndex Head, int KeyValueHead)
{
    /// <summary>Gets the scores by the id of their definition; a score without a valid query, or that was not measured,
    /// is not there.</summary>
    public required ImmutableSortedDictionary<string, HeadScore> Scores { get; init; }

    /// <summary>Gets the roles, the strongest first.</summary>
    public ValueArray<RoleLabel> Roles { get; init; } = [];

    /// <summary>Gets the mean attention on text to each distance from the query; null for a distance with too few
    /// cells.</summary>
    public ValueArray<double?> Profile { get; init; } = [];

    /// <summary>Gets the distance with the most attention, at least 1; null where no distance has enough
    /// cells.</summary>
    public int? PeakOffset { get; init; }

    /// <summary>Gets the earlier heads that feed its queries or keys, the strongest first; empty where they were not
    /// looked for.</summary>
    public ValueArray<HeadFeeder> Feeders { get; init; } = [];

    /// <summary>Gets what taking the head away does to what its roles claim; empty where it was not measured.</summary>
    public ValueArray<CausalEffect> Effects { get; init; } = [];
}

/// <summary>A role of a head.</summary>
/// <param name="Role">The role.</param>
/// <param name="ScoreId">The score that decided.</param>
/// <param name="Confidence">The lower end of the interval of its excess.</param>
public readonly record struct RoleLabel(HeadRole Role, string ScoreId, double Confidence)
{
    /// <summary>Gets the verdict of ablation; null where none was made.</summary>
    public CausalVerdict? Verdict { get; init; }
}

/// <summary>An earlier head that a head reads.</summary>
/// <param name="Source">The earlier head.</param>
/// <param name="Input">The input of the later head through which it is read.</param>
/// <param name="ScoreId">The score of the later head.</param>
/// <param name="Effect">The score less the score without what the earlier head writes into this input, the scale of the
/// norm held: positive where it helps.</param>
public readonly record struct HeadFeeder(HeadIndex Source, HeadInput Input, string ScoreId, double Effect);
