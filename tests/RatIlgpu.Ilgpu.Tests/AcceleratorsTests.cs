using ILGPU;
using ILGPU.Runtime.CPU;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>While a kernel fails to compile in the shared context, no other test may compile in it.</summary>
[CollectionDefinition(nameof(AcceleratorsTests), DisableParallelization = true)]
[Collection(nameof(AcceleratorsTests))]
public sealed class AcceleratorsTests
{
    [Fact]
    public void A_kernel_that_does_not_compile_leaves_other_devices_usable()
    {
        using var before = GroupedOnCpu.Open<WarpReduction>();
        using var one = before.Allocate(3);
        before.Fill(1, one);
        using var accelerator = new CPUDevice(2, 2, 1).CreateAccelerator(Accelerators.Context);
        using var numbers = accelerator.Allocate1D<float>(4);
        var kernels = new KernelLoader("card", accelerator);
        Assert.Throws<DeviceException>(
            () => kernels.Launch(Throws, new KernelConfig(1, 1), 1f, numbers.View.BaseView));

        // What it has compiled, it still launches; a device that is opened now has another context.
        before.Fill(3, one);
        Assert.Equal([3, 3, 3], before.Download(one));
        using var device = GroupedOnCpu.Open<WarpReduction>();
        using var tensor = device.Allocate(3);
        device.Fill(2, tensor);
        Assert.Equal([2, 2, 2], device.Download(tensor));
    }

    static void Throws(float number, ArrayView<float> numbers)
    {
        if (number != numbers[0])
            throw new InvalidOperationException();
    }
}
