namespace RatIlgpu.Analysis;

/// <summary>The contributions of the parts of a model to a logit, or to the difference of two, at one
/// position.</summary>
/// <remarks>Elhage et al., A Mathematical Framework for Transformer Circuits, 2021.</remarks>
public sealed class LogitAttribution
{
    internal LogitAttribution(
        Recording run,
        LogitTarget target,
        int position,
        AttributionOptions options,
        double measured,
        double finalScale,
        ImmutableArray<Contribution> terms) =>
        (TokenIds, AttentionMask, Interventions, Target, Position, Options, Measured, FinalScale, Terms) =
        (run.TokenIds, run.AttentionMask, run.Interventions, target, position, options, measured, finalScale, terms);

    /// <summary>Gets the prompt.</summary>
    public ImmutableArray<int> TokenIds { get; }

    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null if there was no
    /// padding.</summary>
    public ImmutableArray<int>? AttentionMask { get; }

    /// <summary>Gets a line that describes each intervention in the run; none if there was no intervention.</summary>
    public ValueArray<string> Interventions { get; }

    /// <summary>Gets the tokens whose logit is explained, or the direction in their place.</summary>
    public LogitTarget Target { get; }

    /// <summary>Gets the position, from 0.</summary>
    public int Position { get; }

    /// <summary>Gets the options.</summary>
    public AttributionOptions Options { get; }

    /// <summary>Gets the logit, or difference, of the model: the normed final stream times the tokens' rows of the
    /// unembedding.</summary>
    public double Measured { get; }

    /// <summary>Gets the scale of the final norm, <c>sqrt(mean(x²) + ε)</c>, by which every contribution is
    /// divided.</summary>
    public double FinalScale { get; }

    /// <summary>Gets the contributions in the order of the model, then remainder and rounding. They sum to
    /// <see cref="Measured"/>; of <see cref="AttributionUnit.CumulativeLayer"/>, the last alone equals it.</summary>
    public ImmutableArray<Contribution> Terms { get; }

    /// <summary>Returns the highest contributions, the highest first.</summary>
    /// <param name="count">The most to return.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<Contribution> Highest(int count) => First(count, term => -term.Value);

    /// <summary>Returns the lowest contributions, the lowest first.</summary>
    /// <param name="count">The most to return.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<Contribution> Lowest(int count) => First(count, term => term.Value);

    /// <summary>Returns the contributions of the largest magnitude, the largest first.</summary>
    /// <param name="count">The most to return.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<Contribution> Largest(int count) => First(count, term => -Math.Abs(term.Value));

    // Equal values stay in the order of the model.
    ImmutableArray<Contribution> First(int count, Func<Contribution, double> key) => count >= 0
        ? [.. Terms.OrderBy(key).Take(count)]
        : throw new ArgumentOutOfRangeException(nameof(count), $"{count} contributions asked, expected 0 or more.");
}

/// <summary>The contribution of a part of the residual stream to a logit, or to the difference of two.</summary>
/// <param name="Term">The part.</param>
/// <param name="Value">The contribution, in logits.</param>
public readonly record struct Contribution(ResidualTerm Term, double Value)
{
    /// <summary>Returns label and value, such as <c>L3H7: 1.25</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Term}: {Value}");
}
