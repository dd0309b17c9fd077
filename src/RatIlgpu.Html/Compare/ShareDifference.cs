using System.Globalization;

namespace RatIlgpu.Html.Compare;

/// <summary>The share of a token or a link in two traces.</summary>
/// <param name="A">Its index in A; −1 where A has none.</param>
/// <param name="B">Its index in B; −1 where B has none.</param>
/// <param name="ShareA">The sum of the weights of the paths through it in A, in [0, 1]; 0 where A has none.</param>
/// <param name="ShareB">The same in B.</param>
readonly record struct ShareDifference(int A, int B, double ShareA, double ShareB)
{
    // What would be shown as 0.0 % is none; below a point there is no colour: traces always differ a little.
    const double Least = 0.0005, Faint = 0.01;

    static readonly double[] Steps = [0.05, 0.15, 0.4];

    /// <summary>Gets by how much A's share is larger.</summary>
    public double Difference => ShareA - ShareB;

    /// <summary>Gets the colour: the side that has more and how much more, from 1 to 4; empty for less than a
    /// point.</summary>
    public string Step => Math.Abs(Difference) is var size && size < Faint
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Side}{1 + Steps.Count(step => size > step)}");

    /// <summary>Gets the difference in words, such as <c>A +12.5 %</c>.</summary>
    public string Words => Math.Abs(Difference) < Least
        ? "equal"
        : string.Create(
            CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(Side)} +{Math.Abs(Difference) * 100:F1} %");

    char Side => Difference > 0 ? 'a' : 'b';
}
