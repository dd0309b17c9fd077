using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace RatIlgpu.Ilgpu;

/// <summary>Memory of an accelerator that no tensor uses, kept for the next tensor of its size: a driver waits for the
/// card when memory is freed, and every pass of a model needs the same sizes again.</summary>
/// <param name="most">The largest number of bytes kept.</param>
/// <param name="free">Frees a buffer that is kept no longer, and does not throw.</param>
/// <remarks>A buffer may be taken while kernels that use its old numbers wait to run: those of the next user wait
/// behind them in the same stream.</remarks>
sealed class MemoryPool(long most, Action<MemoryBuffer> free)
{
    // Of a size and the next there are eight steps to its double, so that at most an eighth is unused.
    const int StepBits = 3;

    const long Smallest = 256;

    readonly Dictionary<long, Stack<MemoryBuffer>> bySize = [];

    /// <summary>Gets the bytes that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Returns the bytes to allocate for some bytes: at least as many, and few different numbers.</summary>
    public static long SizeFor(long bytes)
    {
        if (bytes <= Smallest)
            return Smallest;
        var step = 1L << (BitOperations.Log2((ulong)bytes) - StepBits);
        return checked(bytes + step - 1) / step * step;
    }

    /// <summary>Takes a buffer of exactly this size, if there is one.</summary>
    public bool TryTake(long size, [NotNullWhen(true)] out MemoryBuffer? buffer)
    {
        buffer = null;
        if (!bySize.TryGetValue(size, out var kept) || !kept.TryPop(out buffer))
            return false;
        Bytes -= size;
        return true;
    }

    /// <summary>Keeps a buffer of this size. Where it would be too much with the others, those are freed: they are of
    /// sizes that were needed longer ago.</summary>
    public void Give(MemoryBuffer buffer, long size)
    {
        if (Bytes + size > most)
            Clear();
        if (!bySize.TryGetValue(size, out var kept))
            bySize.Add(size, kept = new());
        kept.Push(buffer);
        Bytes += size;
    }

    /// <summary>Frees all that is kept.</summary>
    public void Clear()
    {
        foreach (var buffer in bySize.Values.SelectMany(kept => kept))
            free(buffer);
        bySize.Clear();
        Bytes = 0;
    }
}
