using System.Runtime.InteropServices;

namespace RatIlgpu.Tensors;

/// <summary>The memory of the tensors of one device in this process. That of a large tensor is kept for a while after
/// it was freed, and given to the next tensor that it fits.</summary>
/// <remarks>
/// <para>The system clears the pages of new memory when they are first touched, which takes longer than to copy a
/// pattern there. A run needs the sizes of the run before it again.</para>
/// <para>What is kept is bounded. A block of fewer than <see cref="LeastKept"/> bytes is not kept. The kept blocks and
/// those in use have together at most as many bytes as were in use at one time: before a block is allocated, those
/// that lay unused the longest are freed until this holds. A block that lay unused for <see cref="KeepTime"/> is freed,
/// so that a long-lived program does not stay at its peak. All kept blocks are freed with the device, and when the
/// system has no more memory, which is then asked again.</para>
/// <para>Memory is handed out unset: it holds the numbers of an earlier tensor. A block whose tensor was not disposed
/// but collected is freed, not kept.</para>
/// </remarks>
/// <param name="leastKept">The fewest bytes of a block that is kept, at least 1.</param>
/// <param name="clock">Tells the time; null for the clock of the system.</param>
sealed class TensorMemory(long leastKept = TensorMemory.LeastKept, TimeProvider? clock = null) : IDisposable
{
    /// <summary>The fewest bytes of a block that is kept, unless told otherwise: more than each tensor of a trace of
    /// 1,024 tokens has in the shape of Qwen2-0.5B, whose private memory the blocks would add to.</summary>
    public const long LeastKept = 8 << 20;

    // Of a kept block at most an eighth of what was asked for is not used by its next tensor.
    const int UnusedShare = 8;

    readonly Lock gate = new();
    readonly TimeProvider clock = clock ?? TimeProvider.System;

    // The block that lay unused the longest first.
    readonly List<(MemoryBlock Block, long Since)> kept = [];
    ITimer? timer;
    long mostUsed;
    bool disposed;

    /// <summary>Gets how long a block is kept without use: longer than most runs take, since the tensors of the last
    /// layer wait for all others.</summary>
    public static TimeSpan KeepTime { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the bytes of the large blocks in use.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Gets the bytes of the blocks that are kept.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>Gets how many large blocks the system was asked for.</summary>
    public long Allocations { get; private set; }

    /// <summary>Returns a block of at least so many bytes, whose content is not set.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public MemoryBlock Take(long bytes)
    {
        if (bytes < leastKept)
            return MemoryBlock.Allocate(bytes);
        lock (gate)
        {
            var block = TakeKept(bytes) ?? Allocate(bytes);
            UsedBytes += block.Bytes;
            mostUsed = Math.Max(mostUsed, UsedBytes);
            return block;
        }
    }

    /// <summary>Takes back a block that nobody uses any more: keeps it if it is large, else frees it.</summary>
    public void Give(MemoryBlock block)
    {
        if (block.Bytes < leastKept)
        {
            block.Free();
            return;
        }

        lock (gate)
        {
            UsedBytes -= block.Bytes;
            if (disposed)
            {
                block.Free();
                return;
            }

            kept.Add((block, clock.GetTimestamp()));
            KeptBytes += block.Bytes;
            // A timer that waits keeps this object alive, so that the blocks of a forgotten device are freed too.
            timer ??= clock.CreateTimer(_ => FreeUnused(), null, KeepTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Frees a block whose tensor was collected.</summary>
    public void Lose(MemoryBlock block)
    {
        block.Free();
        if (block.Bytes < leastKept)
            return;
        lock (gate)
            UsedBytes -= block.Bytes;
    }

    /// <summary>Frees the kept blocks; a block that comes back later is freed at once.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            FreeAll();
        }
    }

    MemoryBlock Allocate(long bytes)
    {
        while (kept.Count > 0 && UsedBytes + bytes + KeptBytes > Math.Max(mostUsed, UsedBytes + bytes))
            FreeOldest();
        Allocations++;
        try
        {
            return MemoryBlock.Allocate(bytes);
        }
        catch (OutOfMemoryException) when (kept.Count > 0)
        {
            FreeAll();
            return MemoryBlock.Allocate(bytes);
        }
    }

    // The smallest that fits.
    MemoryBlock? TakeKept(long bytes)
    {
        var best = -1;
        for (var i = 0; i < kept.Count; i++)
            if (kept[i].Block.Bytes - bytes is var unused && unused >= 0 && unused <= bytes / UnusedShare
                && (best < 0 || kept[i].Block.Bytes < kept[best].Block.Bytes))
                best = i;
        return best < 0 ? null : Remove(best);
    }

    void FreeUnused()
    {
        lock (gate)
        {
            while (kept.Count > 0)
            {
                // Read once: a wait of less than no time is none that a timer takes.
                var left = KeepTime - clock.GetElapsedTime(kept[0].Since);
                if (left > TimeSpan.Zero)
                {
                    timer?.Change(left, Timeout.InfiniteTimeSpan);
                    return;
                }

                FreeOldest();
            }

            StopTimer();
        }
    }

    void FreeAll()
    {
        while (kept.Count > 0)
            FreeOldest();
        StopTimer();
    }

    void StopTimer()
    {
        timer?.Dispose();
        timer = null;
    }

    void FreeOldest() => Remove(0).Free();

    MemoryBlock Remove(int index)
    {
        var block = kept[index].Block;
        kept.RemoveAt(index);
        KeptBytes -= block.Bytes;
        return block;
    }
}

/// <summary>Memory outside of the garbage collector's heap.</summary>
/// <param name="Address">The address of the first byte, a multiple of 64.</param>
/// <param name="Bytes">The length, at least 1.</param>
readonly unsafe record struct MemoryBlock(nint Address, long Bytes)
{
    // Whole cache lines: a vector load of an aligned row never crosses one.
    const nuint Alignment = 64;

    /// <summary>Allocates a block; one of no bytes has one.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public static MemoryBlock Allocate(long bytes)
    {
        bytes = Math.Max(bytes, 1);
        return new((nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment), bytes);
    }

    /// <summary>Frees the block, which must not be used any more.</summary>
    public void Free() => NativeMemory.AlignedFree((void*)Address);
}
