using System.Runtime.Intrinsics;

namespace RatIlgpu.Devices;

/// <summary>Tells which levels this processor supports.</summary>
public static class SimdLevels
{
    internal const string Variable = "RATILGPU_SIMD";

    /// <summary>Gets the level of the widest vectors.</summary>
    public static SimdLevel Widest => Enum.GetValues<SimdLevel>().Last(IsSupported);

    /// <summary>Tells whether the processor supports a level.</summary>
    public static bool IsSupported(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => Vector512.IsHardwareAccelerated,
        SimdLevel.Vector256 => Vector256.IsHardwareAccelerated,
        SimdLevel.Vector128 => Vector128.IsHardwareAccelerated,
        _ => level == SimdLevel.Scalar,
    };

    /// <summary>Returns the requested level, else the one that the environment variable names, else the
    /// widest.</summary>
    /// <exception cref="ArgumentException">The environment variable does not name a level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not support the level.</exception>
    internal static SimdLevel Choose(SimdLevel? asked, string? environment)
    {
        var level = asked ?? (string.IsNullOrEmpty(environment) ? Widest : Parse(environment));
        if (!IsSupported(level))
        {
            var source = asked is null ? Variable : "level";
            throw new PlatformNotSupportedException(
                $"{source}: this processor has no {level}; the widest it has is {Widest}.");
        }

        return level;
    }

    static SimdLevel Parse(string text) => text switch
    {
        "scalar" => SimdLevel.Scalar,
        "128" => SimdLevel.Vector128,
        "256" => SimdLevel.Vector256,
        "512" => SimdLevel.Vector512,
        _ => throw new ArgumentException($"{Variable}: '{text}' is none of scalar, 128, 256, 512."),
    };
}
