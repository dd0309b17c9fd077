using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Code for OpenCL is made without a device.</summary>
public sealed class OpenClSourceTests
{
    [Fact]
    public void Every_kernel_becomes_OpenCL_source_for_the_plainest_device() =>
        Assert.All(Sources(), source => Assert.Contains("kernel void", source, StringComparison.Ordinal));

    [Fact]
    public void Every_barrier_shows_what_was_written_to_shared_memory()
    {
        string[] barriers = [.. Sources().SelectMany(source => source.Split('\n'))
            .Where(line => line.Contains("barrier", StringComparison.Ordinal))];
        Assert.NotEmpty(barriers);
        Assert.All(barriers, line => Assert.Contains("CLK_LOCAL_MEM_FENCE", line, StringComparison.Ordinal));
    }

    static List<string> Sources()
    {
        using var context = Accelerators.CreateContext();
        using var backend = new CLBackend(
            context, new CLCapabilityContext(false, false, false, false, false), CLDeviceVendor.Other, CLCVersion.CL30);
        return
        [
            .. EveryKernel.OnOpenCl.Select(EntryPointDescription.FromExplicitlyGroupedKernel)
                .Select(entry => backend.Compile(entry, new KernelSpecialization(256, null)))
                .Select(compiled => ((CLCompiledKernel)compiled).Source),
        ];
    }
}
