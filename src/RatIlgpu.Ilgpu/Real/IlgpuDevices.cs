using System.Collections.Immutable;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds and opens ILGPU's accelerators.</summary>
public static class IlgpuDevices
{
    /// <summary>Gets whether this build has the ILGPU device.</summary>
    public static bool IsBuilt => true;

    /// <summary>Lists the accelerators.</summary>
    public static ImmutableArray<Accelerator> List() => [new("ilgpu-cpu", "", IsUsable: true)];

    /// <summary>Opens a device.</summary>
    /// <param name="name">The name, such as <c>cuda:0</c>.</param>
    public static Device Open(string name) => new SimdDevice(name, Environment.ProcessorCount);
}
