using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Code for OpenCL is made without a device.</summary>
public sealed class OpenClSourceTests
{
    [Fact]
    public void Every_kernel_becomes_OpenCL_source_for_the_plainest_device()
    {
        using var context = Contexts.Create();
        using var backend = new CLBackend(
            context, new CLCapabilityContext(false, false, false, false, false), CLDeviceVendor.Other, CLCVersion.CL30);
        foreach (var kernel in EveryKernel.OnOpenCl)
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
            var source = ((CLCompiledKernel)backend.Compile(entry, new KernelSpecialization(256, null))).Source;
            Assert.Contains("kernel void", source, StringComparison.Ordinal);
        }
    }
}
