using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Properties;

/// <summary>A tensor of arbitrary numbers, among them every kind of number there is.</summary>
sealed record TensorCase(string Name, DataType Format, int[] Axes, int Seed)
{
    static readonly double[] Special =
    [
        0, -0.0, 1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 1e-41, 3.39e38, 65519,
        65520,
    ];

    /// <summary>Files of up to four tensors with different names.</summary>
    public static Arbitrary<TensorCase[]> Files { get; } = Law.Cases(
        One.ListOf().Select(list => list.DistinctBy(tensor => tensor.Name).Take(4).ToArray()),
        Smaller);

    static Gen<TensorCase> One =>
        Gen.Elements("a", "model.layers.0.weight", "é\"\\\n", "", "𝄞", "c").SelectMany(name =>
            Gen.Elements(Enum.GetValues<DataType>()).SelectMany(format =>
                Gen.Choose(0, 3).SelectMany(rank => Gen.Choose(0, 5).ListOf(rank).SelectMany(axes =>
                    Gen.Choose(0, int.MaxValue).Select(seed => new TensorCase(name, format, [.. axes], seed))))));

    /// <summary>Gets the shape.</summary>
    public Shape Shape => new(Axes);

    /// <summary>Gets the tensor to write.</summary>
    public SafetensorsTensor Tensor => SafetensorsTensor.Of(Name, Format, Shape, Numbers());

    /// <summary>Checks that a tensor holds the nearest its format has to these numbers.</summary>
    public unsafe void CheckAgainst(HostTensor tensor)
    {
        var numbers = Numbers();
        Assert.Equal((Format, Shape), (tensor.DataType, tensor.Shape));
        for (var i = 0; i < numbers.Length; i++)
            if (Format == DataType.F64)
                Assert.Equal(BitConverter.DoubleToInt64Bits(numbers[i]), ((long*)tensor.Data)[i]);
            else if (Format == DataType.F32)
                Assert.Equal((float)numbers[i], ((float*)tensor.Data)[i]);
            else if (Format == DataType.F16)
                Assert.Equal((Half)numbers[i], ((Half*)tensor.Data)[i]);
            else
                CheckNearest(numbers[i], ((ushort*)tensor.Data)[i]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Format} {Shape} of seed {Seed}";

    // Neither neighbour is nearer, and a tie went to the even one.
    static void CheckNearest(double number, ushort found)
    {
        if (double.IsNaN(number))
        {
            Assert.True(float.IsNaN(Value(found)));
            return;
        }

        Assert.Equal(double.IsNegative(number), found >> 15 == 1);
        Assert.False(float.IsNaN(Value(found)));
        var distance = Distance(number, found);
        foreach (var neighbour in (int[])[found - 1, found + 1])
            if ((neighbour & 0x7FFF) is >= 0 and <= 0x7F80 && neighbour >> 15 == found >> 15)
                Assert.True(
                    distance < Distance(number, (ushort)neighbour)
                    || distance == Distance(number, (ushort)neighbour) && found % 2 == 0);
    }

    // Infinity counts as the power of two that would follow the largest number, as rounding has it.
    static double Distance(double number, ushort bits)
    {
        var value = (bits & 0x7FFF) == 0x7F80 ? Math.CopySign(Math.Pow(2, 128), Value(bits)) : Value(bits);
        return double.IsInfinity(number)
            ? (bits & 0x7FFF) == 0x7F80 ? 0 : 1
            : Math.Abs(number - value);
    }

    static float Value(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    double[] Numbers()
    {
        var random = new Random(Seed);
        var numbers = new double[Shape.Count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = random.Next(4) switch
            {
                0 => Special[random.Next(Special.Length)],
                1 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                2 => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue) & ~0x7FFF),
                _ => random.NextDouble() * 8 - 4,
            };
        return numbers;
    }

    static IEnumerable<TensorCase[]> Smaller(TensorCase[] tensors)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            yield return [.. tensors[..i], .. tensors[(i + 1)..]];
            var tensor = tensors[i];
            if (tensor.Axes.Length > 0)
                yield return [.. tensors[..i], tensor with { Axes = tensor.Axes[1..] }, .. tensors[(i + 1)..]];
        }
    }
}
