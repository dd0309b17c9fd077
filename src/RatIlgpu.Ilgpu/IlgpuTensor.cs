namespace RatIlgpu.Ilgpu;

/// <summary>A tensor in the memory of an accelerator.</summary>
sealed class IlgpuTensor : Tensor
{
    readonly Storage storage;
    readonly long offset;
    readonly bool isView;

    IlgpuTensor(Shape shape, DataType type, Storage storage, long offset, bool isView)
        : base(shape, type) =>
        (this.storage, this.offset, this.isView) = (storage, offset, isView);

    public IlgpuTensor(Shape shape, DataType type, Storage storage)
        : this(shape, type, storage, 0, isView: false)
    {
    }

    public IlgpuDevice Device => storage.Device;

    /// <summary>True if the first number, and that of every row, lies where a vector of four can be loaded.</summary>
    public bool IsInFours => offset % 4 == 0 && Shape[^1] % 4 == 0;

    /// <summary>True if the first number, and that of every row, lies where a vector of eight can be loaded.</summary>
    public bool IsInEights => offset % 8 == 0 && Shape[^1] % 8 == 0;

    /// <summary>Returns the numbers as kernels see them.</summary>
    /// <typeparam name="T">As wide as the data type, or a vector of numbers of that width.</typeparam>
    /// <remarks>ILGPU does not allow an empty view to start at the end of its buffer.</remarks>
    public ArrayView<T> As<T>()
        where T : unmanaged => Shape.Count == 0
        ? ArrayView<T>.Empty
        : storage.View.SubView(offset * DataType.Size(), Shape.Count * DataType.Size()).Cast<T>();

    /// <summary>Returns the numbers as bytes, as they are stored.</summary>
    public ArrayView<byte> Bytes => As<byte>();

    public override void Dispose()
    {
        if (!isView)
            storage.Dispose();
    }

    protected override Tensor View(Shape shape, long start) =>
        new IlgpuTensor(shape, DataType, storage, offset + start, isView: true);
}

/// <summary>A piece of an accelerator's memory, freed once; views of it do not keep it.</summary>
/// <param name="buffer">The memory.</param>
/// <param name="bytes">Its size.</param>
/// <param name="device">The device.</param>
/// <param name="owner">The owner of the host memory that the buffer wraps; null if the accelerator allocated
/// it.</param>
/// <param name="isKept">Whether the device keeps the memory for another tensor.</param>
sealed class Storage(MemoryBuffer buffer, long bytes, IlgpuDevice device, object? owner, bool isKept)
    : IDisposable
{
    // Kept reachable as long as the memory is used: the owner of the host memory that the buffer wraps.
    readonly object? owner = owner;
    bool freed;

    /// <summary>Forgets the bytes of a tensor that was not disposed; ILGPU frees its buffers itself.</summary>
    ~Storage() => device.Forget(Allocated);

    public IlgpuDevice Device => device;

    /// <summary>The bytes of the whole memory.</summary>
    public long Bytes => bytes;

    /// <summary>The bytes that the accelerator allocated: none if the buffer only wraps memory of the host.</summary>
    public long Allocated => owner is null ? bytes : 0;

    /// <summary>The whole memory.</summary>
    public ArrayView<byte> View
    {
        get
        {
            ThrowIfFreed();
            return new ArrayView<byte>(buffer, 0, bytes);
        }
    }

    /// <summary>Returns the first numbers.</summary>
    public ArrayView<T> ViewOf<T>(int count)
        where T : unmanaged => View.Cast<T>().SubView(0, count);

    public void Dispose()
    {
        if (freed)
            return;
        freed = true;
        GC.SuppressFinalize(this);
        GC.KeepAlive(owner);
        device.Free(buffer, Allocated, isKept);
    }

    void ThrowIfFreed()
    {
        ObjectDisposedException.ThrowIf(freed, typeof(IlgpuTensor));
        ObjectDisposedException.ThrowIf(device.IsDisposed, device);
        // Says so if the memory of the host was freed: a kernel that reads it would end the process.
        if (owner is HostTensor host)
            _ = host.AsSpan<byte>(0, 0);
    }
}
