using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>A logit, or the difference of two, taken apart at one position.</summary>
/// <remarks>Elhage et al., A Mathematical Framework for Transformer Circuits, 2021.</remarks>
public sealed class LogitAttribution
{
    internal LogitAttribution(
        ImmutableArray<int> tokenIds,
        LogitTarget target,
        int position,
        AttributionOptions options,
        double measured,
        double finalScale,
        ImmutableArray<Contribution> terms) =>
        (TokenIds, Target, Position, Options, Measured, FinalScale, Terms) =
        (tokenIds, target, position, options, measured, finalScale, terms);

    /// <summary>Gets the prompt.</summary>
    public ImmutableArray<int> TokenIds { get; }

    /// <summary>Gets what is explained.</summary>
    public LogitTarget Target { get; }

    /// <summary>Gets where, from 0.</summary>
    public int Position { get; }

    /// <summary>Gets how it was taken apart.</summary>
    public AttributionOptions Options { get; }

    /// <summary>Gets what the model gives: the stream it normed for the unembedding, times the rows of the
    /// tokens.</summary>
    public double Measured { get; }

    /// <summary>Gets what the stream was divided by in the last norm, <c>sqrt(mean(x²) + ε)</c>; so is every
    /// part.</summary>
    public double FinalScale { get; }

    /// <summary>Gets the parts, in the order of the model, then what is left; their values sum to
    /// <see cref="Measured"/>, except those of <see cref="AttributionUnit.CumulativeLayer"/>, of which the last is
    /// it.</summary>
    public ImmutableArray<Contribution> Terms { get; }

    /// <summary>Returns the greatest contributions, the greatest first.</summary>
    /// <param name="count">How many, if there are so many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<Contribution> Highest(int count) => First(count, term => -term.Value);

    /// <summary>Returns the least contributions, the most negative first.</summary>
    /// <param name="count">How many, if there are so many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<Contribution> Lowest(int count) => First(count, term => term.Value);

    /// <summary>Returns the contributions that are largest without their sign, the largest first.</summary>
    /// <param name="count">How many, if there are so many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<Contribution> Largest(int count) => First(count, term => -Math.Abs(term.Value));

    // Equal ones in the order of the model.
    ImmutableArray<Contribution> First(int count, Func<Contribution, double> key) => count >= 0
        ? [.. Terms.OrderBy(key).Take(count)]
        : throw new ArgumentOutOfRangeException(nameof(count), $"{count} contributions asked, expected 0 or more.");
}

/// <summary>How much a part of the residual stream adds to a logit, or to the difference of two.</summary>
/// <param name="Term">The part.</param>
/// <param name="Value">How much, in logits.</param>
public readonly record struct Contribution(ResidualTerm Term, double Value)
{
    /// <summary>Returns label and value, such as <c>L3H7: 1.25</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Term}: {Value}");
}
