using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Kernels are compiled to OpenCL source without a device.</summary>
public sealed class OpenClSourceTests
{
    static readonly Lazy<List<string>> sources = new(Compile);

    // Fails only if ILGPU's compiler throws: it refuses functions that OpenCL or the device does not have.
    [Fact]
    public void Every_kernel_becomes_OpenCL_source_for_the_plainest_device() =>
        Assert.Equal(EveryKernel.OnOpenCl.Count(), sources.Value.Count);

    [Theory]
    [InlineData("half")]
    [InlineData("double")]
    [InlineData("sub_group")]
    [InlineData("atomic")]
    public void No_kernel_uses_what_not_every_device_has(string word) =>
        Assert.All(sources.Value, source => Assert.DoesNotContain(word, source, StringComparison.Ordinal));

    [Fact]
    public void Every_barrier_shows_what_was_written_to_shared_memory()
    {
        string[] barriers = [.. sources.Value.SelectMany(source => source.Split('\n'))
            .Where(line => line.Contains("barrier", StringComparison.Ordinal))];
        Assert.NotEmpty(barriers);
        Assert.All(barriers, line => Assert.Contains("CLK_LOCAL_MEM_FENCE", line, StringComparison.Ordinal));
    }

    static List<string> Compile()
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
