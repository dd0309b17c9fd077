using System.Text;
using System.Text.RegularExpressions;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

public sealed class SafetensorsHeaderTests
{
    const string Path = "model.safetensors";
    const string Missing = ": the rest of it is missing; get the file again.";

    [Fact]
    public void Reads_names_formats_shapes_and_places_in_the_order_of_the_file()
    {
        var header = Parse("""
            {"b": {"dtype": "BF16", "shape": [3], "data_offsets": [24, 30]},
             "__metadata__": {"format": "pt"},
             "a": {"shape": [2, 3], "data_offsets": [0, 24], "dtype": "F32"}}
            """, 30);

        Assert.Equal(["a", "b"], header.Names);
        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Equal((DataType.F32, new Shape(2, 3), 0L, 24L), Facts(header, "a"));
        Assert.Equal((DataType.BF16, new Shape(3), 24L, 30L), Facts(header, "b"));
        Assert.Null(header.Find("c"));
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("""{"__metadata__": {}}""", 0)]
    [InlineData("""{"x": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}    """, 4)]
    [InlineData("""{"x": {"dtype": "F32", "shape": [0, 7], "data_offsets": [0, 0]}}""", 0)]
    [InlineData("""{"x": {"dtype": "F4", "shape": [3, 2], "data_offsets": [0, 3]}}""", 3)]
    [InlineData("""{"\u0078": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}""", 8)]
    public void Accepts_what_the_format_allows(string json, int data) => Parse(json, data);

    [Fact]
    public void Tensors_of_no_bytes_may_lie_at_one_place()
    {
        var header = Parse("""
            {"y": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
             "x": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]},
             "z": {"dtype": "F32", "shape": [0], "data_offsets": [4, 4]}}
            """, 4);

        Assert.Equal(["x", "y", "z"], header.Names);
    }

    [Theory]
    [InlineData("""{"x": F32, [2], [0, 9]}""", 8, "'x' is F32 [2], 8 bytes, but holds 9.")]
    [InlineData("""{"x": F4, [3], [0, 1]}""", 1, "'x' is F4 [3], 2 bytes, but holds 1.")]
    [InlineData("""{"x": F32, [2], [0, 8]}""", 7, "'x' ends at byte {0+8}, but the file has {0+7}" + Missing)]
    [InlineData("""{"x": F32, [2], [0, 8]}""", 9, "the tensors end at byte {0+8}, but the file has {0+9}.")]
    [InlineData("""{"x": F32, [1], [4, 8]}""", 8, "'x' starts at byte {0+4}, expected {0+0}, where the header ends.")]
    [InlineData("""{"x": F32, [1], [0, 4], "y": F32, [1], [8, 12]}""", 12,
        "'y' starts at byte {0+8}, expected {0+4}, where 'x' ends.")]
    [InlineData("""{"x": F32, [2], [0, 8], "y": F32, [1], [4, 8]}""", 8,
        "'y' starts at byte {0+4}, but 'x' ends at byte {0+8}.")]
    [InlineData("""{"x": F32, [1], [8, 4]}""", 8, "data_offsets of 'x' are [8, 4], expected the end after the start.")]
    [InlineData("""{"x": F32, [1], [0]}""", 4, "data_offsets of 'x' is not two numbers.")]
    [InlineData("""{"x": F32, [1], [0, 4, 8]}""", 4, "data_offsets of 'x' is not two numbers.")]
    [InlineData("""{"x": F32, [1], [-4, 0]}""", 4,
        "data_offsets of 'x' has an element that is no whole number from 0 to 9,223,372,036,854,775,807.")]
    [InlineData("""{"x": F32, [-1], [0, 4]}""", 4,
        "shape of 'x' has an element that is no whole number from 0 to 2,147,483,647.")]
    [InlineData("""{"x": F32, [1.5], [0, 4]}""", 4,
        "shape of 'x' has an element that is no whole number from 0 to 2,147,483,647.")]
    [InlineData("""{"x": F32, ["1"], [0, 4]}""", 4,
        "shape of 'x' has an element that is no whole number from 0 to 2,147,483,647.")]
    [InlineData("""{"x": U8, [2147483648], [0, 2147483648]}""", 4,
        "shape of 'x' has an element that is no whole number from 0 to 2,147,483,647.")]
    [InlineData("""{"x": F32, [2147483647, 2147483647, 2147483647], [0, 4]}""", 4,
        "shape of 'x' holds more than 9,223,372,036,854,775,807 numbers.")]
    [InlineData("""{"x": U8, [2147483647, 2147483647], [0, 4611686014132420609]}""", 4,
        "'x' ends at byte {0+4611686014132420609}, but the file has {0+4}" + Missing)]
    [InlineData("""{"x": F32, {}, [0, 4]}""", 4, "shape of 'x' is not a list.")]
    [InlineData("""{"x": F32, [1], [0, 4], "x": F32, [1], [4, 8]}""", 8, "the header names 'x' twice.")]
    [InlineData("""{"x": 3}""", 0, "'x' is not an object.")]
    [InlineData("""{"x": {}}""", 0, "'x' lacks one of dtype, shape and data_offsets.")]
    [InlineData("""{"x": {"dtype": 1}}""", 0, "dtype of 'x' is not text.")]
    [InlineData("""{"x": {"dtype": "F32", "dtype": "F32"}}""", 0,
        "'x' has 'dtype', expected dtype, shape and data_offsets, each once.")]
    [InlineData("""{"x": {"kind": "F32"}}""", 0, "'x' has 'kind', expected dtype, shape and data_offsets, each once.")]
    [InlineData("""{"__metadata__": []}""", 0, "__metadata__ is not an object.")]
    [InlineData("""{"__metadata__": {"a": 1}}""", 0, "__metadata__ 'a' is not text.")]
    [InlineData("""{"__metadata__": {"a": "1", "a": "2"}}""", 0, "__metadata__ names 'a' twice.")]
    [InlineData("""{"__metadata__": {}, "__metadata__": {}}""", 0, "the header names '__metadata__' twice.")]
    [InlineData("""{"a\nb": 3}""", 0, @"'a\nb' is not an object.")]
    [InlineData("""{"\udc00": 3}""", 0, "the header holds half a surrogate pair before byte 18.")]
    [InlineData("[]", 0, "the header is not a JSON object in UTF-8.")]
    [InlineData(" {}", 0, "the header is not a JSON object in UTF-8.")]
    [InlineData("{} {}", 0, "the header is no JSON that safetensors uses, from byte 11 on.")]
    [InlineData("""{"x":""", 0, "the header is no JSON that safetensors uses, from byte 13 on.")]
    [InlineData("""{"__metadata__": {},}""", 0, "the header is no JSON that safetensors uses, from byte 28 on.")]
    [InlineData("{/* */}", 0, "the header is no JSON that safetensors uses, from byte 9 on.")]
    public void Says_what_is_wrong(string shorthand, long data, string fault)
    {
        var json = Spelled(shorthand);
        var start = 8 + Encoding.UTF8.GetByteCount(json);
        fault = Regex.Replace(fault, @"\{0\+(\d+)\}", match => Place(start, match.Groups[1].Value));

        var thrown = Assert.Throws<InvalidDataException>(() => Parse(json, data));

        Assert.Equal($"{Path}: {fault}", thrown.Message);
    }

