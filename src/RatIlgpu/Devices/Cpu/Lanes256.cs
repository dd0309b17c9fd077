using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>8 lanes: AVX2.</summary>
unsafe struct Lanes256(Vector256<float> value) : ILanes<Lanes256>
{
    const float TwoTo112 = 5.192296858534828e33f;

    Vector256<float> value = value;

    public static int Count => 8;

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 Of(float value) => new(Vector256.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 LoadF32(float* numbers) => new(Vector256.Load(numbers));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 LoadF16(ushort* numbers)
    {
        var half = Widen(numbers);
        var magnitude = half & Vector256.Create(0x7FFFu);
        // The product corrects the exponent, of subnormal numbers too; infinity and NaN need the largest exponent.
        var scaled = Vector256.ShiftLeft(magnitude, 13).AsSingle() * TwoTo112;
        var isSpecial = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(0x7BFF));
        var special = isSpecial.AsUInt32() & Vector256.Create(0x7F800000u);
        var sign = Vector256.ShiftLeft(half ^ magnitude, 16);
        return new((scaled.AsUInt32() | special | sign).AsSingle());
    }

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 LoadBF16(ushort* numbers) => new(Vector256.ShiftLeft(Widen(numbers), 16).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 LoadEvenBF16(ushort* numbers) =>
        new(Vector256.ShiftLeft(Vector256.Load((uint*)numbers), 16).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 LoadOddBF16(ushort* numbers) =>
        new((Vector256.Load((uint*)numbers) & Vector256.Create(0xFFFF0000u)).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static void Unzip(float* numbers, float* result)
    {
        Vector256<float> low = Vector256.Load(numbers), high = Vector256.Load(numbers + 8);
        // The instruction works on each half, so that quarters come in the order 0, 2, 1, 3.
        Ordered(Avx.Shuffle(low, high, 0b10_00_10_00)).Store(result);
        Ordered(Avx.Shuffle(low, high, 0b11_01_11_01)).Store(result + 8);
    }

    [MethodImpl(AggressiveInlining)]
    public readonly void Store(float* numbers) => value.Store(numbers);

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 x, Lanes256 y) => new(x.value + y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 x, Lanes256 y) => new(x.value * y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 x, Lanes256 y) => new(x.value / y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 x, Lanes256 y, Lanes256 sum) =>
        new(Vector256.MultiplyAddEstimate(x.value, y.value, sum.value));

    [MethodImpl(AggressiveInlining)]
    public void AddProduct(Lanes256 x, Lanes256 y) =>
        value = Vector256.MultiplyAddEstimate(x.value, y.value, value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 Max(Lanes256 x, Lanes256 y) => new(Vector256.MaxNative(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 MaxOrNaN(Lanes256 x, Lanes256 y) => new(Vector256.Max(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 Min(Lanes256 x, Lanes256 y) => new(Vector256.MinNative(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 FlipSign(Lanes256 x, Lanes256 sign) => new(x.value ^ (sign.value & Vector256.Create(-0f)));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 Round(Lanes256 x) => new(Vector256.Round(x.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 n) =>
        new(Vector256.ShiftLeft(Vector256.ConvertToInt32Native(n.value) + Vector256.Create(127), 23).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes256 Split(Lanes256 x, out Lanes256 n)
    {
        var bits = x.value.AsInt32();
        var power = Vector256.ShiftRightArithmetic(bits - Vector256.Create(Logarithm.BitsOfLeast), 23);
        n = new(Vector256.ConvertToSingle(power));
        return new((bits - Vector256.ShiftLeft(power, 23)).AsSingle());
    }

    [MethodImpl(AggressiveInlining)]
    public static float Sum(Lanes256 x) => Lanes128.Sum(new Lanes128(x.value.GetLower() + x.value.GetUpper()));

    // In another order than Sum, as with 16 lanes.
    [MethodImpl(AggressiveInlining)]
    public static Vector128<float> Sums(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d)
    {
        var ab = Pairs(a.value, b.value).AsDouble();
        var cd = Pairs(c.value, d.value).AsDouble();
        var sums = Avx.UnpackLow(ab, cd).AsSingle() + Avx.UnpackHigh(ab, cd).AsSingle();
        return sums.GetLower() + sums.GetUpper();
    }

    [MethodImpl(AggressiveInlining)]
    public static float Largest(Lanes256 x) =>
        Lanes128.Largest(new Lanes128(Vector128.MaxNative(x.value.GetLower(), x.value.GetUpper())));

    [MethodImpl(AggressiveInlining)]
    static Vector256<float> Pairs(Vector256<float> a, Vector256<float> b) => Avx.UnpackLow(a, b) + Avx.UnpackHigh(a, b);

    [MethodImpl(AggressiveInlining)]
    static Vector256<uint> Widen(ushort* numbers) =>
        Avx2.ConvertToVector256Int32(numbers).AsUInt32();

    [MethodImpl(AggressiveInlining)]
    static Vector256<float> Ordered(Vector256<float> quarters) =>
        Avx2.Permute4x64(quarters.AsDouble(), 0b11_01_10_00).AsSingle();
}
