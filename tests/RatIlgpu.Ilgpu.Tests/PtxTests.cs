using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Kernels are compiled to PTX, and assembled where there is an assembler, without a GPU.</summary>
public sealed partial class PtxTests
{
    static readonly ConcurrentDictionary<CudaArchitecture, ImmutableArray<(string Name, string Ptx)>> compiled = new();

    [Theory]
    [InlineData(8, 0)]
    [InlineData(9, 0)]
    public void Every_kernel_becomes_PTX_that_calls_only_what_it_defines(int major, int minor)
    {
        foreach (var (kernel, ptx) in Kernels(major, minor))
            Assert.True(NotThere(ptx) is [], $"{kernel} calls {string.Join(", ", NotThere(ptx))}, not there.");
    }

    [Fact]
    public void A_call_of_what_only_the_CPU_has_is_found()
    {
        var (_, ptx) = Assert.Single(Compile(CudaArchitecture.SM_80, [((Delegate)OnlyOnCpu).Method]));
        Assert.Equal(["FusedMultiplyAdd"], NotThere(ptx));
    }

    [Fact]
    public void No_kernel_computes_with_an_approximate_instruction()
    {
        foreach (var (kernel, ptx) in Kernels(8, 0))
            Assert.False(
                ptx.Contains(".approx", StringComparison.Ordinal), $"{kernel} has an approximate instruction.");
    }

    [Fact]
    public void No_kernel_takes_more_shared_memory_than_any_group_has()
    {
        foreach (var (_, ptx) in Kernels(8, 0))
            Assert.InRange(
                Shared().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
                0, 48 << 10);
    }

    /// <summary>Local memory is memory of the card: what should be in registers would be stored and loaded.</summary>
    [Fact]
    public void No_kernel_keeps_numbers_in_local_memory() => Assert.All(
        Kernels(8, 0), kernel => Assert.DoesNotContain(".local", kernel.Ptx, StringComparison.Ordinal));

    [Theory]
    [InlineData(nameof(LinearKernel), nameof(Float4), "ld.v4.f32", "ld.shared.v4.f32")]
    [InlineData(nameof(LinearKernel), nameof(UShort4), "ld.v4.f32", "ld.v4.b16", "ld.shared.v4.f32")]
    [InlineData(nameof(MixKernel), nameof(AlignedFours), "ld.v4.f32", "ld.shared.v4.f32")]
    [InlineData(nameof(MixKernel), nameof(SingleFours), "ld.v4.f32", "ld.shared.v4.f32")]
    [InlineData(nameof(FewRowsKernel), nameof(Float8), "ld.v4.f32")]
    [InlineData(nameof(FewRowsKernel), nameof(UInt4), "ld.v4.f32", "ld.v4.b32")]
    [InlineData(nameof(FlashAttendKernel), nameof(Head64), "ld.v4.f32", "ld.shared.v4.f32")]
    [InlineData(nameof(FlashAttendKernel), nameof(Head128), "ld.v4.f32", "ld.shared.v4.f32")]
    [InlineData(nameof(TensorLinearKernel), nameof(ExactParts), "ld.v4.f32", "cp.async", "ldmatrix")]
    [InlineData(nameof(TensorLinearKernel), nameof(RoundedParts), "ld.v4.f32", "cp.async", "ldmatrix")]
    public void Numbers_loaded_in_fours_are_loaded_by_one_instruction(
        string kernel, string type, params string[] instructions)
    {
        var instances = Kernels(8, 0).Where(instance => instance.Name.Split(' ') is [var name, .. var types]
            && name == kernel && types.Contains(type)).ToArray();
        Assert.NotEmpty(instances);
        foreach (var (name, ptx) in instances)
            foreach (var instruction in instructions)
                Assert.True(ptx.Contains(instruction, StringComparison.Ordinal), $"{name} has no {instruction}.");
    }

