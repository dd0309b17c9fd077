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
}
