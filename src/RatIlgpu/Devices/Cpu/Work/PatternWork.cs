using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary><see cref="Device.Pattern"/>; an item is a block of queries of one head, whose scores become probabilities
/// while they are in the cache. Keys that none of them sees are not scored.</summary>
readonly unsafe struct PatternWork(Simd simd, PatternRows rows, Sight sight, Heads queries, Heads keys, float* result)
    : IItemWork
{
    readonly HeadBlocks blocks = new(queries);

    public long Count => blocks.Count;

    public long StepsPerItem => FloatsOfScratch * keys.Rows / 4;

    public long FloatsOfScratch => (long)HeadBlocks.Rows * queries.Size;

    public void Do(long item, float* scratch)
    {
        var (head, first, count) = blocks.At(item);
        var packed = Matrix.Packed(scratch, queries.Size);
        for (var row = 0; row < count; row++)
            PatternRows.Pack(simd, queries, first + row, head, packed.Row(row));
        var patterns = Matrix.Packed(result, keys.Rows).From((nint)head * queries.Rows + first, 0);
        var (firstKey, endKey) = (sight.FirstKey(first), sight.EndKey(first + count - 1));
        simd.Linear(
            packed, keys.Of(head / (queries.Count / keys.Count), firstKey), DataType.F32,
            patterns.From(0, firstKey * sizeof(float)), new Extent(count, endKey - firstKey, keys.Size),
            accumulate: false);
        for (var row = 0; row < count; row++)
            rows.Finish(patterns.Row(row), first + row);
    }
}
