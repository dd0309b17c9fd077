using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Kernels are compiled on several threads before they are launched.</summary>
public sealed class KernelLoaderTests
{
    [Theory]
    [InlineData(nameof(TensorCores.Unused), DataType.F32)]
    [InlineData(nameof(TensorCores.Unused), DataType.F16)]
    [InlineData(nameof(TensorCores.Exact), DataType.BF16)]
    [InlineData(nameof(TensorCores.Rounded), DataType.BF16)]
    public void What_is_prepared_compiles_on_all_threads_at_once(string tensorCores, DataType type)
    {
        using var device = (GroupedDevice<WarpReduction>)GroupedOnCpu.Open(Enum.Parse<TensorCores>(tensorCores), 4);
        var (architecture, kernels) = (CudaArchitecture.SM_80, device.KernelsOf(type));
        using var context = Accelerators.CreateContext();
        using var backend = new PTXBackend(
            context, new CudaCapabilityContext(architecture), architecture, CudaInstructionSet.ISA_80, null);
        Assert.True(kernels.Count > 9);
        Assert.Equal(kernels.Count, kernels.Distinct().Count());
        Parallel.ForEach(kernels, kernel => Assert.NotEmpty(((PTXCompiledKernel)backend.Compile(
            EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), new KernelSpecialization()))
            .PTXAssembly));
    }

    [Fact]
    public void A_prepared_kernel_is_launched()
    {
        using var accelerator = new CPUDevice(2, 1, 1).CreateAccelerator(Accelerators.Context);
        using var memory = accelerator.Allocate1D<float>(5);
        var loader = new KernelLoader("card", accelerator);
        loader.Prepare([FillKernel.Run, AddKernel.Run]);
        loader.Wait();
        Assert.Equal((2, 0), (loader.CompiledCount, loader.Launches));
        loader.Launch(FillKernel.Run, new KernelConfig(1, 2), 3f, memory.View.BaseView);
        Assert.Equal([3, 3, 3, 3, 3], memory.GetAsArray1D());
        Assert.Equal((2, 1), (loader.CompiledCount, loader.Launches));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_kernel_that_cannot_be_compiled_is_named_at_each_launch(bool isPrepared)
    {
        using var accelerator = new CPUDevice(2, 1, 1).CreateAccelerator(Accelerators.CreateContext());
        using var memory = accelerator.Allocate1D<float>(5);
        var loader = new KernelLoader("card", accelerator);
        if (isPrepared)
            loader.Prepare([Throws]);
        loader.Wait();
        for (var i = 0; i < 2; i++)
        {
            var refusal = Assert.Throws<DeviceException>(() => loader.Launch<float, ArrayView<float>>(
                Throws, new KernelConfig(1, 2), 3f, memory.View.BaseView));
            Assert.StartsWith(
                $"card: ILGPU cannot compile {nameof(KernelLoaderTests)} (", refusal.Message, StringComparison.Ordinal);
            Assert.EndsWith(
                "); open the device again, or use another device.", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
            Assert.IsType<InternalCompilerException>(refusal.InnerException);
        }
    }

    static void Throws(float value, ArrayView<float> numbers)
    {
        if (value > 0)
            throw new InvalidOperationException();
        numbers[0] = value;
    }
}
