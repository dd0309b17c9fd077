namespace RatIlgpu.Ilgpu;

/// <summary>A piece of an accelerator's memory, freed once; its views are counted by nobody.</summary>
sealed class Storage(MemoryBuffer buffer, long bytes, IlgpuDevice device, object? owner = null) : IDisposable
{
    // What must stay reachable as long as the memory is used: the owner of host memory that the buffer only wraps.
    readonly object? owner = owner;
    bool freed;

    /// <summary>Forgets the bytes of a tensor that nobody disposed; ILGPU frees its buffers itself.</summary>
    ~Storage() => device.Forget(Allocated);

    public IlgpuDevice Device => device;

    /// <summary>The bytes that the accelerator allocated for it: none where memory of the host is only
    /// wrapped.</summary>
    public long Allocated => owner is null ? bytes : 0;

    /// <summary>The whole memory.</summary>
    /// <exception cref="ObjectDisposedException">It was freed, alone or with its device.</exception>
    public ArrayView<byte> View
    {
        get
        {
            ObjectDisposedException.ThrowIf(freed, typeof(IlgpuTensor));
            ObjectDisposedException.ThrowIf(device.IsDisposed, device);
            return new ArrayView<byte>(buffer, 0, bytes);
        }
    }

    public void Dispose()
    {
        if (freed)
            return;
        freed = true;
        GC.SuppressFinalize(this);
        GC.KeepAlive(owner);
        device.Free(buffer, Allocated);
    }
}
