using ILGPU.Runtime.Cuda;

namespace RatIlgpu.Ilgpu;

/// <summary>Computes on an accelerator of ILGPU, in the memory of that accelerator; a subclass says how.</summary>
/// <remarks>Accelerators of ILGPU are not safe for several threads: every use of one holds its lock.</remarks>
abstract unsafe partial class IlgpuDevice : Device
{
    // What a pass over a few hundred tokens needs; longer ones take so long that allocations do not matter.
    const long MostKept = 256 << 20;

    readonly MemoryPool pool = new(MostKept);
    long used;

    /// <summary>Takes ownership of an accelerator.</summary>
    protected IlgpuDevice(string name, string description, Accelerator accelerator)
    {
        (Name, Description, Accelerator) = (name, description, accelerator);
        outbox = new(accelerator);
    }

    public sealed override string Name { get; }

    public sealed override string Description { get; }

    /// <summary>True after <see cref="Dispose"/>; buffers are then already freed.</summary>
    internal bool IsDisposed { get; private set; }

    protected Accelerator Accelerator { get; }

    /// <summary>How often memory was asked of the driver so far.</summary>
    internal long DriverAllocations { get; private set; }

    /// <summary>The lock of the accelerator.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>The bytes that can be allocated while no tensor exists.</summary>
    protected virtual long MostBytes => Accelerator.MemorySize;

    // As far as the accelerator knows; what the pool keeps is freed where it is missing.
    long FreeBytes => Accelerator is CudaAccelerator cuda
        ? cuda.GetFreeMemory() + pool.Bytes
        : MostBytes - Interlocked.Read(ref used);

    public sealed override Tensor Allocate(Shape shape)
    {
        try
        {
            return new IlgpuTensor(shape, DataType.F32, StoreAgain(shape, DataType.F32));
        }
        catch (InsufficientMemoryException)
        {
            // The garbage collector knows nothing of this memory, but frees that of recordings nobody refers to.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return new IlgpuTensor(shape, DataType.F32, StoreAgain(shape, DataType.F32));
        }
    }

    public override void Dispose()
    {
        if (!IsDisposed)
            RescueHeld();
        lock (Gate)
        {
            if (IsDisposed)
                return;
            IsDisposed = true;
            staging?.Dispose();
            outbox.Dispose();
            Accelerator.Dispose();
        }

        base.Dispose();
    }

    /// <summary>Frees memory, or keeps it for the next tensor of its size; the accelerator has already freed it if the
    /// device was disposed.</summary>
    internal void Free(MemoryBuffer buffer, long bytes, bool isKept)
    {
        lock (Gate)
            if (!IsDisposed && isKept)
                pool.Give(buffer, bytes);
            else if (!IsDisposed)
            {
                FinishLoading();
                buffer.Dispose();
            }

        Forget(bytes);
    }

    internal void Forget(long bytes) => Interlocked.Add(ref used, -bytes);

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
        {
            FinishLoading();
            DriverFailure.Guard(Name, action);
        }
    }

    /// <summary>Returns scratch memory of numbers; the caller disposes it.</summary>
    protected Storage StoreScratch(long count) => Store(new Shape(checked((int)count)), DataType.F32);

    /// <summary>Returns the storage of a buffer, whose bytes count as used until it is freed.</summary>
    protected Storage Keep(MemoryBuffer buffer, long bytes, object? owner = null, bool isKept = false)
    {
        var storage = new Storage(buffer, bytes, this, owner, isKept);
        Interlocked.Add(ref used, storage.Allocated);
        return storage;
    }

    // The memory of a tensor of which there will be others of the same size: not that of weights.
    Storage StoreAgain(Shape shape, DataType type)
    {
        var exact = checked(shape.Count * type.Size());
        if (exact > MostKept)
            return Store(shape, type);
        var bytes = MemoryPool.SizeFor(exact);
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return pool.TryTake(bytes, out var known)
                ? Keep(known, bytes, isKept: true)
                : Store(shape, type, bytes, isKept: true);
        }
    }

    // Some accelerators refuse to allocate nothing.
    Storage Store(Shape shape, DataType type) =>
        Store(shape, type, Math.Max(16, checked(shape.Count * type.Size())), isKept: false);

    MemoryBuffer AskDriver(long bytes, long free)
    {
        if (bytes > free - pool.Bytes)
            pool.Clear();
        DriverAllocations++;
        try
        {
            return Accelerator.AllocateRaw(bytes, 1);
        }
        catch (AcceleratorException) when (pool.Bytes > 0)
        {
            // What is free may lie in pieces.
            pool.Clear();
            return Accelerator.AllocateRaw(bytes, 1);
        }
    }

    Storage Store(Shape shape, DataType type, long bytes, bool isKept)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            var free = FreeBytes;
            try
            {
                if (bytes <= free)
                    return Keep(AskDriver(bytes, free), bytes, isKept: isKept);
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
