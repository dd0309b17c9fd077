using System.Text;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

public sealed class SafetensorsWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Path => folder.Path("model.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Writes_the_bytes_the_format_asks_for()
    {
        SafetensorsWriter.Write(
            Path, [SafetensorsTensor.Of("a", DataType.F32, new Shape(1, 2), new float[] { 1, -2 })],
            new Dictionary<string, string> { ["format"] = "pt" });

        const string Header = """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}
            """;
        byte[] text = Encoding.UTF8.GetBytes(Header + " ");
        Assert.Equal([88, 0, 0, 0, 0, 0, 0, 0, .. text, 0, 0, 128, 63, 0, 0, 0, 192], File.ReadAllBytes(Path));
    }

    [Fact]
    public void Wide_formats_come_first_so_that_every_number_is_aligned()
    {
        SafetensorsWriter.Write(Path, new[] { DataType.F16, DataType.F32, DataType.BF16, DataType.F64 }
            .Select(format => SafetensorsTensor.Of(format.ToString(), format, new Shape(1), new double[] { 1.5 })));

        using var file = SafetensorsFile.Open(Path);
        Assert.Equal(["F64", "F32", "F16", "BF16"], file.Names);
    }

    [Theory]
    [InlineData(1, 0x3F80)]
    [InlineData(-1.0078125, 0xBF81)]
    [InlineData(1.00390625, 0x3F80)] // A tie, to the even neighbour below.
    [InlineData(1.01171875, 0x3F82)] // A tie, to the even neighbour above.
    [InlineData(1.0039062500000002, 0x3F81)] // Above a tie by less than binary32 can tell.
    [InlineData(1.0117187499999998, 0x3F81)] // Below a tie, likewise.
    [InlineData(1e-41, 0x0000)]
    [InlineData(9.2e-41, 0x0001)]
    [InlineData(3.3e38, 0x7F78)]
    [InlineData(3.4e38, 0x7F80)]
    [InlineData(1e300, 0x7F80)]
    [InlineData(double.NegativeInfinity, 0xFF80)]
    [InlineData(-0.0, 0x8000)]
    public void Rounds_once_to_the_nearest_BF16(double number, int bits)
    {
        SafetensorsWriter.Write(
            Path, [SafetensorsTensor.Of("x", DataType.BF16, new Shape(1), new[] { number })]);

        Assert.Equal((ushort)bits, BitConverter.ToUInt16(File.ReadAllBytes(Path).AsSpan(^2..)));
    }

    [Theory]
    [InlineData(DataType.BF16, 0x7FC0)]
    [InlineData(DataType.F16, 0x7E00)]
    public void No_number_stays_no_number(DataType format, int bits)
    {
        SafetensorsWriter.Write(Path, [SafetensorsTensor.Of("x", format, new Shape(1), new[] { double.NaN })]);

        Assert.Equal(bits, BitConverter.ToUInt16(File.ReadAllBytes(Path).AsSpan(^2..)) & 0x7FFF);
    }

    [Fact]
    public void Asks_for_a_large_tensor_in_pieces_in_order()
    {
        var asked = new List<(long Start, int Count)>();
        var counting = new SafetensorsTensor("x", DataType.F32, new Shape(3, 50_000), (start, numbers) =>
        {
            asked.Add((start, numbers.Length));
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = start + i;
        });

        SafetensorsWriter.Write(Path, [counting]);

        Assert.Equal([(0, 65_536), (65_536, 65_536), (131_072, 18_928)], asked);
        using var file = SafetensorsFile.Open(Path);
        Assert.Equal(Enumerable.Range(0, 150_000).Select(i => (float)i), file.Tensor("x").Floats.ToArray());
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        folder.Write([1, 2, 3], "model.safetensors");
        var failing = new SafetensorsTensor(
            "x", DataType.F32, new Shape(1), (_, _) => throw new InvalidOperationException("no numbers"));

        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(Path, [failing]));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path));
        Assert.Equal([Path], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void A_write_replaces_the_old_file()
    {
        folder.Write([1, 2, 3], "model.safetensors");

        SafetensorsWriter.Write(Path, []);

        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], File.ReadAllBytes(Path));
        Assert.Equal([Path], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void Says_that_the_folder_is_not_there()
    {
        var path = folder.Path("nowhere", "x.safetensors");
        var thrown = Assert.Throws<DirectoryNotFoundException>(() => SafetensorsWriter.Write(path, []));

        Assert.Equal($"{path}: there is no such folder to write to.", thrown.Message);
    }

    [Theory]
    [InlineData("x", "x", "'x' is reserved or given twice.")]
    [InlineData("x", "__metadata__", "'__metadata__' is reserved or given twice.")]
    public void Says_which_name_cannot_be_written(string first, string second, string fault)
    {
        SafetensorsTensor[] tensors = [Empty(first), Empty(second)];
        var thrown = Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Path, tensors));

        Assert.Equal(fault, thrown.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void Refuses_a_name_that_is_no_text() =>
        Assert.ThrowsAny<ArgumentException>(() => SafetensorsWriter.Write(Path, [Empty("\ud800")]));

    [Fact]
    public void Says_how_many_numbers_a_shape_holds()
    {
        var thrown = Assert.Throws<ArgumentException>(
            () => SafetensorsTensor.Of("x", DataType.F32, new Shape(2, 2), new float[3]));

        Assert.Equal("'x': [2, 2] holds 4 numbers, 3 given.", thrown.Message);
    }

    [Fact]
    public void Refuses_tensors_that_no_file_can_hold()
    {
        var vast = new SafetensorsTensor("x", DataType.F64, new Shape(int.MaxValue, int.MaxValue), (_, _) => { });

        Assert.Throws<OverflowException>(() => SafetensorsWriter.Write(Path, [vast]));
    }

    static SafetensorsTensor Empty(string name) =>
        SafetensorsTensor.Of(name, DataType.F32, new Shape(0), new float[0]);
}
