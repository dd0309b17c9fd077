using ILGPU.Runtime.Cuda;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes on an accelerator of ILGPU, in the memory of that accelerator; a subclass says how.</summary>
/// <remarks>Accelerators of ILGPU are not safe for several threads: every use of one holds its lock.</remarks>
abstract unsafe class IlgpuDevice : Device
{
    long used;

    /// <summary>Takes ownership of an accelerator.</summary>
    protected IlgpuDevice(string name, string description, Accelerator accelerator) =>
        (Name, Description, Accelerator) = (name, description, accelerator);

    public sealed override string Name { get; }

    public sealed override string Description { get; }

    /// <summary>True after <see cref="Dispose"/>; buffers are then already freed.</summary>
    internal bool IsDisposed { get; private set; }

    protected Accelerator Accelerator { get; }

    /// <summary>The lock of the accelerator.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>The bytes that can be allocated while no tensor exists.</summary>
    protected virtual long MostBytes => Accelerator.MemorySize;

    // As far as the accelerator knows.
    long FreeBytes => Accelerator is CudaAccelerator cuda
        ? cuda.GetFreeMemory()
        : MostBytes - Interlocked.Read(ref used);

    public sealed override Tensor Allocate(Shape shape) =>
        new IlgpuTensor(shape, DataType.F32, Store(shape, DataType.F32));

    public override void Dispose()
    {
        lock (Gate)
        {
            if (IsDisposed)
                return;
            IsDisposed = true;
            Accelerator.Dispose();
        }

        base.Dispose();
    }

    /// <summary>Frees memory; the accelerator has already freed it if the device was disposed.</summary>
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
        if (source.Shape.Count != 0)
            Use(() => storage.View.CopyFromCPU(ref FirstByteOf(source), source.Shape.Count * source.DataType.Size()));
        return new IlgpuTensor(source.Shape, source.DataType, storage);
    }

    protected sealed override void UploadCore(ReadOnlySpan<float> source, Tensor destination)
    {
        if (source.IsEmpty)
            return;
        // Pinned: ILGPU copies from the address, which must not change.
        fixed (float* pinned = source)
        {
            var (numbers, count) = ((nint)pinned, source.Length);
            Use(() => Floats(destination).CopyFromCPU(ref *(float*)numbers, count));
        }
    }

    protected sealed override void DownloadCore(Tensor source, Span<float> destination)
    {
        if (destination.IsEmpty)
            return;
        fixed (float* pinned = destination)
        {
            var (numbers, count) = ((nint)pinned, destination.Length);
            Use(() => Floats(source).CopyToCPU(ref *(float*)numbers, count));
        }
    }

    protected sealed override void CopyCore(Tensor source, Tensor destination)
    {
        if (source.Shape.Count != 0)
            Use(() => Floats(source).CopyTo(Floats(destination)));
    }

    /// <summary>Returns the first byte of a tensor in the memory of this process, which does not move.</summary>
    protected static ref byte FirstByteOf(HostTensor tensor) =>
        ref MemoryMarshal.GetReference(tensor.AsSpan<byte>(0, 0));

    /// <summary>Returns the numbers of an F32 tensor of this device.</summary>
    protected ArrayView<float> Floats(Tensor tensor) => Own(tensor).As<float>();

    /// <summary>Returns the numbers of an F32 tensor of this device; an empty view for null.</summary>
    protected ArrayView<float> FloatsOrNone(Tensor? tensor) => tensor is null ? ArrayView<float>.Empty : Floats(tensor);

    protected IlgpuTensor Own(Tensor tensor) => tensor is IlgpuTensor own && own.Device == this
        ? own
        : throw new ArgumentException($"A tensor {tensor} of another device was given, expected one of {Name}.");

    /// <summary>Uses the accelerator: one thread at a time, and errors of the driver name the device.</summary>
    protected void Use(Action action)
    {
        lock (Gate)
            DriverFailure.Guard(Name, action);
    }

    /// <summary>Copies row numbers to the accelerator; the caller disposes them.</summary>
    protected MemoryBuffer1D<int, Stride1D.Dense> LoadRows(ReadOnlySpan<int> rows)
    {
        try
        {
            var loaded = Accelerator.Allocate1D<int>(Math.Max(1, rows.Length));
            fixed (int* numbers = rows)
                if (!rows.IsEmpty)
                    loaded.View.BaseView.CopyFromCPU(ref *numbers, rows.Length);
            return loaded;
        }
        catch (AcceleratorException failure)
        {
            throw DriverFailure.Explain(Name, failure);
        }
    }

    /// <summary>Returns the storage of a buffer, whose bytes count as used until it is freed.</summary>
    protected Storage Keep(MemoryBuffer buffer, long bytes, object? owner = null)
    {
        var storage = new Storage(buffer, bytes, this, owner);
        Interlocked.Add(ref used, storage.Allocated);
        return storage;
    }

    Storage Store(Shape shape, DataType type)
    {
        // Some accelerators refuse to allocate nothing.
        var bytes = Math.Max(16, checked(shape.Count * type.Size()));
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
                // A driver may refuse less than is free, such as a piece larger than a quarter of the memory.
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
                    $"{Name}: {type} {shape} needs {bytes:N0} bytes, {Math.Max(0, free):N0} are free{refusal}; "
                    + $"use a shorter prompt or another device."),
                inner);
        }
    }
}
