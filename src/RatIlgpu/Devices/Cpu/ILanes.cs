using System.Runtime.Intrinsics;

namespace RatIlgpu.Devices;

/// <summary>As many numbers as one instruction works on. A loop written for lanes runs at every level.</summary>
/// <remarks>A loop is compiled anew for each implementation, in which most operations are one instruction.</remarks>
unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>How many numbers.</summary>
    static abstract int Count { get; }

    /// <summary>The same number in every lane.</summary>
    static abstract T Of(float value);

    static abstract T LoadF32(float* numbers);

    static abstract T LoadF16(ushort* numbers);

    static abstract T LoadBF16(ushort* numbers);

    void Store(float* numbers);

    static abstract T operator +(T x, T y);

    static abstract T operator *(T x, T y);

    static abstract T operator /(T x, T y);

    /// <summary><c>x·y + sum</c>, rounded once where the processor can.</summary>
    static abstract T MultiplyAdd(T x, T y, T sum);

    /// <summary>The larger number of each lane; <paramref name="y"/> where it is not a number.</summary>
    static abstract T Max(T x, T y);

    /// <summary>The smaller number of each lane; <paramref name="y"/> where it is not a number.</summary>
    static abstract T Min(T x, T y);

    /// <summary>The nearest integers.</summary>
    static abstract T Round(T x);

    /// <summary><c>2ⁿ</c> of integers in [−127, 128], where the ends give 0 and infinity.</summary>
    static abstract T PowerOfTwo(T n);

    /// <summary>The sum of the lanes, always in the same order.</summary>
    static abstract float Sum(T x);

    /// <summary>Sums four vectors, in an order that may differ from that of <see cref="Sum"/>; where a tile has four
    /// columns worth a shorter way.</summary>
    static virtual Vector128<float> Sums(T a, T b, T c, T d) =>
        Vector128.Create(T.Sum(a), T.Sum(b), T.Sum(c), T.Sum(d));

    /// <summary>The largest lane.</summary>
    static abstract float Largest(T x);
}
