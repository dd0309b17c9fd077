namespace RatIlgpu.Ilgpu;

static class ReducePatternOneThreadKernel
{
    /// <summary>One thread per share of the blocks of keys of all chosen rows: reduces the pattern of the chosen heads
    /// to one number, in the order of the heads.</summary>
    public static void Run(
        ArrayView<float> pattern, AttentionSizes sizes, AttentionChoice chosen, ArrayView<float> result)
    {
        var blocks = (sizes.Keys + Leaf.Block - 1) / Leaf.Block;
        var end = Share.End(chosen.Queries.Length * blocks);
        for (var block = Share.First(chosen.Queries.Length * blocks); block < end; block++)
        {
            var (row, k) = (block / blocks, (int)(block % blocks) * Leaf.Block);
            var (q, at, count) = (chosen.Queries[row], row * sizes.Keys + k, Blocks.Length(k, sizes.Keys));
            var factor = chosen.IsMaximum != 0 ? 1f : 1f / chosen.Heads.IntLength;
            Leaf.Scale(pattern, sizes.PatternAt(chosen.Heads[0], q) + k, factor, result, at, count);
            for (var j = 1; j < chosen.Heads.Length; j++)
                if (chosen.IsMaximum != 0)
                    Leaf.Maximize(pattern, sizes.PatternAt(chosen.Heads[j], q) + k, result, at, count);
                else
                    Leaf.AddScaled(pattern, sizes.PatternAt(chosen.Heads[j], q) + k, factor, result, at, count);
        }
    }
}
