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

    /// <summary>Loads the weights of each column from index <paramref name="i"/> on.</summary>
    [MethodImpl(AggressiveInlining)]
    public static Quad<TLanes, TCount> Load<TFormat>(byte* w0, byte* w1, byte* w2, byte* w3, nint i)
        where TFormat : struct, IFormat
    {
        Quad<TLanes, TCount> quad = default;
        quad.a = TFormat.Load<TLanes>(w0 + i * TFormat.Size);
        if (TCount.Value > 1)
            quad.b = TFormat.Load<TLanes>(w1 + i * TFormat.Size);
        if (TCount.Value > 2)
            quad.c = TFormat.Load<TLanes>(w2 + i * TFormat.Size);
        if (TCount.Value > 3)
            quad.d = TFormat.Load<TLanes>(w3 + i * TFormat.Size);
        return quad;
    }

    /// <summary>Loads numbers that follow each other.</summary>
    [MethodImpl(AggressiveInlining)]
    public static Quad<TLanes, TCount> Load(float* numbers)
    {
        Quad<TLanes, TCount> quad = default;
        quad.a = TLanes.LoadF32(numbers);
        if (TCount.Value > 1)
            quad.b = TLanes.LoadF32(numbers + TLanes.Count);
        if (TCount.Value > 2)
            quad.c = TLanes.LoadF32(numbers + 2 * TLanes.Count);
        if (TCount.Value > 3)
            quad.d = TLanes.LoadF32(numbers + 3 * TLanes.Count);
        return quad;
    }

    /// <summary>Prefetches the weights that <see cref="Load{TFormat}"/> would load into the first cache.</summary>
    [MethodImpl(AggressiveInlining)]
    public static void Prefetch<TFormat>(byte* w0, byte* w1, byte* w2, byte* w3, nint i)
        where TFormat : struct, IFormat
    {
        // .NET offers prefetching on x86 only.
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(w0 + i * TFormat.Size);
        if (TCount.Value > 1)
            Sse.Prefetch0(w1 + i * TFormat.Size);
        if (TCount.Value > 2)
            Sse.Prefetch0(w2 + i * TFormat.Size);
        if (TCount.Value > 3)
            Sse.Prefetch0(w3 + i * TFormat.Size);
    }

    /// <summary>Adds <c>x·y</c> to each vector.</summary>
    [MethodImpl(AggressiveInlining)]
    public void AddProducts(TLanes x, in Quad<TLanes, TCount> y)
    {
        a.AddProduct(x, y.a);
        if (TCount.Value > 1)
            b.AddProduct(x, y.b);
        if (TCount.Value > 2)
            c.AddProduct(x, y.c);
        if (TCount.Value > 3)
            d.AddProduct(x, y.d);
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

    /// <summary>Returns the sum of how near all lanes come to the stored numbers.</summary>
    [MethodImpl(AggressiveInlining)]
    public readonly TLanes Nearness(float* numbers)
    {
        var sum = Devices.Nearness.Of(TLanes.LoadF32(numbers), a);
        if (TCount.Value > 1)
            sum += Devices.Nearness.Of(TLanes.LoadF32(numbers + TLanes.Count), b);
        if (TCount.Value > 2)
            sum += Devices.Nearness.Of(TLanes.LoadF32(numbers + 2 * TLanes.Count), c);
        if (TCount.Value > 3)
            sum += Devices.Nearness.Of(TLanes.LoadF32(numbers + 3 * TLanes.Count), d);
        return sum;
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

readonly struct Six : ICount
{
    public static int Value => 6;
}
