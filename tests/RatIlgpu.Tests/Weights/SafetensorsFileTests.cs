using System.Runtime.CompilerServices;
using System.Text;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    const string OneAndMinusTwo = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Gives_the_numbers_where_they_lie()
    {
        using var file = Open(OneAndMinusTwo, [0, 0, 128, 63, 0, 0, 0, 192]);

        var tensor = file.Tensor("a");

        Assert.Equal([1, -2], tensor.Floats.ToArray());
        Assert.Equal((new Shape(2), DataType.F32), (file.ShapeOf("a"), file.FormatOf("a")));
    }

    [Fact]
    public void Gives_numbers_at_odd_addresses_as_an_aligned_copy()
    {
        using var file = Open("""
            {"o":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}
            """, [7, 0, 0, 128, 63, 0, 0, 0, 192]);

        Assert.Equal([1, -2], file.Tensor("a").Floats.ToArray());
    }

    [Fact]
    public void A_tensor_outlives_a_file_that_nobody_holds()
    {
        var tensor = TensorOfForgottenFile();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal([1, -2], tensor.Floats.ToArray());
    }

    [Fact]
    public void Says_which_format_has_no_tensor()
    {
        using var file = Open("""{"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]);

        Assert.True(file.Contains("ids"));
        Refuses("'ids' is I64, expected F32, F16, BF16 or F64.", file, () => file.Tensor("ids"));
    }

    [Fact]
    public void Says_which_tensor_is_missing()
    {
        using var file = Open("{}", []);

        Refuses("there is no tensor 'x'.", file, () => file.Tensor("x"));
    }

    [Fact]
    public void Says_which_shape_was_expected()
    {
        using var file = Open("""{"x":{"dtype":"F16","shape":[2,4],"data_offsets":[0,16]}}""", new byte[16]);

        Refuses("'x' is [2, 4], expected [2, 3].", file, () => file.Tensor("x", new Shape(2, 3)));
        Assert.Equal(new Shape(2, 4), file.Tensor("x", new Shape(2, 4)).Shape);
    }

    [Fact]
    public void A_disposed_file_gives_no_tensor()
    {
        var file = Open("""{"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}""", new byte[2]);
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Tensor("x"));
    }

    [Fact]
    public void Says_that_there_is_no_file()
    {
        var path = folder.Path("nowhere", "model.safetensors");
        var thrown = Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(path));

        Assert.Equal($"{path}: there is no such file.", thrown.Message);
    }

    [Fact]
    public void Says_that_a_file_cannot_be_mapped()
    {
        const string System = "/sys/devices/system/cpu/possible";
        Assert.SkipUnless(File.Exists(System), "This system has no file that has a length and cannot be mapped.");
        var thrown = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(System));

        Assert.StartsWith($"{System}: cannot be mapped into memory: ", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_that_a_folder_is_no_file()
    {
        var thrown = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder.Root));

        Assert.Equal($"{folder.Root}: is a folder, expected a file.", thrown.Message);
    }

    [Theory]
    [InlineData(0, "is empty, or no regular file; expected a file with content.")]
    [InlineData(7, "has 7 bytes, expected a safetensors file, which has at least 10.")]
    [InlineData(8, "the header is not a JSON object in UTF-8.")]
    public void Says_that_a_file_is_too_short(int length, string fault)
    {
        var path = folder.Write(new byte[length], "model.safetensors");
        var thrown = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));

        Assert.Equal($"{path}: {fault}", thrown.Message);
    }

    [Fact]
    public void A_file_that_is_refused_is_closed_again()
    {
        var path = folder.Write(new byte[8], "model.safetensors");
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path));

        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(8, stream.Length);
    }

    static void Refuses(string fault, SafetensorsFile file, Func<HostTensor> asked)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => { asked(); });
        Assert.Equal($"{file.Path}: {fault}", thrown.Message);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    HostTensor TensorOfForgottenFile() =>
        Open(OneAndMinusTwo, [0, 0, 128, 63, 0, 0, 0, 192]).Tensor("a");

    SafetensorsFile Open(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        byte[] content = [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
        return SafetensorsFile.Open(folder.Write(content, "model.safetensors"));
    }
}