    [Fact]
    public void Refuses_more_axes_than_any_tensor_has()
    {
        var json = Spelled($$"""{"x": F32, [{{string.Join(", ", Enumerable.Repeat("1", 65))}}], [0, 4]}""");
        var thrown = Assert.Throws<InvalidDataException>(() => Parse(json, 4));

        Assert.Equal($"{Path}: shape of 'x' has more than 64 axes.", thrown.Message);
    }

    [Fact]
    public void Refuses_text_that_is_not_UTF_8() =>
        Assert.Throws<InvalidDataException>(
            () => SafetensorsHeader.Read([4, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xC0, (byte)'"'], 12, Path));

    [Fact]
    public void Nesting_is_refused_before_it_is_followed()
    {
        var deep = """{"x": """ + new string('[', 100_000);

        Assert.Throws<InvalidDataException>(() => Parse(deep, 0));
    }

    [Theory]
    [InlineData(0ul, 7, "has 7 bytes, expected a safetensors file, which has at least 10.")]
    [InlineData(3ul, 10, "the header ends at byte 11, but the file has 10" + Missing)]
    [InlineData(100_000_001ul, 10,
        "the header takes 100,000,001 bytes, expected at most 100,000,000; is it a safetensors file?")]
    [InlineData(ulong.MaxValue, 10,
        "the header takes 18,446,744,073,709,551,615 bytes, expected at most 100,000,000; is it a safetensors file?")]
    public void Says_why_there_can_be_no_such_header(ulong length, int fileLength, string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(
            () => SafetensorsHeader.Read(BitConverter.GetBytes(length), fileLength, Path));

        Assert.Equal($"{Path}: {fault}", thrown.Message);
    }

    static SafetensorsHeader Parse(string json, long data)
    {
        var text = Encoding.UTF8.GetBytes(json);
        byte[] start = [.. BitConverter.GetBytes(text.LongLength), .. text];
        return SafetensorsHeader.Read(start, start.Length + data, Path);
    }

    static (DataType?, Shape, long, long) Facts(SafetensorsHeader header, string name)
    {
        var entry = header.Find(name)!;
        return (entry.Format.Format, entry.Shape, entry.Start, entry.End);
    }

    // {0+8} stands for the byte of the file at 8 bytes of numbers.
    static string Place(int start, string bytes) =>
        FormattableString.Invariant($"{start + long.Parse(bytes, CultureInfo.InvariantCulture):N0}");

    // F32, [2], [0, 8] stands for the entry with these as dtype, shape and data_offsets.
    static string Spelled(string shorthand) => Regex.Replace(
        shorthand,
        @"([A-Z]+\d+), (\[[^\]]*\]|\{\}), (\[[^\]]*\])",
        """{"dtype": "$1", "shape": $2, "data_offsets": $3}""");
}
