namespace RatIlgpu.Analysis;

/// <summary>What an atlas has besides scores and roles; change it with <c>with</c>.</summary>
public sealed record AtlasDetail
{
    /// <summary>Gets the detail of an atlas of scores and roles alone.</summary>
    public static AtlasDetail Scores { get; } = new()
    {
        Weights = false,
        Verdicts = false,
        Feeders = false,
        Cards = 0,
    };

    /// <summary>Gets whether the scores of weights are computed. Default: true.</summary>
    public bool Weights { get; init; } = true;

    /// <summary>Gets whether heads with a role are taken away. Default: true.</summary>
    public bool Verdicts { get; init; } = true;

    /// <summary>Gets whether the heads that feed others are looked for. Default: true.</summary>
    public bool Feeders { get; init; } = true;

    /// <summary>Gets the most full cards, at least 0: those of the most confident heads of each role in turn. Default:
    /// 24.</summary>
    public int Cards { get; init; } = 24;

    /// <summary>Gets the heads that have a full card, instead of the most confident ones. Default: empty, those of <see
    /// cref="Cards"/>.</summary>
    public ValueArray<HeadIndex> CardHeads { get; init; } = [];
}
