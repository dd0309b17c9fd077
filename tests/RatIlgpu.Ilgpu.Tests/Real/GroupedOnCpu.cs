using ILGPU.Runtime.CPU;
using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The kernels of GPUs on ILGPU's CPU accelerator, in groups of two warps of two threads.</summary>
static class GroupedOnCpu
{
    const int GroupSize = 4;

    public static Device Open<TReduction>()
        where TReduction : struct, IReduction
    {
        var context = Contexts.Create();
        var accelerator = new CPUDevice(2, 2, 1).CreateAccelerator(context);
        return new GroupedDevice<TReduction>(
            "grouped", context, accelerator, "the kernels of GPUs in this process", GroupSize);
    }
}

/// <summary>A barrier takes that accelerator as long as a small operation a GPU: not every length is looked
/// at.</summary>
public abstract class GroupedContract : DeviceContract
{
    protected override int Stride => 23;
}

public sealed class WarpGroupsContract : GroupedContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class SharedGroupsContract : GroupedContract
{
    protected override Device Create() => GroupedOnCpu.Open<SharedReduction>();
}

public sealed class WarpGroupsGolden : GoldenContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}
