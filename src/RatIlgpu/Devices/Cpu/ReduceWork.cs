using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes <see cref="Device.ReducePattern"/>; a piece is a block of keys of a row, so that one row of many
/// keys has several.</summary>
readonly unsafe struct ReduceWork(
    Simd simd, float* pattern, Shape shape, HeadReduction reduction, int[] heads, int[] rows, float* result)
    : IRangeWork
{
    const int Block = 1024;

    readonly int blocks = (shape[2] + Block - 1) / Block;

    public long Count => (long)rows.Length * blocks;

    public long StepsPerPiece => (long)heads.Length * Math.Min(Block, shape[2]);

    public void Do(long start, long end)
    {
        for (var piece = start; piece < end; piece++)
        {
            var (row, first) = ((int)(piece / blocks), (int)(piece % blocks) * Block);
            Reduce(rows[row], first, Math.Min(Block, shape[2] - first), result + (long)row * shape[2] + first);
        }
    }

    // Adds in the order of AggregateWork: a pattern that was not changed gives the bits that it gives there.
    void Reduce(int query, int first, int count, float* reduced)
    {
        var factor = reduction == HeadReduction.Max ? 1 : 1f / heads.Length;
        simd.Scale(RowOf(heads[0], query) + first, factor, reduced, count);
        foreach (var head in heads.AsSpan(1))
            if (reduction == HeadReduction.Max)
                simd.Maximize(RowOf(head, query) + first, reduced, count);
            else
                simd.AddScaled(RowOf(head, query) + first, factor, reduced, count);
    }

    float* RowOf(int head, int query) => pattern + ((long)head * shape[1] + query) * shape[2];
}
