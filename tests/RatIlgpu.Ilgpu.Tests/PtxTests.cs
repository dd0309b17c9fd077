using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Code for CUDA is made, and assembled where there is an assembler, without a GPU.</summary>
public sealed partial class PtxTests
{
    static readonly MethodInfo[] Kernels = [.. EveryKernel.OnCuda];

    [Theory]
    [InlineData(8, 0)]
    [InlineData(9, 0)]
    public void Every_kernel_becomes_PTX_that_calls_only_what_it_defines(int major, int minor)
    {
        foreach (var (kernel, ptx) in Ptx(new CudaArchitecture(major, minor), Kernels))
            Assert.True(NotThere(ptx) is [], $"{kernel} calls {string.Join(", ", NotThere(ptx))}, not there.");
    }

    [Fact]
    public void A_call_of_what_only_the_CPU_has_is_found()
    {
        var (_, ptx) = Assert.Single(Ptx(CudaArchitecture.SM_80, [((Delegate)OnlyOnCpu).Method]));
        Assert.Equal(["FusedMultiplyAdd"], NotThere(ptx));
    }

    [Fact]
    public void No_kernel_computes_with_an_approximate_instruction()
    {
        foreach (var (kernel, ptx) in Ptx(CudaArchitecture.SM_80, Kernels))
            Assert.False(
                ptx.Contains(".approx", StringComparison.Ordinal), $"{kernel} has an approximate instruction.");
    }

    [Fact]
    public void No_kernel_takes_more_shared_memory_than_any_group_has()
    {
        foreach (var (kernel, ptx) in Ptx(CudaArchitecture.SM_80, Kernels))
            Assert.InRange(
                Shared().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
                0, 48 << 10);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(9, 0)]
    public void Every_kernel_is_assembled_without_spilling_registers(int major, int minor)
    {
        var assembler = Assembler.Find();
        Assert.SkipWhen(assembler is null, "No ptxas was found on the path or by the environment variable PTXAS.");
        foreach (var (kernel, ptx) in Ptx(new CudaArchitecture(major, minor), Kernels))
        {
            var (ok, said) = Assembler.Assemble(assembler, ptx, $"sm_{major}{minor}");
            Assert.True(ok, $"{kernel}: {said}");
            Assert.True(
                said.Contains("0 bytes spill stores, 0 bytes spill loads", StringComparison.Ordinal),
                $"{kernel}: {said}");
        }
    }

    static void OnlyOnCpu(ArrayView<float> x) => x[Grid.IdxX] = MathF.FusedMultiplyAdd(x[0], x[1], x[2]);

    // A declaration alone, which ILGPU writes for what it does not know, is nothing to call.
    static string[] NotThere(string ptx) =>
    [
        .. Call().Matches(ptx).Select(match => match.Groups[1].Value)
            .Except(Definition().Matches(ptx).Select(match => match.Groups[1].Value)),
    ];

    static IEnumerable<(string Kernel, string Ptx)> Ptx(CudaArchitecture architecture, MethodInfo[] kernels)
    {
        using var context = Accelerators.CreateContext();
        using var backend = new PTXBackend(
            context, new CudaCapabilityContext(architecture), architecture, CudaInstructionSet.ISA_80, null);
        foreach (var kernel in kernels)
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
            var compiled = (PTXCompiledKernel)backend.Compile(entry, new KernelSpecialization(256, null));
            yield return (EveryKernel.NameOf(kernel), compiled.PTXAssembly);
        }
    }

    [GeneratedRegex(@"(?<!\.extern\s+)\.(?:func|entry)\s+(?:\([^)]*\)\s*)?([\w$]+)")]
    private static partial Regex Definition();

    [GeneratedRegex(@"\bcall(?:\.uni)?\s+(?:\([^)]*\)\s*,\s*)?([\w$]+)")]
    private static partial Regex Call();

    [GeneratedRegex(@"\.shared[^;]*\[(\d+)\]")]
    private static partial Regex Shared();
}
