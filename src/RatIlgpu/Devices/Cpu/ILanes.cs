using System.Runtime.Intrinsics;

namespace RatIlgpu.Devices;

/// <summary>The numbers that one instruction works on. A loop written for lanes runs at every level.</summary>
/// <remarks>The JIT compiles a loop once for each implementation. Most operations are one instruction.</remarks>
unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>Gets the number of lanes.</summary>
    static abstract int Count { get; }

    /// <summary>Returns lanes that all hold the same number.</summary>
    static abstract T Of(float value);

    static abstract T LoadF32(float* numbers);

    /// <summary>Loads F16 numbers and widens them to F32.</summary>
    static abstract T LoadF16(ushort* numbers);

    /// <summary>Loads BF16 numbers and widens them to F32.</summary>
    static abstract T LoadBF16(ushort* numbers);

    /// <summary>Loads the even ones of twice as many BF16 numbers as there are lanes, and widens them to
    /// F32.</summary>
    static abstract T LoadEvenBF16(ushort* numbers);

    /// <summary>Loads the odd ones of twice as many BF16 numbers as there are lanes, and widens them to F32.</summary>
    static abstract T LoadOddBF16(ushort* numbers);

    /// <summary>Loads twice as many F32 numbers as there are lanes, and stores the even ones before the odd
    /// ones.</summary>
    static abstract void Unzip(float* numbers, float* result);

    void Store(float* numbers);

    static abstract T operator +(T x, T y);
    static abstract T operator *(T x, T y);
    static abstract T operator /(T x, T y);

    /// <summary>Returns <c>x·y + sum</c>, rounded once if the processor has the instruction.</summary>
    static abstract T MultiplyAdd(T x, T y, T sum);

    /// <summary>Adds <c>x·y</c> to these lanes, rounded as <see cref="MultiplyAdd"/> rounds.</summary>
    /// <remarks>For sums that stay in registers: written so, the JIT takes the instruction that overwrites the sum.
    /// With <see cref="MultiplyAdd"/> it overwrites an operand and copies.</remarks>
    void AddProduct(T x, T y);

    /// <summary>Returns the larger number of each lane; <paramref name="y"/> if one of the two is NaN.</summary>
    static abstract T Max(T x, T y);

    /// <summary>Returns the larger number of each lane; NaN if one of the two is NaN.</summary>
    static abstract T MaxOrNaN(T x, T y);

    /// <summary>Returns the smaller number of each lane; <paramref name="y"/> if one of the two is NaN.</summary>
    static abstract T Min(T x, T y);

    /// <summary>Returns x, with the other sign where <paramref name="sign"/> is negative.</summary>
    static abstract T FlipSign(T x, T sign);

    /// <summary>Rounds to the nearest integers.</summary>
    static abstract T Round(T x);

    /// <summary>Returns <c>2ⁿ</c> of integers in [−127, 128]: 0 for −127, infinity for 128.</summary>
    static abstract T PowerOfTwo(T n);

    /// <summary>Splits normal positive numbers <c>x = m·2ⁿ</c>, with m in [√½, √2), and returns m.</summary>
    static abstract T Split(T x, out T n);

    /// <summary>Returns the sum of the lanes, always in the same order.</summary>
    static abstract float Sum(T x);

    /// <summary>Returns the sums of four vectors, in an order that may differ from that of <see cref="Sum"/>. Tiles
    /// use it.</summary>
    static virtual Vector128<float> Sums(T a, T b, T c, T d) =>
        Vector128.Create(T.Sum(a), T.Sum(b), T.Sum(c), T.Sum(d));

    /// <summary>Returns the largest lane.</summary>
    static abstract float Largest(T x);
}
