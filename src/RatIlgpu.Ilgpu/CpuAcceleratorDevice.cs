using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.CPU;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes on ILGPU's CPU accelerator with the kernels of one thread: every operation is one launch, of one
/// group of as many threads as there are shares, which do not wait for each other.</summary>
sealed unsafe partial class CpuAcceleratorDevice : IlgpuDevice
{
    readonly KernelLoader kernels;
    readonly SimdLeaves simd;
    readonly int shares;
    Storage? scratch;

    /// <summary>Makes a device.</summary>
    /// <param name="name">The name on the command line.</param>
    /// <param name="threads">The number of threads, at least 1.</param>
    /// <exception cref="ArgumentException"><c>RATILGPU_SIMD</c> does not name a level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not support the level.</exception>
    public CpuAcceleratorDevice(string name, int threads)
        : this(name, threads, SimdLeaves.At())
    {
    }

    CpuAcceleratorDevice(string name, int threads, SimdLeaves simd)
        : base(
            name,
            $"ILGPU's CPU accelerator, {threads} {(threads == 1 ? "thread" : "threads")}, {simd.Level}",
            new CPUDevice(2, Math.Max(1, PowerOfTwo(threads) / 2), 1).CreateAccelerator(Accelerators.Context))
    {
        (this.simd, shares, kernels) = (simd, threads, new KernelLoader(name, Accelerator));
    }

    public override int ThreadCount => shares;

    internal override long Launches => kernels.Launches;

    /// <summary>The memory of this process is also limited by the garbage collector.</summary>
    protected override long MostBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    // One group: ILGPU wakes the threads of a second multiprocessor later. Its size is a power of two, of which a
    // launch uses as many threads as there are shares.
    static int PowerOfTwo(int threads) => (int)BitOperations.RoundUpToPowerOf2((uint)threads);

    KernelConfig Shares => new(1, shares);

    /// <summary>Uses weights where they lie.</summary>
    protected override Tensor LoadCore(HostTensor source)
    {
        var bytes = source.Shape.Count * source.DataType.Size();
        var address = (nint)Unsafe.AsPointer(ref FirstByteOf(source));
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return new IlgpuTensor(
                source.Shape, source.DataType,
                Keep(CPUMemoryBuffer.Create(Accelerator, address, bytes, 1), bytes, source));
        }
    }

    protected override void FillCore(float value, Tensor destination) => Compute(
        destination, () => kernels.Launch(FillOneThreadKernel.Run, Shares, value, Floats(destination)));

    protected override void AddCore(Tensor x, Tensor y, Tensor result) => Compute(
        result, () => kernels.Launch(AddOneThreadKernel.Run, Shares, Floats(x), Floats(y), Floats(result)));

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result) => Compute(
        result, () => kernels.Launch(SwiGluOneThreadKernel.Run, Shares, Floats(gate), Floats(up), Floats(result)));

    // The memory of all shares, which the next launch uses again: a launch has ended when it returns.
    ArrayView<float> Scratch(long countOfShare)
    {
        var count = checked(countOfShare * shares);
        if (count == 0)
            return ArrayView<float>.Empty;
        if (scratch is null || scratch.Bytes < count * sizeof(float))
        {
            scratch?.Dispose();
            scratch = null;
            scratch = StoreScratch(count);
        }

        return scratch.View.Cast<float>().SubView(0, count);
    }

    ArrayView<byte> Bytes(Tensor tensor) => Own(tensor).Bytes;

    BiasView Bias(Tensor? bias) => bias is null
        ? new() { Numbers = ArrayView<byte>.Empty }
        : new() { Numbers = Bytes(bias), Format = (int)bias.DataType, Size = bias.DataType.Size() };
}
