namespace RatIlgpu.Devices;

/// <summary><see cref="Device.AggregatePattern"/>; an item is a query.</summary>
readonly unsafe struct AggregateWork(
    PatternRows rows, Heads queries, Heads keys, HeadReduction reduction, int[] heads, float* result) : IItemWork
{
    readonly int group = queries.Count / keys.Count;

    public long Count => queries.Rows;

    public long FloatsOfScratch => (long)group * (keys.Size + keys.Rows);

    public void Do(long item, float* scratch)
    {
        var query = (int)item;
        var row = Matrix.Packed(result, keys.Rows).Row(query);
        new Span<float>(row, keys.Rows).Clear();
        for (int start = 0, end; start < heads.Length; start = end)
        {
            for (end = start + 1; end < heads.Length && heads[end] / group == heads[start] / group;)
                end++;
            var patterns = Matrix.Packed(scratch + group * keys.Size, keys.Rows);
            rows.Score(queries, query, heads.AsSpan(start..end), keys, Matrix.Packed(scratch, keys.Size), patterns);
            for (var i = 0; i < end - start; i++)
                if (rows.TrySoftmax(patterns.Row(i), query))
                    rows.Reduce(patterns.Row(i), query, reduction, heads.Length, row);
                else
                    new Span<float>(row, keys.Rows).Fill(1f / keys.Rows);
        }
    }
}
