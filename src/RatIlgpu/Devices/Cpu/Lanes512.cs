using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>16 lanes: AVX-512.</summary>
unsafe struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    const float TwoTo112 = 5.192296858534828e33f;

    Vector512<float> value = value;

    public static int Count => 16;

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 Of(float value) => new(Vector512.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 LoadF32(float* numbers) => new(Vector512.Load(numbers));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 LoadF16(ushort* numbers)
    {
        var half = Widen(numbers);
        var magnitude = half & Vector512.Create(0x7FFFu);
        // The product corrects the exponent, of subnormal numbers too; infinity and NaN need the largest exponent.
        var scaled = Vector512.ShiftLeft(magnitude, 13).AsSingle() * TwoTo112;
        var isSpecial = Vector512.GreaterThan(magnitude.AsInt32(), Vector512.Create(0x7BFF));
        var special = isSpecial.AsUInt32() & Vector512.Create(0x7F800000u);
        var sign = Vector512.ShiftLeft(half ^ magnitude, 16);
        return new((scaled.AsUInt32() | special | sign).AsSingle());
    }

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 LoadBF16(ushort* numbers) => new(Vector512.ShiftLeft(Widen(numbers), 16).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 LoadEvenBF16(ushort* numbers) =>
        new(Vector512.ShiftLeft(Vector512.Load((uint*)numbers), 16).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 LoadOddBF16(ushort* numbers) =>
        new((Vector512.Load((uint*)numbers) & Vector512.Create(0xFFFF0000u)).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static void Unzip(float* numbers, float* result)
    {
        Vector512<float> low = Vector512.Load(numbers), high = Vector512.Load(numbers + 16);
        var even = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        Avx512F.PermuteVar16x32x2(low, even, high).Store(result);
        Avx512F.PermuteVar16x32x2(low, even + Vector512<int>.One, high).Store(result + 16);
    }

    [MethodImpl(AggressiveInlining)]
    public readonly void Store(float* numbers) => value.Store(numbers);

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 x, Lanes512 y) => new(x.value + y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 x, Lanes512 y) => new(x.value * y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 x, Lanes512 y) => new(x.value / y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 x, Lanes512 y, Lanes512 sum) =>
        new(Vector512.MultiplyAddEstimate(x.value, y.value, sum.value));

    [MethodImpl(AggressiveInlining)]
    public void AddProduct(Lanes512 x, Lanes512 y) =>
        value = Vector512.MultiplyAddEstimate(x.value, y.value, value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 Max(Lanes512 x, Lanes512 y) => new(Vector512.MaxNative(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 MaxOrNaN(Lanes512 x, Lanes512 y) => new(Vector512.Max(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 Min(Lanes512 x, Lanes512 y) => new(Vector512.MinNative(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 FlipSign(Lanes512 x, Lanes512 sign) => new(x.value ^ (sign.value & Vector512.Create(-0f)));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 Round(Lanes512 x) => new(Vector512.Round(x.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 PowerOfTwo(Lanes512 n) =>
        new(Vector512.ShiftLeft(Vector512.ConvertToInt32Native(n.value) + Vector512.Create(127), 23).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes512 Split(Lanes512 x, out Lanes512 n)
    {
        var bits = x.value.AsInt32();
        var power = Vector512.ShiftRightArithmetic(bits - Vector512.Create(Logarithm.BitsOfLeast), 23);
        n = new(Vector512.ConvertToSingle(power));
        return new((bits - Vector512.ShiftLeft(power, 23)).AsSingle());
    }

    [MethodImpl(AggressiveInlining)]
    public static float Sum(Lanes512 x) => Lanes256.Sum(new Lanes256(x.value.GetLower() + x.value.GetUpper()));

    // Adds the lanes of four vectors at the same time, in another order than Sum. With horizontal additions, of three
    // micro-operations on Zen 5, a row of attention over 2,048 keys took a fifth longer: its tiles are 64 deep.
    [MethodImpl(AggressiveInlining)]
    public static Vector128<float> Sums(Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d)
    {
        var ab = Pairs(a.value, b.value).AsDouble();
        var cd = Pairs(c.value, d.value).AsDouble();
        var sums = Avx512F.UnpackLow(ab, cd).AsSingle() + Avx512F.UnpackHigh(ab, cd).AsSingle();
        var halved = sums.GetLower() + sums.GetUpper();
        return halved.GetLower() + halved.GetUpper();
    }

    [MethodImpl(AggressiveInlining)]
    public static float Largest(Lanes512 x) =>
        Lanes256.Largest(new Lanes256(Vector256.MaxNative(x.value.GetLower(), x.value.GetUpper())));

    [MethodImpl(AggressiveInlining)]
    static Vector512<float> Pairs(Vector512<float> a, Vector512<float> b) =>
        Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);

    [MethodImpl(AggressiveInlining)]
    static Vector512<uint> Widen(ushort* numbers) =>
        Avx512F.ConvertToVector512UInt32(Vector256.Load(numbers));
}
