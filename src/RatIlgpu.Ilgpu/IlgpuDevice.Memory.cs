using ILGPU.Runtime.Cuda;
using RatIlgpu.Files;

namespace RatIlgpu.Ilgpu;

abstract unsafe partial class IlgpuDevice
{
    // What a pass over a few hundred tokens needs; longer ones take so long that allocations do not matter.
    const long MostKept = 256 << 20;

    // So much may be used before the garbage collector is asked for the first time.
    const long LeastCollected = 512 << 20;

    readonly MemoryPool pool;

    // The bytes that were free when the driver was last asked, with those that the device already had.
    long room;
    long used;
    long collectAt = LeastCollected;

    /// <summary>How often memory was asked of the driver so far.</summary>
    internal long DriverAllocations { get; private set; }

    /// <summary>How often the driver was asked how much memory is free.</summary>
    internal long MemoryReadings { get; private set; }

    /// <summary>The bytes that the accelerator allocated for tensors that were neither freed nor forgotten.</summary>
    internal long UsedBytes => Interlocked.Read(ref used);

    /// <summary>The bytes that can be allocated while no tensor exists.</summary>
    protected virtual long MostBytes => Accelerator.MemorySize;

    // As far as the book says; what the pool keeps is freed where it is missing.
    long FreeBytes => room - UsedBytes;

    /// <summary>Whether the memory is that of the processor, which all share. The garbage collector knows nothing of
    /// it, and sees no need to free what nobody refers to, such as recordings.</summary>
    protected virtual bool IsOfProcessor => Accelerator.AcceleratorType == AcceleratorType.CPU;

    public sealed override Tensor Allocate(Shape shape) =>
        new IlgpuTensor(shape, DataType.F32, StoreAgain(shape, DataType.F32));

    /// <summary>Frees memory, or keeps it for the next tensor of its size; the accelerator has already freed it if the
    /// device was disposed. Errors of the driver are not thrown.</summary>
    internal void Free(MemoryBuffer buffer, long bytes, bool isKept)
    {
        lock (Gate)
            if (!IsDisposed && isKept)
                pool.Give(buffer, bytes);
            else if (!IsDisposed)
            {
                DriverFailure.Ignore(FinishLoading);
                FreeNow(buffer);
            }

        Forget(bytes);
    }

    /// <summary>Takes bytes out of the book, once for each tensor.</summary>
    internal void Forget(long bytes) => Interlocked.Add(ref used, -bytes);

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

    Storage Store(Shape shape, DataType type, long bytes, bool isKept)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            CollectInTime(bytes);
            try
            {
                var buffer = AskDriver(bytes, out var refusal) ?? AskAgain(bytes, out refusal);
                return buffer is null
                    ? throw OutOfMemory(shape, type, bytes, refusal)
                    : Keep(buffer, bytes, isKept: isKept);
            }
            catch (AcceleratorException failure)
            {
                throw DriverFailure.Explain(Name, failure);
            }
        }
    }

    // Asks the garbage collector whenever twice as much is used as it left the last time: at most as much again as what
    // is referred to is then held for nobody, and collections stay few. A hint of the memory's size
    // (GC.AddMemoryPressure) was not enough on a busy machine.
    void CollectInTime(long bytes)
    {
        if (!IsOfProcessor || UsedBytes + bytes <= collectAt)
            return;
        Collect();
        collectAt = Math.Max(LeastCollected, 2 * (UsedBytes + bytes));
    }

    // No finaliser takes the lock of a device, so that they can be waited for.
    static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    // The memory of tensors that nobody refers to, and that the pool keeps, may be what is missing, or what lies
    // between free pieces.
    MemoryBuffer? AskAgain(long bytes, out Exception? refusal)
    {
        Collect();
        pool.Clear();
        ReadRoom();
        return AskDriver(bytes, out refusal);
    }

    // Returns null where there is too little memory; the refusal is that of the driver, if it was asked.
    MemoryBuffer? AskDriver(long bytes, out Exception? refusal)
    {
        refusal = null;
        if (bytes > FreeBytes)
            ReadRoom();
        if (bytes > FreeBytes)
            return null;
        if (bytes > FreeBytes - pool.Bytes)
            pool.Clear();
        try
        {
            DriverAllocations++;
            BeforeCall?.Invoke(DriverCall.Allocate);
            return Accelerator.AllocateRaw(bytes, 1);
        }
        catch (Exception failure) when (failure is OutOfMemoryException || DriverFailure.IsRefusal(failure))
        {
            refusal = failure;
            return null;
        }
    }

    // Not before each allocation: the driver takes longer for it than for the allocation.
    void ReadRoom()
    {
        MemoryReadings++;
        BeforeCall?.Invoke(DriverCall.ReadMemory);
        room = Accelerator is CudaAccelerator cuda ? cuda.GetFreeMemory() + pool.Bytes + UsedBytes : MostBytes;
    }

    void FreeNow(MemoryBuffer buffer) => DriverFailure.Ignore(() =>
    {
        BeforeCall?.Invoke(DriverCall.Free);
        buffer.Dispose();
    });

    InsufficientMemoryException OutOfMemory(Shape shape, DataType type, long bytes, Exception? refusal)
    {
        // A driver may refuse less than is free, such as a piece larger than a quarter of the memory.
        var why = refusal is AcceleratorException refused
            ? $", but the driver refuses them ({DriverFailure.NameOf(refused)})"
            : "";
        return new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Name}: {type} {shape} needs {ByteText.Of(bytes)}, {Math.Max(0, FreeBytes):N0} are free{why}; "
                + $"use a shorter prompt or another device."),
            refusal);
    }
}

/// <summary>What a device asks of its driver.</summary>
enum DriverCall
{
    /// <summary>Memory of the accelerator.</summary>
    Allocate,

    /// <summary>How much memory is free.</summary>
    ReadMemory,

    /// <summary>A launch, or a copy of numbers.</summary>
    Use,

    /// <summary>A copy of weights.</summary>
    Load,

    /// <summary>To take memory back.</summary>
    Free,

    /// <summary>To take the accelerator back.</summary>
    Close,
}
