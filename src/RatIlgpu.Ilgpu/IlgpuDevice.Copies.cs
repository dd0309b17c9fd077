namespace RatIlgpu.Ilgpu;

abstract unsafe partial class IlgpuDevice
{
    // Large enough for the speed of the bus, and small beside the weights.
    const int StagedBytes = 16 << 20;

    readonly Outbox outbox;
    Staging? staging;

    /// <summary>How often numbers were copied from or to the host so far, without weights.</summary>
    internal long HostCopies { get; private set; }

    /// <summary>How often the host waited for the accelerator so far: for numbers that it downloads, for room in the
    /// memory from which it sends, or until what it sent has arrived.</summary>
    internal long Synchronizations { get; private set; }

    protected override Tensor LoadCore(HostTensor source)
    {
        var storage = Store(source.Shape, source.DataType);
        if (source.Shape.Count != 0)
            Send(source, storage);
        return new IlgpuTensor(source.Shape, source.DataType, storage);
    }

    protected sealed override void UploadCore(ReadOnlySpan<float> source, Tensor destination)
    {
        if (!source.IsEmpty)
            Send(MemoryMarshal.AsBytes(source), () => Own(destination).As<byte>());
    }

    protected sealed override void DownloadCore(Tensor source, Span<float> destination)
    {
        if (destination.IsEmpty)
            return;
        // Pinned: ILGPU copies to the address, which must not change.
        fixed (float* pinned = destination)
        {
            var (numbers, count) = ((nint)pinned, destination.Length);
            Use(() =>
            {
                HostCopies++;
                Floats(source).CopyToCPU(ref *(float*)numbers, count);
                NoteWait();
            });
        }
    }

    protected sealed override void CopyCore(Tensor source, Tensor destination)
    {
        if (source.Shape.Count != 0)
            Use(() => Floats(source).CopyTo(Floats(destination)));
    }

    /// <summary>Copies row numbers, at least one, to the accelerator; the caller disposes them.</summary>
    protected Storage LoadRows(ReadOnlySpan<int> rows)
    {
        var loaded = StoreAgain(new Shape(rows.Length), DataType.F32);
        try
        {
            var bytes = MemoryMarshal.AsBytes(rows);
            var length = bytes.Length;
            Send(bytes, () => loaded.View.SubView(0, length));
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    void Send(HostTensor source, Storage storage)
    {
        var bytes = source.Shape.Count * source.DataType.Size();
        try
        {
            lock (Gate)
                DriverFailure.Guard(Name, Told(DriverCall.Load, () =>
                    (staging ??= new(Accelerator, StagedBytes)).Send(source, storage.View.SubView(0, bytes))));
        }
        catch
        {
            storage.Dispose();
            throw;
        }
    }

    void Send(ReadOnlySpan<byte> bytes, Func<ArrayView<byte>> destination)
    {
        fixed (byte* pinned = bytes)
        {
            var (numbers, count) = ((nint)pinned, bytes.Length);
            Use(() =>
            {
                HostCopies++;
                if (count > Outbox.Capacity)
                {
                    destination().CopyFromCPU(ref *(byte*)numbers, count);
                    NoteWait();
                    return;
                }

                if (!outbox.HasRoomFor(count))
                {
                    Accelerator.DefaultStream.Synchronize();
                    NoteWait();
                }

                outbox.Send(new((void*)numbers, count), destination());
            });
        }
    }

    void NoteWait()
    {
        Synchronizations++;
        outbox.Clear();
    }

    // Weights are copied in other streams than they are read in.
    void FinishLoading()
    {
        if (staging is not { IsBusy: true })
            return;
        DriverFailure.Guard(Name, staging.Finish);
        Synchronizations++;
    }
}
