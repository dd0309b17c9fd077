namespace RatIlgpu.Html;

/// <summary>The share of a token, a link or a path in two traces or flows.</summary>
/// <param name="A">Its index in A; −1 if A does not have it.</param>
/// <param name="B">Its index in B; −1 if B does not have it.</param>
/// <param name="ShareA">The sum of the weights of the paths through it in A, for a token of a flow its exact share, in
/// [0, 1]; 0 if A does not have it.</param>
/// <param name="ShareB">The same in B.</param>
readonly record struct ShareDifference(int A, int B, double ShareA, double ShareB)
{
    /// <summary>The smallest difference that is not called equal: a smaller one would be shown as 0.00
    /// points.</summary>
    public const double Least = 0.00005;

    // Below one point, two decimals tell differences apart.
    const double Fine = 0.01;

    /// <summary>Gets the share in A minus the share in B.</summary>
    public double Difference => ShareA - ShareB;

    /// <summary>Gets the difference without its sign.</summary>
    public double Size => Math.Abs(Difference);

    /// <summary>Gets the difference in words, in percentage points, such as <c>A +12.5 points</c>.</summary>
    public string Words => Size < Least
        ? "equal"
        : Size < Fine ? Points("F2") : Points("F1");

    /// <summary>Gets the side with the larger share.</summary>
    public char Side => Difference > 0 ? 'a' : 'b';

    string Points(string format) =>
        $"{char.ToUpperInvariant(Side)} +{(Size * 100).ToString(format, CultureInfo.InvariantCulture)} points";
}
