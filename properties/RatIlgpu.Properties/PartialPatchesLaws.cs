using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(PartialPatchesLaws)])]
public sealed class PartialPatchesLaws : IDisposable
{
    static readonly byte[] Sound = BytesOf(5);

    readonly TemporaryFolder folder = new();
    readonly PartFile file = new(Sound, path => PartialPatches.Load(path));

    internal static Arbitrary<Measured> Counts { get; } = Arb.From(
        from count in Gen.Choose(0, 40)
        from seed in Gen.Choose(0, 1000)
        select new Measured(count, seed),
        measured => measured.Count > 0 ? [measured with { Count = measured.Count / 2 }] : []);

    internal static Arbitrary<PartFile.WrongByte> Damages { get; } = PartFile.Damages(
        Gen.Choose(0, Sound.Length - 1));

    public void Dispose()
    {
        folder.Dispose();
        file.Dispose();
    }

    [Law(100)]
    public void What_is_saved_loads_as_it_was(Measured measured)
    {
        var bytes = BytesOf(measured.Count, measured.Seed);
        File.WriteAllBytes(folder.Path("part"), bytes);
        var part = PartialPatches.Load(folder.Path("part"));
        Assert.Equal((measured.Count, 40), (part.Done, part.Total));
        part.Save(folder.Path("again"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.Path("again")));
    }

    [Law(100)]
    public void A_truncated_file_is_refused_not_crashed(PartFile.WrongByte damage) => file.RefusesTheStart(damage);

    [Law(100)]
    public void A_file_with_a_wrong_byte_is_refused(PartFile.WrongByte damage) => file.RefusesDamage(damage);

    [Law(1000)]
    public void A_file_with_a_wrong_byte_and_a_right_hash_is_read_or_refused_not_crashed(PartFile.WrongByte damage)
    {
        if (!file.IsRefusedWithRightHash(damage))
            Assert.InRange(PartialPatches.Load(file.Path).Done, 0, 5);
    }

    static byte[] BytesOf(int count, int seed = 1)
    {
        var (part, random) = (new PartialPatches(), new Random(seed));
        part.Begin(
            new()
            {
                Model = "",
                Fingerprint = "2 layers, 2/1 heads, 0123456789ABCDEF",
                Device = "cpu, Vector256",
                Version = "1.0",
                Texts = "1 pair",
                TextsHash = new('a', 64),
                Options = [new("activation", "query"), new("layers", "all")],
            },
            40);
        for (var i = 0; i < count; i++)
            part.Add(BitConverter.Int64BitsToDouble(random.NextInt64()));
        using var folder = new TemporaryFolder();
        part.Save(folder.Path("part"));
        return File.ReadAllBytes(folder.Path("part"));
    }

    public sealed record Measured(int Count, int Seed);
}
