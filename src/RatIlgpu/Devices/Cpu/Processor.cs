using System.Runtime.Intrinsics.X86;

namespace RatIlgpu.Devices;

/// <summary>What of this processor decides between loops that compute the same bits.</summary>
static class Processor
{
    // "GenuineIntel", four letters in each register.
    const int Genu = 0x756E6547, IneI = 0x49656E69, Ntel = 0x6C65746E;

    /// <summary>Gets whether the shifts and masks that widen weights run on the two ports that multiply, while the
    /// second cache has room for a block of widened weights: on Intel processors with AVX-512. AMD's have ports for
    /// both.</summary>
    public static bool WidensOnPortsThatMultiply { get; } = Avx512F.IsSupported && IsIntel();

    static bool IsIntel() => X86Base.CpuId(0, 0) is (_, Genu, Ntel, IneI);
}
