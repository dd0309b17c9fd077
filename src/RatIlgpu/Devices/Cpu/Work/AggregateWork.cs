namespace RatIlgpu.Devices;

/// <summary><see cref="Device.AggregatePattern"/>; an item is a query.</summary>
readonly unsafe struct AggregateWork(
    PatternRows rows, Heads queries, Heads keys, HeadReduction reduction, int[] heads, float* result) : IItemWork
{
    readonly int group = queries.Count / keys.Count;

    // The heads of one group read the same keys.
    readonly int[][] groups = Groups(heads, queries.Count / keys.Count);

    public long Count => queries.Rows;

    public long StepsPerItem => (long)heads.Length * keys.Rows * keys.Size / 4;

    public long FloatsOfScratch => (long)group * (keys.Size + keys.Rows);

    public void Do(long item, float* scratch)
    {
        var (query, packed) = ((int)item, Matrix.Packed(scratch, keys.Size));
        var patterns = Matrix.Packed(packed.Row(group), keys.Rows);
        var row = Matrix.Packed(result, keys.Rows).Row(query);
        new Span<float>(row, keys.Rows).Clear();
        foreach (var together in groups)
        {
            rows.Score(queries, query, together, keys, packed, patterns);
            for (var i = 0; i < together.Length; i++)
                if (rows.TrySoftmax(patterns.Row(i), query))
                    rows.Reduce(patterns.Row(i), query, reduction, heads.Length, row);
                else
                    new Span<float>(row, keys.Rows).Fill(1f / keys.Rows);
        }
    }

    static int[][] Groups(int[] heads, int size) =>
        [.. heads.GroupBy(head => head / size).Select(together => together.ToArray())];
}
