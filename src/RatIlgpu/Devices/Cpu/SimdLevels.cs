using System.Runtime.Intrinsics;

namespace RatIlgpu.Devices;

/// <summary>Chooses the level that a device uses; nothing else asks the hardware.</summary>
static class SimdLevels
{
    public const string Variable = "RATILGPU_SIMD";

    public static SimdLevel Widest => Enum.GetValues<SimdLevel>().Last(IsAvailable);

    public static bool IsAvailable(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => Vector512.IsHardwareAccelerated,
        SimdLevel.Vector256 => Vector256.IsHardwareAccelerated,
        SimdLevel.Vector128 => Vector128.IsHardwareAccelerated,
        _ => level == SimdLevel.Scalar,
    };

    /// <summary>Returns the level asked for, else the one that the environment forces, else the widest.</summary>
    /// <exception cref="ArgumentException">The environment names no level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor has not this level.</exception>
    public static SimdLevel Choose(SimdLevel? asked, string? environment)
    {
        var level = asked ?? (string.IsNullOrEmpty(environment) ? Widest : Parse(environment));
        if (!IsAvailable(level))
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
