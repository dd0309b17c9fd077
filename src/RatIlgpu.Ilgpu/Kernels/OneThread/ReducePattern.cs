namespace RatIlgpu.Ilgpu;

static class ReducePatternOneThreadKernel
{
    /// <summary>One thread per share of the blocks of keys of all chosen rows: reduces the pattern of the chosen heads
    /// to one number, in the order of the heads.</summary>
    public static void Run(
        ArrayView<float> pattern, AttentionSizes sizes, AttentionChoice chosen, ArrayView<float> scratch,
        ArrayView<float> result)
    {
        var own = Share.Of(scratch);
        var blocks = (sizes.Keys + Leaf.Block - 1) / Leaf.Block;
        var end = Share.End(chosen.Queries.Length * blocks);
        for (var block = Share.First(chosen.Queries.Length * blocks); block < end; block++)
        {
            var (row, k) = (block / blocks, (int)(block % blocks) * Leaf.Block);
            var (q, at, count) = (chosen.Queries[row], row * sizes.Keys + k, Blocks.Length(k, sizes.Keys));
            for (var j = 0; j < chosen.Heads.IntLength; j++)
            {
                var part = sizes.PatternAt(chosen.Heads[j], q) + k;
                if (chosen.Factors.Numbers.Length == 0)
                    Reduce(pattern, part, chosen, j, result, at, count);
                else
                {
                    Leaf.ScaleEach(
                        pattern, part, chosen.Factors.Numbers, chosen.Factors.At(j, k), new() { High = 1f }, own, 0,
                        count);
                    Reduce(own, 0, chosen, j, result, at, count);
                }
            }
        }
    }

    static void Reduce(
        ArrayView<float> part, long atPart, AttentionChoice chosen, int j, ArrayView<float> result, long at, int count)
    {
        var factor = chosen.IsMaximum != 0 ? 1f : 1f / chosen.Heads.IntLength;
        if (j == 0)
            Leaf.Scale(part, atPart, factor, result, at, count);
        else if (chosen.IsMaximum != 0)
            Leaf.Maximize(part, atPart, result, at, count);
        else
            Leaf.AddScaled(part, atPart, factor, result, at, count);
    }
}
