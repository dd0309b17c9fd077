using System.Runtime.Intrinsics;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>4 lanes: SSE, or NEON on Arm.</summary>
unsafe struct Lanes128(Vector128<float> value) : ILanes<Lanes128>
{
    const float TwoTo112 = 5.192296858534828e33f;

    Vector128<float> value = value;

    public static int Count => 4;

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 LoadF32(float* numbers) => new(Vector128.Load(numbers));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 LoadF16(ushort* numbers)
    {
        var half = Widen(numbers);
        var magnitude = half & Vector128.Create(0x7FFFu);
        // The product corrects the exponent, of subnormal numbers too; infinity and NaN need the largest exponent.
        var scaled = Vector128.ShiftLeft(magnitude, 13).AsSingle() * TwoTo112;
        var isSpecial = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7BFF));
        var special = isSpecial.AsUInt32() & Vector128.Create(0x7F800000u);
        var sign = Vector128.ShiftLeft(half ^ magnitude, 16);
        return new((scaled.AsUInt32() | special | sign).AsSingle());
    }

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 LoadBF16(ushort* numbers) => new(Vector128.ShiftLeft(Widen(numbers), 16).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 LoadEvenBF16(ushort* numbers) =>
        new(Vector128.ShiftLeft(Vector128.Load((uint*)numbers), 16).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 LoadOddBF16(ushort* numbers) =>
        new((Vector128.Load((uint*)numbers) & Vector128.Create(0xFFFF0000u)).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static void Unzip(float* numbers, float* result)
    {
        Vector128<float> low = Vector128.Load(numbers), high = Vector128.Load(numbers + 4);
        var isLow = Vector128.Create(-1, -1, 0, 0).AsSingle();
        Vector128<int> even = Vector128.Create(0, 2, 0, 2), odd = Vector128.Create(1, 3, 1, 3);
        Vector128.ConditionalSelect(isLow, Vector128.Shuffle(low, even), Vector128.Shuffle(high, even)).Store(result);
        Vector128.ConditionalSelect(isLow, Vector128.Shuffle(low, odd), Vector128.Shuffle(high, odd)).Store(result + 4);
    }

    [MethodImpl(AggressiveInlining)]
    public readonly void Store(float* numbers) => value.Store(numbers);

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 x, Lanes128 y) => new(x.value + y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 x, Lanes128 y) => new(x.value * y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 x, Lanes128 y) => new(x.value / y.value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 x, Lanes128 y, Lanes128 sum) =>
        new(Vector128.MultiplyAddEstimate(x.value, y.value, sum.value));

    [MethodImpl(AggressiveInlining)]
    public void AddProduct(Lanes128 x, Lanes128 y) =>
        value = Vector128.MultiplyAddEstimate(x.value, y.value, value);

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 Max(Lanes128 x, Lanes128 y) => new(Vector128.MaxNative(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 MaxOrNaN(Lanes128 x, Lanes128 y) => new(Vector128.Max(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 Min(Lanes128 x, Lanes128 y) => new(Vector128.MinNative(x.value, y.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 FlipSign(Lanes128 x, Lanes128 sign) => new(x.value ^ (sign.value & Vector128.Create(-0f)));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 Round(Lanes128 x) => new(Vector128.Round(x.value));

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 PowerOfTwo(Lanes128 n) =>
        new(Vector128.ShiftLeft(Vector128.ConvertToInt32Native(n.value) + Vector128.Create(127), 23).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static Lanes128 Split(Lanes128 x, out Lanes128 n)
    {
        var bits = x.value.AsInt32();
        var power = Vector128.ShiftRightArithmetic(bits - Vector128.Create(Logarithm.BitsOfLeast), 23);
        n = new(Vector128.ConvertToSingle(power));
        return new((bits - Vector128.ShiftLeft(power, 23)).AsSingle());
    }

    [MethodImpl(AggressiveInlining)]
    public static float Sum(Lanes128 x)
    {
        var pairs = x.value + Vector128.Shuffle(x.value, Vector128.Create(1, 0, 3, 2));
        return pairs[0] + pairs[2];
    }

    [MethodImpl(AggressiveInlining)]
    public static float Largest(Lanes128 x)
    {
        var pairs = Vector128.MaxNative(x.value, Vector128.Shuffle(x.value, Vector128.Create(1, 0, 3, 2)));
        return Math.Max(pairs[0], pairs[2]);
    }

    [MethodImpl(AggressiveInlining)]
    static Vector128<uint> Widen(ushort* numbers) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(numbers)).AsUInt16());
}
