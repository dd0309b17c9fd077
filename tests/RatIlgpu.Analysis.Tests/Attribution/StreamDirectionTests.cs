using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Analysis.Tests;

public sealed class StreamDirectionTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    string File => Path.Combine(folder.FullName, "way.json");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_direction_is_read_from_json()
    {
        System.IO.File.WriteAllText(File, " [1, -2.5,\n3e-1]\n");
        var read = StreamDirection.Load(File);
        Assert.Equal([1, -2.5, 0.3], read.Values);
        Assert.Equal("way", read.Name);
        Assert.Equal(Math.Sqrt(1 + 6.25 + 0.09), read.Norm, 1e-12);
        Assert.Equal(read, StreamDirection.Load(File));
    }

    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.F16)]
    [InlineData(DataType.BF16)]
    [InlineData(DataType.F64)]
    public void A_direction_is_read_from_a_tensor(DataType format)
    {
        Write(SafetensorsTensor.Of("any", format, new(3), new float[] { 1, -2.5f, 0.25f }));
        Assert.Equal([1, -2.5, 0.25], StreamDirection.Load(File).Values);
    }

    public static TheoryData<string, string> WrongTexts => new()
    {
        { "[]", "holds an empty array." },
        { "{\"a\": 1}", "holds something beside a JSON array of numbers." },
        { "[1, \"2\"]", "holds something beside a JSON array of numbers." },
        { "[1, [2]]", "holds something beside a JSON array of numbers." },
        { "[1, 2", "is neither JSON nor a safetensors file." },
        { "[1] 2", "is neither JSON nor a safetensors file." },
        { "no direction at all", "is neither JSON nor a safetensors file." },
        { "[1, 1e999]", "has Infinity at 1, expected finite numbers." },
    };

    [Theory]
    [MemberData(nameof(WrongTexts))]
    public void Another_text_is_refused(string text, string message)
    {
        System.IO.File.WriteAllText(File, text);
        Assert.StartsWith($"{File}: {message}", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_tensors_are_refused()
    {
        Write(SafetensorsTensor.Of("a", DataType.F32, new(1, 2), new float[2]));
        Assert.StartsWith($"{File}: 'a' is [1, 2]. Expected", Refused(), StringComparison.Ordinal);
        Write(SafetensorsTensor.Of("a", DataType.F32, new(0), Array.Empty<float>()));
        Assert.StartsWith($"{File}: 'a' is [0]. Expected", Refused(), StringComparison.Ordinal);
        Write(SafetensorsTensor.Of("a", DataType.F32, new(2), new float[] { 1, float.NaN }));
        Assert.Equal($"{File}: has NaN at 1, expected finite numbers.", Refused());
        Write(
            SafetensorsTensor.Of("a", DataType.F32, new(1), new float[1]),
            SafetensorsTensor.Of("b", DataType.F32, new(1), new float[1]));
        Assert.StartsWith($"{File}: holds 2 tensors.", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_direction_for_each_position_is_read_from_json_or_a_tensor()
    {
        System.IO.File.WriteAllText(File, " [ [1, 2], [3, -4]]");
        var read = StreamDirection.LoadEach(File);
        Assert.Equal([("way[0]", 2), ("way[1]", -4)], read.Select(one => (one.Name, one.Values[1])));
        Write(SafetensorsTensor.Of("any", DataType.BF16, new(2, 3), new float[] { 1, 2, 3, 4, 5, 0.5f }));
        Assert.Equal([4, 5, 0.5], StreamDirection.LoadEach(File)[1].Values);
    }

    [Fact]
    public void A_file_of_one_direction_has_one_for_all_positions()
    {
        System.IO.File.WriteAllText(File, "[1, 2]");
        Assert.Equal(StreamDirection.Load(File), StreamDirection.LoadEach(File).Single());
        Write(SafetensorsTensor.Of("any", DataType.F32, new(2), new float[] { 1, 2 }));
        Assert.Equal(StreamDirection.Load(File), StreamDirection.LoadEach(File).Single());
    }

    [Theory]
    [InlineData("[[1, 2], [3]]", "holds arrays that are empty or not equally long.")]
    [InlineData("[[]]", "holds arrays that are empty or not equally long.")]
    [InlineData("[[1], null]", "holds arrays that are empty or not equally long.")]
    [InlineData("[[1], 2]", "holds something beside JSON arrays of numbers.")]
    [InlineData("[[1], [2]", "holds something beside JSON arrays of numbers.")]
    [InlineData("[[1], [\"2\"]]", "holds something beside JSON arrays of numbers.")]
    [InlineData("[[1], [1e999]]", "has Infinity at 0, expected finite numbers.")]
    [InlineData("[]", "holds an empty array.")]
    public void Other_directions_for_each_position_are_refused(string text, string message)
    {
        System.IO.File.WriteAllText(File, text);
        Assert.StartsWith(
            $"{File}: {message}",
            Assert.Throws<InvalidDataException>(() => StreamDirection.LoadEach(File)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_more_dimensions_are_refused()
    {
        Write(SafetensorsTensor.Of("a", DataType.F32, new(1, 1, 2), new float[2]));
        Assert.StartsWith(
            $"{File}: 'a' is [1, 1, 2]. Expected a JSON array of numbers, or of such arrays",
            Assert.Throws<InvalidDataException>(() => StreamDirection.LoadEach(File)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_missing() =>
        Assert.Throws<FileNotFoundException>(() => StreamDirection.Load(Path.Combine(folder.FullName, "none")));

    [Fact]
    public void Numbers_are_finite_and_there_are_some()
    {
        Assert.Equal(
            "The direction has no number, expected one for each place of the stream.",
            Assert.Throws<ArgumentException>(() => new StreamDirection([])).Message);
        Assert.Equal(
            "The direction has -Infinity at 1, expected finite numbers.",
            Assert.Throws<ArgumentException>(() => new StreamDirection([0, double.NegativeInfinity])).Message);
    }

    [Fact]
    public void A_direction_is_as_wide_as_the_stream()
    {
        using var on = new PatchingCase();
        LogitTarget target = new(new StreamDirection([1, 2]));
        const string Message =
            "The direction 'direction' has 2 numbers, expected 40, the width of the model's stream.";
        Refuses(() => new LogitAttributor(on.Model).Attribute([1, 2], target, ^1));
        Refuses(() => new LogitMetric.Logit(target, ^1).Measure(on.Model, [1, 2]));
        Refuses(() => new LogitLens(on.Model).Read([1, 2], ^1, new() { Directions = [target.Direction!] }));

        static void Refuses(Func<object> call) =>
            Assert.Equal(Message, Assert.Throws<ArgumentException>(() => { call(); }).Message);
    }

    [Fact]
    public void A_direction_is_not_compared_with_the_mean_of_the_tokens()
    {
        using var on = new PatchingCase();
        LogitTarget target = new(new StreamDirection([.. new double[40]]));
        Assert.Contains(
            "VocabularyMean is the mean of the logits of all tokens",
            Assert.Throws<ArgumentException>(() => new LogitAttributor(on.Model).Attribute(
                [1, 2], target, ^1, new() { Reference = LogitReference.VocabularyMean })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "neither a token nor a direction",
            Assert.Throws<ArgumentException>(() => new LogitAttributor(on.Model).Attribute([1], default, ^1)).Message,
            StringComparison.Ordinal);
    }

    void Write(params SafetensorsTensor[] tensors) => SafetensorsWriter.Write(File, tensors, null);

    string Refused() => Assert.Throws<InvalidDataException>(() => StreamDirection.Load(File)).Message;
}
