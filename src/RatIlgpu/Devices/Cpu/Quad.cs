using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>One row of a tile: one to four vectors, which stay in registers.</summary>
unsafe struct Quad<TLanes, TCount>
    where TLanes : struct, ILanes<TLanes>
    where TCount : struct, ICount
{
    // Fields, not an array: the JIT keeps only fields in registers.
    TLanes a;
    TLanes b;
    TLanes c;
    TLanes d;

    /// <summary>Loads weights that lie <paramref name="stride"/> bytes apart.</summary>
    [MethodImpl(AggressiveInlining)]
    public static Quad<TLanes, TCount> Load<TFormat>(byte* first, nint stride)
        where TFormat : struct, IFormat
    {
        Quad<TLanes, TCount> quad = default;
        quad.a = TFormat.Load<TLanes>(first);
        if (TCount.Value > 1)
            quad.b = TFormat.Load<TLanes>(first + stride);
        if (TCount.Value > 2)
            quad.c = TFormat.Load<TLanes>(first + 2 * stride);
        if (TCount.Value > 3)
            quad.d = TFormat.Load<TLanes>(first + 3 * stride);
        return quad;
    }

    /// <summary>Prefetches the numbers that <see cref="Load"/> would load into the first cache.</summary>
    [MethodImpl(AggressiveInlining)]
    public static void Prefetch(byte* first, nint stride)
    {
        // .NET offers prefetching on x86 only.
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(first);
        if (TCount.Value > 1)
            Sse.Prefetch0(first + stride);
        if (TCount.Value > 2)
            Sse.Prefetch0(first + 2 * stride);
        if (TCount.Value > 3)
            Sse.Prefetch0(first + 3 * stride);
    }

    /// <summary>Adds <c>x·y</c> to each vector.</summary>
    [MethodImpl(AggressiveInlining)]
    public void MultiplyAdd(TLanes x, in Quad<TLanes, TCount> y)
    {
        a = TLanes.MultiplyAdd(x, y.a, a);
        if (TCount.Value > 1)
            b = TLanes.MultiplyAdd(x, y.b, b);
        if (TCount.Value > 2)
            c = TLanes.MultiplyAdd(x, y.c, c);
        if (TCount.Value > 3)
            d = TLanes.MultiplyAdd(x, y.d, d);
    }

    /// <summary>Stores the sum of the lanes of each vector, or adds it to the stored number. A sum is the same bits in
    /// a tile of any width, so that a product does not depend on the columns beside it.</summary>
    [MethodImpl(AggressiveInlining)]
    public readonly void StoreSums(float* numbers, bool accumulate)
    {
        var sums = TLanes.Sums(a, b, c, d);
        if (TCount.Value == 4)
        {
            (accumulate ? Vector128.Load(numbers) + sums : sums).Store(numbers);
            return;
        }

        Put(numbers, sums[0], accumulate);
        if (TCount.Value > 1)
            Put(numbers + 1, sums[1], accumulate);
        if (TCount.Value > 2)
            Put(numbers + 2, sums[2], accumulate);
    }

    /// <summary>Adds all lanes to the stored numbers.</summary>
    [MethodImpl(AggressiveInlining)]
    public readonly void AddTo(float* numbers)
    {
        (TLanes.LoadF32(numbers) + a).Store(numbers);
        if (TCount.Value > 1)
            (TLanes.LoadF32(numbers + TLanes.Count) + b).Store(numbers + TLanes.Count);
        if (TCount.Value > 2)
            (TLanes.LoadF32(numbers + 2 * TLanes.Count) + c).Store(numbers + 2 * TLanes.Count);
        if (TCount.Value > 3)
            (TLanes.LoadF32(numbers + 3 * TLanes.Count) + d).Store(numbers + 3 * TLanes.Count);
    }

    [MethodImpl(AggressiveInlining)]
    static void Put(float* number, float sum, bool accumulate) => *number = accumulate ? *number + sum : sum;
}

/// <summary>A compile-time constant. The JIT drops the branches of a kernel that this count cannot reach.</summary>
interface ICount
{
    /// <summary>Gets the constant.</summary>
    static abstract int Value { get; }
}

readonly struct One : ICount
{
    public static int Value => 1;
}

readonly struct Two : ICount
{
    public static int Value => 2;
}

readonly struct Three : ICount
{
    public static int Value => 3;
}

readonly struct Four : ICount
{
    public static int Value => 4;
}

readonly struct Five : ICount
{
    public static int Value => 5;
}
