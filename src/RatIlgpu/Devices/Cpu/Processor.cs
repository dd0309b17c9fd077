using System.Runtime.Intrinsics.X86;

namespace RatIlgpu.Devices;

/// <summary>Tells processors apart for which different loops, with the same results, are the faster ones.</summary>
static class Processor
{
    // "GenuineIntel", four letters in each register.
    const int Genu = 0x756E6547, IneI = 0x49656E69, Ntel = 0x6C65746E;

    /// <summary>Gets whether this is an Intel processor with AVX-512.</summary>
    /// <remarks>With 512 bits, those of servers multiply on the same two ports as they shift and mask, where AMD's have
    /// ports for both; their second cache has a megabyte or more.</remarks>
    public static bool IsIntelWithAvx512 { get; } = Avx512F.IsSupported && IsIntel();

    static bool IsIntel() => X86Base.CpuId(0, 0) is (_, Genu, Ntel, IneI);
}
