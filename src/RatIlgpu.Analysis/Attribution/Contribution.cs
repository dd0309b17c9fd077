namespace RatIlgpu.Analysis;

/// <summary>How much a part of the residual stream adds to a logit, or to the difference of two.</summary>
/// <param name="Term">The part.</param>
/// <param name="Value">How much, in logits.</param>
public readonly record struct Contribution(ResidualTerm Term, double Value)
{
    /// <summary>Returns label and value, such as <c>L3H7: 1.25</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Term}: {Value}");
}
