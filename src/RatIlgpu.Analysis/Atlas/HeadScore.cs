namespace RatIlgpu.Analysis;

/// <summary>One score of one head, with what is needed to judge it.</summary>
/// <param name="Raw">The score: of attention, the mean over the valid queries of the attention to their target
/// keys.</param>
/// <param name="Count">The number of valid queries, or of tokens for a score of weights.</param>
public readonly record struct HeadScore(double Raw, double Count)
{
    /// <summary>Gets the score that a head with uniform attention has on the same sequences; null for a score that has
    /// no such level.</summary>
    public double? Chance { get; init; }

    /// <summary>Gets <c>(raw − chance) / (1 − chance)</c>; the raw score where there is no chance level below
    /// 1.</summary>
    public double Excess => Chance is { } chance and < 1 ? (Raw - chance) / (1 - chance) : Raw;

    /// <summary>Gets the share of the attention that does not go to the first token: <c>Σ A[q, targets without 0] / Σ
    /// (1 − A[q, 0])</c>; null where all of it does, and of a score that is not of attention.</summary>
    public double? WithoutFirst { get; init; }

    /// <summary>Gets the share of the attention that does not go to the query itself; null as for <see
    /// cref="WithoutFirst"/>.</summary>
    public double? WithoutSelf { get; init; }

    /// <summary>Gets the lower end of the 95 % interval of <see cref="Excess"/>, from a bootstrap over sequences; null
    /// where there are fewer than two.</summary>
    public double? Low { get; init; }

    /// <summary>Gets the upper end.</summary>
    public double? High { get; init; }
}
