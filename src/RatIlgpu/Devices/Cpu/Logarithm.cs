using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>The natural logarithm of lanes, of normal positive numbers; it is finite for all others.</summary>
/// <remarks><c>x = m·2ⁿ</c>, <c>ln x = n·ln 2 + ln m</c>, and with <c>s = (m − 1) / (m + 1)</c>, which is below 0.172,
/// <c>ln m = 2 (s + s³/3 + s⁵/5 + …)</c>, the series of the inverse hyperbolic tangent; what is left out after
/// <c>s⁹</c> is 2e-9 of the sum. Near 1 nothing cancels.</remarks>
static class Logarithm
{
    /// <summary>The bits of √½, the least m.</summary>
    public const int BitsOfLeast = 0x3F3504F3;

    /// <summary>The smallest normal number.</summary>
    public const float Smallest = 1.17549435e-38f;

    // ln 2 in two parts; the first has so few digits that its product with n is exact.
    const float Ln2High = 0.693359375f;
    const float Ln2Low = -2.12194440e-4f;

    [MethodImpl(AggressiveInlining)]
    public static T Of<T>(T x)
        where T : struct, ILanes<T>
    {
        var m = T.Split(x, out var n);
        var s = (m + T.Of(-1)) / (m + T.Of(1));
        var square = s * s;
        var sum = T.MultiplyAdd(square, T.Of(2 / 9f), T.Of(2 / 7f));
        sum = T.MultiplyAdd(square, sum, T.Of(2 / 5f));
        sum = T.MultiplyAdd(square, sum, T.Of(2 / 3f));
        sum = T.MultiplyAdd(s * square, sum, s + s);
        return T.MultiplyAdd(n, T.Of(Ln2High), T.MultiplyAdd(n, T.Of(Ln2Low), sum));
    }
}