    [Fact]
    public void Attention_in_tiles_takes_the_shared_memory_that_it_is_said_to_take() => Assert.Equal(
        FlashAttendKernel.MostSharedMemory,
        Kernels(8, 0).Where(kernel => kernel.Name.StartsWith(nameof(FlashAttendKernel), StringComparison.Ordinal))
            .Max(kernel => Shared().Matches(kernel.Ptx)
                .Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))));

    [Fact]
    public void The_product_of_few_rows_needs_no_barrier() =>
        Assert.All(
            Kernels(8, 0).Where(kernel => kernel.Name.StartsWith(nameof(FewRowsKernel), StringComparison.Ordinal)),
            kernel => Assert.DoesNotContain("bar.sync", kernel.Ptx, StringComparison.Ordinal));

    /// <summary>The assembler does not see either mistake: an address that is converted to shared memory twice, and
    /// rows that lie at no multiple of 16 bytes.</summary>
    [Fact]
    public void Tensor_cores_load_from_aligned_addresses_of_shared_memory()
    {
        var kernels = Kernels(8, 0)
            .Where(kernel => kernel.Name.StartsWith("Tensor", StringComparison.Ordinal)).ToArray();
        Assert.Equal(12, kernels.Length);
        Assert.All(kernels, kernel =>
        {
            Assert.DoesNotContain("cvta.to.shared", kernel.Ptx, StringComparison.Ordinal);
            Assert.Equal(2, kernel.Ptx.Split(".shared .align 16 ").Length - 1);
        });
    }

    /// <summary>A multiprocessor has 65,536 registers: the 512 threads of a large tile on tensor cores start only if
    /// each takes at most 128.</summary>
    [Theory]
    [InlineData(8, 0)]
    [InlineData(9, 0)]
    public void Every_kernel_is_assembled_without_spilling_registers_or_a_stack(int major, int minor)
    {
        var assembler = Assembler.Find();
        Assert.SkipWhen(assembler is null, "No ptxas was found on the path or by the environment variable PTXAS.");
        foreach (var (kernel, ptx) in Kernels(major, minor))
        {
            var (ok, said) = Assembler.Assemble(assembler, ptx, $"sm_{major}{minor}");
            Assert.True(ok, $"{kernel}: {said}");
            Assert.True(
                said.Contains(
                    "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads", StringComparison.Ordinal),
                $"{kernel}: {said}");
            if (kernel.Contains(nameof(LargeTensorTile), StringComparison.Ordinal))
                Assert.InRange(
                    int.Parse(Registers().Match(said).Groups[1].Value, CultureInfo.InvariantCulture), 1, 128);
        }
    }

    [Fact]
    public void A_load_of_shared_memory_stays_before_the_barrier_that_follows_it()
    {
        var (_, ptx) = Assert.Single(Compile(CudaArchitecture.SM_80, [((Delegate)KeepIfFirstIsPositive).Method]));
        var order = ptx.Split('\n').Select(line => line.Trim().Split(' ', '\t')[0])
            .Where(word => word is "bar.sync" or "ld.shared.f32");
        Assert.Equal(["bar.sync", "ld.shared.f32", "bar.sync"], order.Take(3));
    }

    static void KeepIfFirstIsPositive(ArrayView<float> source, ArrayView<float> result)
    {
        var shared = SharedMemory.Allocate<float>(64);
        shared[ILGPU.Group.IdxX] = source[ILGPU.Group.IdxX];
        Barrier.Wait();
        var first = shared[0];
        Barrier.Wait();
        if (first > 0f)
            shared[ILGPU.Group.IdxX] = source[ILGPU.Group.IdxX + 64];
        Barrier.Wait();
        result[ILGPU.Group.IdxX] = shared[63 - ILGPU.Group.IdxX];
    }

    static void OnlyOnCpu(ArrayView<float> x) => x[Grid.IdxX] = MathF.FusedMultiplyAdd(x[0], x[1], x[2]);

    // A declaration alone, which ILGPU writes for a function that it does not know, cannot be called.
    static string[] NotThere(string ptx) =>
    [
        .. Call().Matches(ptx).Select(match => match.Groups[1].Value)
            .Except(Definition().Matches(ptx).Select(match => match.Groups[1].Value)),
    ];

    static ImmutableArray<(string Name, string Ptx)> Kernels(int major, int minor) => compiled.GetOrAdd(
        new CudaArchitecture(major, minor), architecture => [.. Compile(architecture, EveryKernel.OnCuda)]);

    static IEnumerable<(string Name, string Ptx)> Compile(
        CudaArchitecture architecture, IEnumerable<MethodInfo> kernels)
    {
        using var context = Accelerators.CreateContext();
        using var backend = new PTXBackend(
            context, new CudaCapabilityContext(architecture), architecture, CudaInstructionSet.ISA_80, null);
        foreach (var kernel in kernels)
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
            var ptx = (PTXCompiledKernel)backend.Compile(entry, new KernelSpecialization());
            yield return (KernelProfile.NameOf(kernel), ptx.PTXAssembly);
        }
    }

    [GeneratedRegex(@"(?<!\.extern\s+)\.(?:func|entry)\s+(?:\([^)]*\)\s*)?([\w$]+)")]
    private static partial Regex Definition();

    [GeneratedRegex(@"\bcall(?:\.uni)?\s+(?:\([^)]*\)\s*,\s*)?([\w$]+)")]
    private static partial Regex Call();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();

    [GeneratedRegex(@"\.shared[^;]*\[(\d+)\]")]
    private static partial Regex Shared();
}
