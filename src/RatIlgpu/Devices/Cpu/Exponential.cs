using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>The exponential function of lanes.</summary>
/// <remarks>Cody and Waite, Software Manual for the Elementary Functions, 1980: <c>x = n·ln 2 + r</c>,
/// <c>eˣ = 2ⁿ·eʳ</c>, with the polynomial <c>1 + r + …</c> of degree 6 with the smallest relative error in
/// <c>|r| ≤ ln 2 / 2</c>, 3e-9. Below −87.7 the result is 0, above 88.4 infinity.</remarks>
static class Exponential
{
    // The logarithms of 2¹²⁸ and 2⁻¹²⁷, the range of PowerOfTwo.
    const float Highest = 88.72283f;
    const float Lowest = -88.02969f;
    const float InverseOfLn2 = 1.44269504f;

    // ln 2 in two parts; the first has so few digits that its product with n is exact.
    const float Ln2High = 0.693359375f;
    const float Ln2Low = -2.12194440e-4f;

    [MethodImpl(AggressiveInlining)]
    public static T Of<T>(T x)
        where T : struct, ILanes<T>
    {
        var inside = T.Min(T.Of(Highest), T.Max(T.Of(Lowest), x));
        var n = T.Round(inside * T.Of(InverseOfLn2));
        var r = T.MultiplyAdd(n, T.Of(-Ln2Low), T.MultiplyAdd(n, T.Of(-Ln2High), inside));
        var sum = T.MultiplyAdd(r, T.Of(0.00138145401f), T.Of(0.00836874511f));
        sum = T.MultiplyAdd(r, sum, T.Of(0.0416683908f));
        sum = T.MultiplyAdd(r, sum, T.Of(0.166665204f));
        sum = T.MultiplyAdd(r, sum, T.Of(0.499999934f));
        sum = T.MultiplyAdd(r, sum, T.Of(1));
        sum = T.MultiplyAdd(r, sum, T.Of(1));
        return sum * T.PowerOfTwo(n);
    }
}
