using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes <see cref="Device.ReducePattern(Tensor, Tensor, HeadAggregation, ReadOnlySpan{int},
/// Tensor)"/>; a piece is a block of keys of a row, so that one row of many keys has several.</summary>
readonly unsafe struct ReduceWork(
    Simd simd, float* pattern, Shape shape, KeyFactors factors, HeadReduction reduction, int[] heads, int[] rows,
    float* result) : IRangeWork
{
    const int Block = 1024;

    readonly int blocks = (shape[2] + Block - 1) / Block;

    public long Count => (long)rows.Length * blocks;

    public long StepsPerPiece => (long)heads.Length * Math.Min(Block, shape[2]);

    public void Do(long start, long end)
    {
        var weighted = stackalloc float[Block];
        for (var piece = start; piece < end; piece++)
        {
            var (row, first) = ((int)(piece / blocks), (int)(piece % blocks) * Block);
            Reduce(
                rows[row], first, Math.Min(Block, shape[2] - first), weighted, result + (long)row * shape[2] + first);
        }
    }

    // Adds in the order of AggregateWork: a pattern that was not changed gives the bits that it gives there.
    void Reduce(int query, int first, int count, float* weighted, float* reduced)
    {
        var factor = reduction == HeadReduction.Max ? 1 : 1f / heads.Length;
        simd.Scale(PartOf(heads[0], query, first, count, weighted), factor, reduced, count);
        foreach (var head in heads.AsSpan(1))
            if (reduction == HeadReduction.Max)
                simd.Maximize(PartOf(head, query, first, count, weighted), reduced, count);
            else
                simd.AddScaled(PartOf(head, query, first, count, weighted), factor, reduced, count);
    }

    float* PartOf(int head, int query, int first, int count, float* weighted)
    {
        var part = pattern + ((long)head * shape[1] + query) * shape[2] + first;
        if (!factors.Any)
            return part;
        simd.ScaleEach(part, factors.Of(head, first), 1, weighted, count);
        return weighted;
    }
}
