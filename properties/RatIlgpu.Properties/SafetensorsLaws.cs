using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(SafetensorsLaws.TensorCase), typeof(Damage)])]
public sealed class SafetensorsLaws : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Law]
    public void What_is_written_reads_back(TensorCase[] tensors)
    {
        using var file = SafetensorsFile.Open(Write(tensors));

        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), file.Names.Order());
        foreach (var tensor in tensors)
            tensor.CheckAgainst(file.Tensor(tensor.Name, tensor.Shape));
    }

    [Law(20)]
    public void Every_truncation_is_refused(TensorCase[] tensors)
    {
        var content = File.ReadAllBytes(Write(tensors));
        for (var length = 0; length < content.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(content[..length]));
    }

    [Law]
    public void Every_byte_too_many_is_refused(TensorCase[] tensors) =>
        Assert.Throws<InvalidDataException>(() => Read([.. File.ReadAllBytes(Write(tensors)), 0]));

    [Law(3000)]
    public void A_damaged_file_is_refused_or_whole(Damage damage) => CheckHarmless(damage.Apply(Sound));

    // The length before the header is right, so that the damage passes the first checks.
    [Law(3000)]
    public void A_file_with_a_damaged_header_is_refused_or_whole(Damage damage)
    {
        var end = 8 + (int)BitConverter.ToInt64(Sound);
        var header = damage.Apply(Sound[8..end]);
        CheckHarmless([.. BitConverter.GetBytes(header.LongLength), .. header, .. Sound[end..]]);
    }

    static byte[] Sound { get; } = MakeSound();

    static byte[] MakeSound()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("sound");
        SafetensorsWriter.Write(
            path,
            [
                new TensorCase("a", DataType.F32, [2, 3], 1).Tensor,
                new TensorCase("b", DataType.BF16, [1], 2).Tensor,
                new TensorCase("none", DataType.F16, [0, 5], 3).Tensor,
                new TensorCase("one", DataType.F64, [], 4).Tensor,
            ],
            new Dictionary<string, string> { ["format"] = "pt" });
        return File.ReadAllBytes(path);
    }

    // A file is refused only by InvalidDataException, and reading allocates little more than its length.
    static void CheckHarmless(byte[] content)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        SafetensorsHeader? header = null;
        try
        {
            header = Read(content);
        }
        catch (InvalidDataException)
        {
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 + 100L * content.Length);
        foreach (var name in header?.Names ?? [])
        {
            var entry = header!.Find(name)!;
            Assert.InRange(entry.Start, 0, entry.End);
            Assert.InRange(header.DataStart + entry.End, header.DataStart, content.Length);
            if (entry.Format.Bits is { } bits)
                Assert.Equal(entry.Shape.Count * bits, (entry.End - entry.Start) * 8);
            else
                Assert.Null(entry.Format.Format);
        }
    }

    static SafetensorsHeader Read(byte[] content) => SafetensorsHeader.Read(content, content.Length, "x");

    string Write(TensorCase[] tensors)
    {
        var path = folder.Path("model.safetensors");
        SafetensorsWriter.Write(path, tensors.Select(tensor => tensor.Tensor));
        return path;
    }

    /// <summary>A tensor of arbitrary numbers: normal, subnormal, infinite, NaN, or near a limit of a format.</summary>
    public sealed record TensorCase(string Name, DataType Format, int[] Axes, int Seed)
    {
        static readonly double[] Special =
        [
            0, -0.0, 1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 1e-41, 3.39e38,
            65519, 65520,
        ];

        /// <summary>Gets files of up to four tensors with different names.</summary>
        public static Arbitrary<TensorCase[]> Files { get; } = Arb.From(
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

        /// <summary>Checks that a tensor holds these numbers, rounded to its format.</summary>
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

        // Checks that neither neighbour is nearer, and that a tie is rounded to even.
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

        // Rounding treats infinity as the power of two after the largest number.
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
}
