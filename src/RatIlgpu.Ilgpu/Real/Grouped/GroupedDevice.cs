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

    readonly int groupSize;

    /// <summary>Takes over an accelerator and its context.</summary>
    /// <param name="name">What the command line calls it.</param>
    /// <param name="context">The context.</param>
    /// <param name="accelerator">Where to compute.</param>
    /// <param name="description">What it is.</param>
    /// <param name="groupSize">The threads of a group, a power of two up to <see cref="Limits.GroupSize"/>; below 64
    /// the accelerator has small groups only.</param>
    public GroupedDevice(string name, Context context, Hardware accelerator, string description, int groupSize)
        : base(name, context, accelerator, description) => this.groupSize = groupSize;

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
