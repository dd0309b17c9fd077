using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Properties;

public sealed class SafetensorsLaws : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_reads_back() => Law.Holds(TensorCase.Files, tensors =>
    {
        using var file = SafetensorsFile.Open(Write(tensors));

        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), file.Names.Order());
        foreach (var tensor in tensors)
            tensor.CheckAgainst(file.Tensor(tensor.Name, tensor.Shape));
    });

    [Fact]
    public void Every_truncation_is_refused() => Law.Holds(TensorCase.Files, tensors =>
    {
        var content = File.ReadAllBytes(Write(tensors));
        for (var length = 0; length < content.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(content[..length]));
    }, count: 20);

    [Fact]
    public void Every_byte_too_many_is_refused() => Law.Holds(TensorCase.Files, tensors =>
        Assert.Throws<InvalidDataException>(() => Read([.. File.ReadAllBytes(Write(tensors)), 0])));

    [Fact]
    public void A_damaged_file_is_refused_or_whole() =>
        Law.Holds(Damage.Cases, damage => CheckHarmless(damage.Apply(Sound)), count: 3000);

    // Such a file is framed as it should be, so that the damage is met behind the first checks.
    [Fact]
    public void A_file_with_a_damaged_header_is_refused_or_whole() => Law.Holds(Damage.Cases, damage =>
    {
        var end = 8 + (int)BitConverter.ToInt64(Sound);
        var header = damage.Apply(Sound[8..end]);
        CheckHarmless([.. BitConverter.GetBytes(header.LongLength), .. header, .. Sound[end..]]);
    }, count: 3000);

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

    // Refused in one way only, and without allocating much more than the file is long.
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
            Assert.Equal(entry.Shape.Count * entry.Format.Bits, (entry.End - entry.Start) * 8);
        }
    }

    static SafetensorsHeader Read(byte[] content) => SafetensorsHeader.Read(content, content.Length, "x");

    string Write(TensorCase[] tensors)
    {
        var path = folder.Path("model.safetensors");
        SafetensorsWriter.Write(path, tensors.Select(tensor => tensor.Tensor));
        return path;
    }
}
