using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(PartialAtlasLaws)])]
public sealed class PartialAtlasLaws : IDisposable
{
    static readonly byte[] Sound = MadePart.Bytes(MadePart.Of(new(1, 3), units: 5));

    // The part of a file whose numbers are not mere sums.
    const int Head = 700;

    readonly TemporaryFolder folder = new();
    readonly PartFile file = new(Sound, path => PartialAtlas.Load(path));

    internal static Arbitrary<Split> Splits { get; } = Arb.From(
        from shards in Gen.Choose(1, 7)
        from units in Gen.Choose(0, 12)
        from order in Gen.Shuffle(Enumerable.Range(0, shards))
        select new Split(units, [.. order]),
        split => split.Units > 0 ? [split with { Units = split.Units - 1 }] : []);

    // Half of the damages are where the sizes are.
    internal static Arbitrary<PartFile.WrongByte> Damages { get; } = PartFile.Damages(
        Gen.OneOf(Gen.Choose(0, Sound.Length - 1), Gen.Choose(0, Head)));

    public void Dispose()
    {
        folder.Dispose();
        file.Dispose();
    }

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
    public void A_truncated_file_is_refused_not_crashed(PartFile.WrongByte damage) => file.RefusesTheStart(damage);

    [Law(100)]
    public void A_file_with_a_wrong_byte_is_refused(PartFile.WrongByte damage) => file.RefusesDamage(damage);

    [Law(1000)]
    public void A_file_with_a_wrong_byte_and_a_right_hash_is_read_or_refused_not_crashed(PartFile.WrongByte damage)
    {
        if (!file.IsRefusedWithRightHash(damage))
            Assert.NotEmpty(PartialAtlas.Load(file.Path).ToAtlas().Heads);
    }

    string Saved(AtlasShard shard, int units)
    {
        var path = folder.Path($"{shard.Index}.part");
        MadePart.Of(shard, units).Save(path);
        return path;
    }

    public sealed record Split(int Units, IReadOnlyList<int> Order);
}
