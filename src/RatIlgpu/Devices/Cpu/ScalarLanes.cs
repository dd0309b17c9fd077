namespace RatIlgpu.Devices;

/// <summary>One lane: the level without vectors, and the last numbers of the loops of the other levels.</summary>
/// <remarks>It computes in double, which takes no longer: a sum in one lane has the most roundings.</remarks>
unsafe struct ScalarLanes(double value) : ILanes<ScalarLanes>
{
    double value = value;

    public static int Count => 1;

    public static ScalarLanes Of(float value) => new(value);

    public static ScalarLanes LoadF32(float* numbers) => new(*numbers);

    public static ScalarLanes LoadF16(ushort* numbers) => new((float)BitConverter.UInt16BitsToHalf(*numbers));

    public static ScalarLanes LoadBF16(ushort* numbers) => new(BitConverter.UInt32BitsToSingle((uint)*numbers << 16));

    public static ScalarLanes LoadEvenBF16(ushort* numbers) => LoadBF16(numbers);

    public static ScalarLanes LoadOddBF16(ushort* numbers) => LoadBF16(numbers + 1);

    public static void Unzip(float* numbers, float* result) => (result[0], result[1]) = (numbers[0], numbers[1]);

    public readonly void Store(float* numbers) => *numbers = (float)value;

    public static ScalarLanes operator +(ScalarLanes x, ScalarLanes y) => new(x.value + y.value);

    public static ScalarLanes operator *(ScalarLanes x, ScalarLanes y) => new(x.value * y.value);

    public static ScalarLanes operator /(ScalarLanes x, ScalarLanes y) => new(x.value / y.value);

    public static ScalarLanes MultiplyAdd(ScalarLanes x, ScalarLanes y, ScalarLanes sum) =>
        new(double.MultiplyAddEstimate(x.value, y.value, sum.value));

    public void AddProduct(ScalarLanes x, ScalarLanes y) =>
        value = double.MultiplyAddEstimate(x.value, y.value, value);

    public static ScalarLanes Max(ScalarLanes x, ScalarLanes y) => new(x.value > y.value ? x.value : y.value);

    public static ScalarLanes MaxOrNaN(ScalarLanes x, ScalarLanes y) => new(Math.Max(x.value, y.value));

    public static ScalarLanes Min(ScalarLanes x, ScalarLanes y) => new(x.value < y.value ? x.value : y.value);

    public static ScalarLanes FlipSign(ScalarLanes x, ScalarLanes sign) =>
        new(double.IsNegative(sign.value) ? -x.value : x.value);

    public static ScalarLanes Round(ScalarLanes x) => new(Math.Round(x.value));

    public static ScalarLanes PowerOfTwo(ScalarLanes n) =>
        new(BitConverter.Int32BitsToSingle(((int)n.value + 127) << 23));

    public static ScalarLanes Split(ScalarLanes x, out ScalarLanes n)
    {
        var bits = BitConverter.SingleToInt32Bits((float)x.value);
        var power = (bits - Logarithm.BitsOfLeast) >> 23;
        n = new(power);
        return new(BitConverter.Int32BitsToSingle(bits - (power << 23)));
    }

    public static float Sum(ScalarLanes x) => (float)x.value;

    public static float Largest(ScalarLanes x) => (float)x.value;
}
