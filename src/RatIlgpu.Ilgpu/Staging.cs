namespace RatIlgpu.Ilgpu;

/// <summary>Page-locked memory of the host through which weights go to an accelerator: two pieces in turns, so that one
/// is read from a mapped file while the other is copied.</summary>
/// <remarks>Each piece has a stream of its own: a stream can only be waited for as a whole.</remarks>
sealed class Staging : IDisposable
{
    readonly Piece[] pieces;
    readonly int pieceBytes;
    int turn;

    /// <summary>Allocates both pieces.</summary>
    public Staging(Accelerator accelerator, int pieceBytes)
    {
        this.pieceBytes = pieceBytes;
        pieces = [new(accelerator, pieceBytes), new(accelerator, pieceBytes)];
    }

    /// <summary>Gets whether a copy may still be under way.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Copies a tensor to memory that nothing else uses before <see cref="Finish"/> is called. When this
    /// returns, the tensor has been read.</summary>
    public void Send(HostTensor source, ArrayView<byte> destination)
    {
        IsBusy = true;
        for (long start = 0; start < destination.Length; start += pieceBytes)
        {
            var count = (int)Math.Min(pieceBytes, destination.Length - start);
            pieces[turn].Send(source.AsSpan<byte>(start, count), destination.SubView(start, count));
            turn = 1 - turn;
        }

        GC.KeepAlive(source);
    }

    /// <summary>Waits for all copies.</summary>
    public void Finish()
    {
        foreach (var piece in pieces)
            piece.Wait();
        IsBusy = false;
    }

    public void Dispose()
    {
        foreach (var piece in pieces)
            piece.Dispose();
    }

    sealed class Piece(Accelerator accelerator, int bytes) : IDisposable
    {
        readonly PageLockedArray1D<byte> memory = accelerator.AllocatePageLocked1D<byte>(bytes, uninitialized: true);
        readonly AcceleratorStream stream = accelerator.CreateStream();

        public void Wait() => stream.Synchronize();

        public void Send(ReadOnlySpan<byte> numbers, ArrayView<byte> destination)
        {
            Wait();
            numbers.CopyTo(memory.Span);
            // Not CopyFromPageLockedAsync, which copies the whole of its memory.
            destination.CopyFromCPUUnsafeAsync(stream, ref memory.Span[0], numbers.Length);
        }

        public void Dispose()
        {
            DriverFailure.Ignore(stream.Dispose);
            DriverFailure.Ignore(memory.Dispose);
        }
    }
}

/// <summary>Page-locked memory of the host from which a few numbers, such as tokens, go to an accelerator while the
/// host goes on.</summary>
sealed class Outbox(Accelerator accelerator) : IDisposable
{
    /// <summary>The bytes that can be on their way at a time.</summary>
    public const int Capacity = 256 << 10;

    const int Alignment = 16;

    PageLockedArray1D<byte>? memory;
    int used;

    /// <summary>Returns whether there is room for some more bytes.</summary>
    public bool HasRoomFor(long bytes) => bytes <= Capacity - used;

    /// <summary>Sends some bytes, at least one; they can change when this returns.</summary>
    public void Send(ReadOnlySpan<byte> bytes, ArrayView<byte> destination)
    {
        memory ??= accelerator.AllocatePageLocked1D<byte>(Capacity, uninitialized: true);
        var room = memory.Span.Slice(used, bytes.Length);
        bytes.CopyTo(room);
        destination.CopyFromCPUUnsafeAsync(accelerator.DefaultStream, ref room[0], room.Length);
        used += (bytes.Length + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>Forgets what was sent: the accelerator was waited for.</summary>
    public void Clear() => used = 0;

    public void Dispose() => memory?.Dispose();
}
