using ILGPU.Runtime.CPU;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes on ILGPU's CPU accelerator with kernels whose few items each do a share with the widest
/// vectors.</summary>
sealed unsafe partial class SimdDevice : IlgpuDevice
{
    // Steps as CpuDevice counts them, of about 0.05 ns, that take as long as a launch: 60 µs on two cores of an EPYC.
    const long Grain = 1 << 20;

    readonly int threads;
    readonly long grain;

    /// <summary>Makes a device.</summary>
    /// <param name="name">What the command line calls it.</param>
    /// <param name="threads">How many items compute at a time, at least 1.</param>
    /// <param name="grain">The steps from which on an operation is launched.</param>
    public SimdDevice(string name, int threads, long grain = Grain)
        : this(name, threads, grain, Contexts.Create())
    {
    }

    SimdDevice(string name, int threads, long grain, Context context)
        : base(
            name, context, new CPUDevice(2, 1, threads).CreateAccelerator(context),
            $"ILGPU's CPU accelerator, {threads} {(threads == 1 ? "thread" : "threads")}, {Share.Level}") =>
        (this.threads, this.grain) = (threads, grain);

    /// <summary>The memory of this process is limited by what the garbage collector may use, too.</summary>
    protected override long MostBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Uses weights where they lie.</summary>
    protected override Tensor LoadCore(HostTensor source)
    {
        var bytes = source.Shape.Count * source.DataType.Size();
        lock (Gate)
            return new IlgpuTensor(
                source.Shape, source.DataType,
                Keep(CPUMemoryBuffer.Create(Accelerator, (nint)source.Data, bytes, 1), bytes, source));
    }

    protected override void FillCore(float value, Tensor destination)
    {
        var cut = CutOf(destination.Shape.Count);
        lock (Gate)
            Kernels.Load(SimdFillKernel.Run, cut)(cut.First, value, Floats(destination), cut.Shares);
    }

    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        var cut = CutOf(result.Shape.Count);
        lock (Gate)
            Kernels.Load(SimdAddKernel.Run, cut)(cut.First, Floats(x), Floats(y), Floats(result), cut.Shares);
    }

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        var cut = CutOf(4 * result.Shape.Count);
        lock (Gate)
            Kernels.Load(SimdSwiGluKernel.Run, cut)(cut.First, Floats(gate), Floats(up), Floats(result), cut.Shares);
    }

    Cut CutOf(long steps) => new(steps <= grain ? 1 : threads);

    ArrayView<byte> Stored(Tensor? weights) => weights is null ? ArrayView<byte>.Empty : Own(weights).As<byte>();
}
