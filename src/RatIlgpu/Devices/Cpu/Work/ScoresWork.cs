using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary><see cref="Device.Scores"/>; an item is a block of queries of one head.</summary>
readonly unsafe struct ScoresWork(Simd simd, Heads queries, Heads keys, float* result) : IItemWork
{
    readonly HeadBlocks blocks = new(queries);

    public long Count => blocks.Count;

    public long StepsPerItem => FloatsOfScratch * keys.Rows / 4;

    public long FloatsOfScratch => (long)HeadBlocks.Rows * queries.Size;

    public void Do(long item, float* scratch)
    {
        var (head, first, rows) = blocks.At(item);
        var packed = Matrix.Packed(scratch, queries.Size);
        for (var row = 0; row < rows; row++)
            PatternRows.Pack(simd, queries, first + row, head, packed.Row(row));
        simd.Linear(
            packed, keys.Of(head / (queries.Count / keys.Count), 0), DataType.F32,
            Matrix.Packed(result, keys.Rows).From((nint)head * queries.Rows + first, 0),
            new Extent(rows, keys.Rows, keys.Size), accumulate: false);
    }
}
