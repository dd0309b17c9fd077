using System.Numerics;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes with kernels whose threads work in groups: CUDA and OpenCL, and ILGPU's CPU accelerator to test
/// them.</summary>
/// <typeparam name="TReduction">How the threads of a group agree.</typeparam>
sealed partial class GroupedDevice<TReduction> : IlgpuDevice
    where TReduction : struct, IReduction
{
    // From here on more groups only wait for one another: 132 multiprocessors of 16 groups.
    const int MostGroups = 2112;

    // Four warps hide one another's waiting, and leave small rows no thread without work.
    const int UsualGroup = 128;

    readonly int groupSize;
    readonly int largestGroup;
    readonly TensorCores tensorCores;

    /// <summary>Takes over an accelerator and its context.</summary>
    /// <param name="name">What the command line calls it.</param>
    /// <param name="context">The context.</param>
    /// <param name="accelerator">Where to compute.</param>
    /// <param name="description">What it is.</param>
    /// <param name="tensorCores">How to use tensor cores; the accelerator must have them, or run 128 threads in warps
    /// of 32.</param>
    public GroupedDevice(
        string name, Context context, Hardware accelerator, string description, TensorCores tensorCores)
        : base(name, context, accelerator, description)
    {
        largestGroup = accelerator.MaxNumThreadsPerGroup;
        groupSize = Math.Min(UsualGroup, 1 << BitOperations.Log2((uint)largestGroup));
        this.tensorCores = tensorCores;
    }

    protected override void FillCore(float value, Tensor destination)
    {
        if (destination.Shape.Count == 0)
            return;
        lock (Gate)
            Kernels.Load(FillKernel.Run, Each(destination))(value, Floats(destination));
    }

    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        lock (Gate)
            Kernels.Load(AddKernel.Run, Each(result))(Floats(x), Floats(y), Floats(result));
    }

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        lock (Gate)
            Kernels.Load(SwiGluKernel.Run, Each(result))(Floats(gate), Floats(up), Floats(result));
    }

    // Threads for all numbers, or for a part of them in turn.
    KernelConfig Each(Tensor result) =>
        Groups(Math.Min(MostGroups, (result.Shape.Count + groupSize - 1) / groupSize));

    KernelConfig Groups(long count) => new(checked((int)count), groupSize);
}
