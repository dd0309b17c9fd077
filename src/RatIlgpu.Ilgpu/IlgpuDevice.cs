using System.Globalization;
using ILGPU.Runtime.Cuda;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes on an accelerator of ILGPU, in its memory; what runs there is the subclass's set of
/// kernels.</summary>
/// <remarks>ILGPU's accelerators are not safe for several threads, so that whatever touches one takes its
/// lock.</remarks>
abstract unsafe class IlgpuDevice : Device
{
    readonly Context context;
    readonly string description;
    long used;

    /// <summary>Takes over an accelerator and its context.</summary>
    protected IlgpuDevice(string name, Context context, Hardware accelerator, string description)
    {
        (Name, this.context, Accelerator, this.description) = (name, context, accelerator, description);
        Kernels = new KernelLoader(name, accelerator);
    }

    public sealed override string Name { get; }

    public sealed override string Description => description;

    /// <summary>Whether the accelerator is gone, and with it all its memory.</summary>
    internal bool IsDisposed { get; private set; }

    protected Hardware Accelerator { get; }

    protected KernelLoader Kernels { get; }

    /// <summary>What must be held to use the accelerator.</summary>
    protected Lock Gate { get; } = new();

    public sealed override Tensor Allocate(Shape shape) =>
        new IlgpuTensor(shape, DataType.F32, Store(shape, DataType.F32));

    public sealed override void Dispose()
    {
        lock (Gate)
        {
            if (IsDisposed)
                return;
            IsDisposed = true;
            Accelerator.Dispose();
            context.Dispose();
        }

        base.Dispose();
    }

    /// <summary>Frees memory; what was freed with the accelerator is freed already.</summary>
    internal void Free(MemoryBuffer buffer, long bytes)
    {
        lock (Gate)
            if (!IsDisposed)
                buffer.Dispose();
        Forget(bytes);
    }

    internal void Forget(long bytes) => Interlocked.Add(ref used, -bytes);

    protected override Tensor LoadCore(HostTensor source)
    {
        var storage = Store(source.Shape, source.DataType);
        Move(() => storage.View.CopyFromCPU(ref *source.Data, storage.View.Length));
        return new IlgpuTensor(source.Shape, source.DataType, storage);
    }

    protected sealed override void UploadCore(ReadOnlySpan<float> source, Tensor destination)
    {
        if (source.IsEmpty)
            return;
        // Pinned: ILGPU copies through the address, which must not change meanwhile.
        fixed (float* pinned = source)
        {
            var (numbers, count) = ((nint)pinned, source.Length);
            Move(() => Floats(destination).CopyFromCPU(ref *(float*)numbers, count));
        }
    }

    protected sealed override void DownloadCore(Tensor source, Span<float> destination)
    {
        if (destination.IsEmpty)
            return;
        fixed (float* pinned = destination)
        {
            var (numbers, count) = ((nint)pinned, destination.Length);
            Move(() => Floats(source).CopyToCPU(ref *(float*)numbers, count));
        }
    }

    protected sealed override void CopyCore(Tensor source, Tensor destination)
    {
        if (source.Shape.Count != 0)
            Move(() => Floats(source).CopyTo(Floats(destination)));
    }

    /// <summary>The numbers of an F32 tensor of this device.</summary>
    protected ArrayView<float> Floats(Tensor tensor) => Own(tensor).As<float>();

    /// <summary>The same, or nothing where there is no tensor.</summary>
    protected ArrayView<float> FloatsOrNone(Tensor? tensor) => tensor is null ? ArrayView<float>.Empty : Floats(tensor);

    protected IlgpuTensor Own(Tensor tensor) => tensor is IlgpuTensor own && own.Device == this
        ? own
        : throw new ArgumentException($"A tensor {tensor} of another device was given, expected one of {Name}.");

    /// <summary>Brings row numbers to the accelerator; the caller disposes them.</summary>
    protected MemoryBuffer1D<int, Stride1D.Dense> Place(ReadOnlySpan<int> rows)
    {
        try
        {
            var placed = Accelerator.Allocate1D<int>(Math.Max(1, rows.Length));
            fixed (int* numbers = rows)
                if (!rows.IsEmpty)
                    placed.View.BaseView.CopyFromCPU(ref *numbers, rows.Length);
            return placed;
        }
        catch (AcceleratorException failure)
        {
            throw DriverFailure.Explain(Name, failure);
        }
    }

    /// <summary>Notes memory that is used from now on.</summary>
    protected Storage Keep(MemoryBuffer buffer, long bytes, object? owner = null)
    {
        var storage = new Storage(buffer, bytes, this, owner);
        Interlocked.Add(ref used, storage.Allocated);
        return storage;
    }

    /// <summary>The bytes that can be allocated when none are.</summary>
    protected virtual long MostBytes => Accelerator.MemorySize;

    // As far as the accelerator knows.
    long FreeBytes => Accelerator is CudaAccelerator cuda
        ? cuda.GetFreeMemory()
        : MostBytes - Interlocked.Read(ref used);

    // Moves numbers; one thread at a time.
    void Move(Action move)
    {
        lock (Gate)
            try
            {
                move();
            }
            catch (AcceleratorException failure)
            {
                throw DriverFailure.Explain(Name, failure);
            }
    }

    Storage Store(Shape shape, DataType format)
    {
        // Some accelerators refuse to allocate nothing.
        var bytes = Math.Max(16, checked(shape.Count * format.Size()));
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            var free = FreeBytes;
            try
            {
                if (bytes <= free)
                    return Keep(Accelerator.AllocateRaw(bytes, 1), bytes);
            }
            catch (AcceleratorException exception)
            {
                // A driver may refuse less than is free: a piece larger than a quarter of the memory, for one.
                throw OutOfMemory($", but the driver refuses them ({DriverFailure.NameOf(exception)})", exception);
            }
            catch (OutOfMemoryException exception)
            {
                throw OutOfMemory("", exception);
            }

            throw OutOfMemory("", null);

            InsufficientMemoryException OutOfMemory(string refusal, Exception? inner) => new(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Name}: {format} {shape} needs {bytes:N0} bytes, {Math.Max(0, free):N0} are free{refusal}; "
                    + $"use a shorter prompt or another device."),
                inner);
        }
    }
}
