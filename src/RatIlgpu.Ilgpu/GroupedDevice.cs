using System.Numerics;
using System.Reflection;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes with kernels whose threads work in groups: on CUDA and OpenCL, and in tests on ILGPU's CPU
/// accelerator.</summary>
/// <typeparam name="TReduction">How the threads of a group reduce.</typeparam>
sealed partial class GroupedDevice<TReduction> : IlgpuDevice
    where TReduction : struct, IReduction
{
    // 132 multiprocessors of 16 groups each; more groups would only wait.
    const int UsualMostGroups = 2112;

    // Four warps hide each other's latency, and small rows still give every thread work.
    const int UsualGroup = 128;

    readonly KernelLoader kernels;
    readonly int groupSize;
    readonly int teamSize;
    readonly int largestGroup;
    readonly int mostGroups;
    readonly TensorCores tensorCores;
    readonly bool isProcessor;

    /// <summary>Takes ownership of an accelerator.</summary>
    /// <param name="name">The name on the command line.</param>
    /// <param name="description">The hardware, in words.</param>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="tensorCores">How to use tensor cores; the accelerator must have them, or run 128 threads in warps
    /// of 32.</param>
    /// <param name="mostGroups">The largest number of groups of an elementwise operation.</param>
    /// <param name="isProcessor">Whether the accelerator is a processor: its threads have vectors, and barriers between
    /// them are slow.</param>
    public GroupedDevice(
        string name, string description, Accelerator accelerator, TensorCores tensorCores,
        int mostGroups = UsualMostGroups, bool isProcessor = false)
        : base(name, description, accelerator)
    {
        kernels = new KernelLoader(name, accelerator);
        largestGroup = accelerator.MaxNumThreadsPerGroup;
        groupSize = Math.Min(UsualGroup, 1 << BitOperations.Log2((uint)largestGroup));
        teamSize = typeof(TReduction) == typeof(WarpReduction) ? accelerator.WarpSize : groupSize;
        (this.tensorCores, this.mostGroups, this.isProcessor) = (tensorCores, mostGroups, isProcessor);
    }

    /// <summary>The number of kernels launched so far.</summary>
    internal override long Launches => kernels.Launches;

    protected override bool IsOfProcessor => isProcessor || base.IsOfProcessor;

    /// <summary>The kernel launched last.</summary>
    internal MethodInfo? LastKernel => kernels.Last;

    protected override void FillCore(float value, Tensor destination) => Compute(
        destination, () => kernels.Launch(FillKernel.Run, Each(destination), value, Floats(destination)));

    protected override void AddCore(Tensor x, Tensor y, Tensor result) => Compute(
        result, () => kernels.Launch(AddKernel.Run, Each(result), Floats(x), Floats(y), Floats(result)));

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result) => Compute(
        result, () => kernels.Launch(SwiGluKernel.Run, Each(result), Floats(gate), Floats(up), Floats(result)));

    // One thread per number; a thread computes several where there would be too many groups.
    KernelConfig Each(Tensor result) => Each(result.Shape.Count);

    KernelConfig Each(long count) => Groups(Math.Min(mostGroups, (count + groupSize - 1) / groupSize));

    KernelConfig Groups(long count) => new(checked((int)count), groupSize);
}
