using System.Collections.Immutable;
using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds and opens ILGPU's accelerators; this build has none, since the package sources did not hold
/// ILGPU.</summary>
public static class IlgpuDevices
{
    const string Cure =
        "this build has no ILGPU device: add a package source with ILGPU and ILGPU.Algorithms 1.5.3, "
        + "then build with -p:UseIlgpu=true";

    /// <summary>Gets whether this build has the ILGPU device.</summary>
    public static bool IsBuilt => false;

    /// <summary>Lists the accelerators: here one entry, which says what is missing.</summary>
    public static ImmutableArray<Accelerator> List() => [new("ilgpu", Cure, IsUsable: false)];

    /// <summary>Refuses to open a device.</summary>
    /// <param name="name">The name, such as <c>cuda:0</c>.</param>
    /// <param name="threads">How many threads it would use.</param>
    /// <exception cref="PlatformNotSupportedException">Always.</exception>
    public static Device Open(string name, int threads = 0) =>
        throw new PlatformNotSupportedException($"--device {name}: {Cure}.");
}
