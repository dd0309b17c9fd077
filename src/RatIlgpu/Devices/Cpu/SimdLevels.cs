using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RatIlgpu.Devices;

/// <summary>Tells which levels this processor supports.</summary>
public static class SimdLevels
{
    internal const string Variable = "RATILGPU_SIMD";

    /// <summary>Gets the level of the widest vectors.</summary>
    public static SimdLevel Widest => Enum.GetValues<SimdLevel>().Last(IsSupported);

    /// <summary>Tells whether the processor has the instructions of a level.</summary>
    /// <remarks>Not whether <c>IsHardwareAccelerated</c> is true: that says which width .NET prefers. On processors of
    /// the Skylake and Cascade Lake kind it is false for 512 bits, though they have AVX-512.</remarks>
    public static bool IsSupported(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => Avx512F.IsSupported && Avx512F.VL.IsSupported && Avx512BW.IsSupported
            && Avx512DQ.IsSupported,
        SimdLevel.Vector256 => Avx2.IsSupported,
        SimdLevel.Vector128 => Vector128.IsHardwareAccelerated,
        _ => level == SimdLevel.Scalar,
    };

    /// <summary>Returns the requested level, else the one that the environment variable names, else the best of this
    /// processor.</summary>
    internal static SimdLevel Choose(SimdLevel? asked, string? environment) => SimdChoice.Of(asked, environment).Level;

    /// <summary>Returns the level that a value of the environment variable names.</summary>
    /// <exception cref="ArgumentException">It names none.</exception>
    internal static SimdLevel Parse(string text) => text switch
    {
        "scalar" => SimdLevel.Scalar,
        "128" => SimdLevel.Vector128,
        "256" => SimdLevel.Vector256,
        "512" => SimdLevel.Vector512,
        _ => throw new ArgumentException($"{Variable}: '{text}' is none of scalar, 128, 256, 512."),
    };
}

/// <summary>The width of the vectors of a device.</summary>
public enum SimdLevel
{
    /// <summary>One number at a time.</summary>
    Scalar,

    /// <summary>4 numbers: SSE, or NEON on Arm.</summary>
    Vector128,

    /// <summary>8 numbers: AVX2.</summary>
    Vector256,

    /// <summary>16 numbers: AVX-512.</summary>
    Vector512,
}
