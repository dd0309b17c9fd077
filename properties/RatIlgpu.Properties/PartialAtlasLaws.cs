using System.Security.Cryptography;
using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(PartialAtlasLaws)])]
public sealed class PartialAtlasLaws : IDisposable
{
    static readonly byte[] Sound = MadePart.Bytes(MadePart.Of(new(1, 3), units: 5));

    // The part of a file whose numbers are not mere sums.
    const int Head = 700;

    readonly TemporaryFolder folder = new();

    internal static Arbitrary<Split> Splits { get; } = Arb.From(
        from shards in Gen.Choose(1, 7)
        from units in Gen.Choose(0, 12)
        from order in Gen.Shuffle(Enumerable.Range(0, shards))
        select new Split(units, [.. order]),
        split => split.Units > 0 ? [split with { Units = split.Units - 1 }] : []);

    // Half of the damages are where the sizes are.
    internal static Arbitrary<WrongByte> Damages { get; } = Arb.From(
        from at in Gen.OneOf(Gen.Choose(0, Sound.Length - 1), Gen.Choose(0, Head))
        from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 1, 127, 128, 255))
        select new WrongByte(at, (byte)value),
        damage => damage.At > 0 ? [damage with { At = damage.At / 2 }, damage with { At = damage.At - 1 }] : []);

    public void Dispose() => folder.Dispose();

    [Law(100)]
    public void The_parts_of_any_split_in_any_order_are_the_whole(Split split)
    {
        var paths = split.Order.Select(shard => Saved(new(shard, split.Order.Count), split.Units)).ToArray();
        var whole = PartialAtlas.Merge(paths);
        Assert.Equal(MadePart.Bytes(MadePart.Of(AtlasShard.Whole, split.Units)), MadePart.Bytes(whole));
    }

    [Law(100)]
    public void What_is_saved_loads_as_it_was(Split split)
    {
        var part = MadePart.Of(new(split.Order[0], split.Order.Count), split.Units);
        part.Save(folder.Path("part"));
        Assert.Equal(MadePart.Bytes(part), MadePart.Bytes(PartialAtlas.Load(folder.Path("part"))));
    }

    [Law(100)]
    public void A_truncated_file_is_refused_not_crashed(WrongByte damage) =>
        Assert.True(IsRefused(Sound[..damage.At]));

    [Law(100)]
    public void A_file_with_a_wrong_byte_is_refused(WrongByte damage) =>
        Assert.Equal(Sound[damage.At] != damage.Value, IsRefused(Damaged(damage)));

    // The hash is that of the damaged content, as a hostile file would have it.
    [Law(1000)]
    public void A_file_with_a_wrong_byte_and_a_right_hash_is_read_or_refused_not_crashed(WrongByte damage)
    {
        var bytes = Damaged(damage);
        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes..));
        if (!IsRefused(bytes))
            Assert.NotEmpty(PartialAtlas.Load(folder.Path("part")).ToAtlas().Heads);
    }

    static byte[] Damaged(WrongByte damage)
    {
        byte[] bytes = [.. Sound];
        bytes[damage.At] = damage.Value;
        return bytes;
    }

    string Saved(AtlasShard shard, int units)
    {
        var path = folder.Path($"{shard.Index}.part");
        MadePart.Of(shard, units).Save(path);
        return path;
    }

    // Other exceptions than a refusal that starts with the path fail the law.
    bool IsRefused(byte[] bytes)
    {
        File.WriteAllBytes(folder.Path("part"), bytes);
        try
        {
            PartialAtlas.Load(folder.Path("part"));
            return false;
        }
        catch (InvalidDataException refused)
        {
            Assert.StartsWith(folder.Path("part"), refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
            return true;
        }
    }

    public sealed record Split(int Units, IReadOnlyList<int> Order);

    public sealed record WrongByte(int At, byte Value);
}
