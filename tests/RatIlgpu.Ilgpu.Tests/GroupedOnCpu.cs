using ILGPU.Runtime.CPU;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The kernels of GPUs on ILGPU's CPU accelerator, in groups of two warps of two threads.</summary>
static class GroupedOnCpu
{
    // Starting a group takes as long as a barrier. With few groups, every thread also computes several numbers.
    const int MostGroups = 3;

    public static Device Open<TReduction>()
        where TReduction : struct, IReduction => Open<TReduction>(new CPUDevice(2, 2, 1));

    /// <summary>Opens an accelerator of some warps of 32 threads, which emulate tensor cores.</summary>
    public static Device Open(TensorCores tensorCores, int warps) =>
        Open<WarpReduction>(new CPUDevice(32, warps, 1), tensorCores);

    /// <summary>Opens an accelerator with groups of another size.</summary>
    public static Device Open<TReduction>(CPUDevice device)
        where TReduction : struct, IReduction => Open<TReduction>(device, TensorCores.Unused);

    /// <summary>Opens a device with the kernels of processors on OpenCL.</summary>
    public static Device OpenProcessor() =>
        Open<SharedReduction>(new CPUDevice(2, 2, 1), TensorCores.Unused, isProcessor: true);

    static GroupedDevice<TReduction> Open<TReduction>(
        CPUDevice device, TensorCores tensorCores, bool isProcessor = false)
        where TReduction : struct, IReduction
    {
        var accelerator = device.CreateAccelerator(Accelerators.Context);
        return new(
            "grouped", "the kernels of GPUs in this process", accelerator, tensorCores, MostGroups, isProcessor);
    }
}

/// <summary>On that accelerator a barrier takes as long as a small operation on a GPU. Its groups have 4 threads, its
/// tiles 8 rows and a depth of 16: the lengths up to 65 have every remainder of them; the longer ones pass every loop
/// many times.</summary>
public abstract class GroupedContract : DeviceContract
{
    protected override IEnumerable<int> Lengths =>
        [.. Enumerable.Range(0, 14).Select(i => i * 5), .. Enumerable.Range(3, 9).Select(i => i * 23)];

    protected override bool IsSlow => true;
}

public sealed class WarpGroupsContract : GroupedContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class SharedGroupsContract : GroupedContract
{
    protected override Device Create() => GroupedOnCpu.Open<SharedReduction>();
}

public sealed class ProcessorContract : GroupedContract
{
    protected override Device Create() => GroupedOnCpu.OpenProcessor();
}

public sealed class ProcessorGolden : GoldenContract
{
    protected override Device Create() => GroupedOnCpu.OpenProcessor();
}

public sealed class WarpGroupsGolden : GoldenContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class WarpGroupsModel : ModelOnDeviceContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class WarpGroupsAttribution : AttributionContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class WarpGroupsFlow : FlowContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class WarpGroupsScoreAttribution : ScoreAttributionContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}
