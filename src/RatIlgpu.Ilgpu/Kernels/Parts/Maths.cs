using ILGPU.Algorithms;

namespace RatIlgpu.Ilgpu;

/// <summary>The functions that kernels call. This class alone decides which functions of ILGPU are accurate
/// enough.</summary>
/// <remarks><see cref="XMath"/> takes its exponential from <c>ex2.approx</c> on CUDA, whose error grows with the
/// argument; its square root is rounded correctly on every backend. The constants are those of the exponential of
/// the device <c>cpu</c>, which is internal to its assembly; the contract of devices holds both to the same
/// bounds.</remarks>
static class Maths
{
    // ln 2¹²⁸ and ln 2⁻¹²⁷: exponent bits turn these powers into infinity and 0.
    const float Highest = 88.72283f;
    const float Lowest = -88.02969f;
    const float InverseOfLn2 = 1.44269504f;

    // ln 2 in two parts; the first has few enough digits for its product with n to be exact.
    const float Ln2High = 0.693359375f;
    const float Ln2Low = -2.12194440e-4f;

    const float SmallestNormal = 1.17549435e-38f;

    /// <summary><c>1 / sqrt(x)</c>.</summary>
    public static float InverseOfRoot(float x) => 1f / XMath.Sqrt(x);

    /// <summary>The larger number; NaN if one of the two is NaN, which the instruction of CUDA leaves out.</summary>
    public static float MaxOrNaN(float x, float y) => x >= y ? x : y > x ? y : x + y;

    /// <summary><c>eˣ</c>, with a relative error below 2e-7; 0 below −87.7 and infinity above 88.4.</summary>
    /// <remarks>Cody and Waite, Software Manual for the Elementary Functions, 1980: <c>x = n·ln 2 + r</c>,
    /// <c>eˣ = 2ⁿ·eʳ</c>, with the polynomial of degree 6 whose relative error in <c>|r| ≤ ln 2 / 2</c> is
    /// smallest.</remarks>
    public static float Exp(float x)
    {
        // NaN passes these comparisons unchanged.
        var inside = x > Highest ? Highest : x < Lowest ? Lowest : x;
        var n = XMath.Floor(inside * InverseOfLn2 + 0.5f);
        var r = Fused.MultiplyAdd(n, -Ln2Low, Fused.MultiplyAdd(n, -Ln2High, inside));
        var sum = Fused.MultiplyAdd(r, 0.00138145401f, 0.00836874511f);
        sum = Fused.MultiplyAdd(r, sum, 0.0416683908f);
        sum = Fused.MultiplyAdd(r, sum, 0.166665204f);
        sum = Fused.MultiplyAdd(r, sum, 0.499999934f);
        sum = Fused.MultiplyAdd(r, sum, 1f);
        sum = Fused.MultiplyAdd(r, sum, 1f);
        return sum * Interop.IntAsFloat((uint)((int)n + 127) << 23);
    }

    /// <summary><c>ln x</c> of a positive number, with a relative error below 3e-7; that of the smallest normal
    /// number for a smaller one.</summary>
    /// <remarks>The series of the device <c>cpu</c>: <c>x = m·2ⁿ</c> with m in [√½, √2),
    /// <c>s = (m − 1) / (m + 1)</c>, <c>ln m = 2 (s + s³/3 + s⁵/5 + …)</c>.</remarks>
    public static float Log(float x)
    {
        // The bits of 1, less those of √½: n is rounded, and everything here is positive.
        const uint Rounding = 0x004AFB0D;
        const uint LeastMantissa = 0x3F3504F3;
        var bits = Interop.FloatAsInt(IntrinsicMath.Max(x, SmallestNormal)) + Rounding;
        var n = (float)(int)(bits >> 23) - 127f;
        var m = Interop.IntAsFloat((bits & 0x007FFFFF) + LeastMantissa);
        var s = (m - 1f) / (m + 1f);
        var square = s * s;
        var sum = Fused.MultiplyAdd(square, 2 / 9f, 2 / 7f);
        sum = Fused.MultiplyAdd(square, sum, 2 / 5f);
        sum = Fused.MultiplyAdd(square, sum, 2 / 3f);
        sum = Fused.MultiplyAdd(s * square, sum, s + s);
        return Fused.MultiplyAdd(n, Ln2High, Fused.MultiplyAdd(n, Ln2Low, sum));
    }
}
