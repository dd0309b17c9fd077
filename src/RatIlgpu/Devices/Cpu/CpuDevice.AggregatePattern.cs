using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Visibility visibility, HeadReduction reduction, ReadOnlySpan<int> heads,
        Tensor result)
    {
        var (queries, keys, rows, count) = (new Heads(query), new Heads(key), RowsOf(result), heads.Length);
        var group = queries.Count / keys.Count;
        int[][] groups = [.. heads.ToArray().GroupBy(head => head / group).Select(heads => heads.ToArray())];
        using var sight = new Sight(visibility, queries.Rows, keys.Rows);
        var floats = (long)group * (keys.Size + keys.Rows);
        Share(queries.Rows, (long)count * keys.Rows * keys.Size / 4, floats, (item, scratch) =>
        {
            var (q, packed) = ((int)item, Packed(scratch, keys.Size));
            var patterns = Packed(packed.Row(group), keys.Rows);
            var row = new Span<float>(rows.Row(q), keys.Rows);
            row.Clear();
            foreach (var together in groups)
            {
                ScoreTogether(queries, q, together, keys, sight, packed, patterns);
                for (var i = 0; i < together.Length; i++)
                    if (TrySoftmax(patterns.Row(i), sight, q))
                        Reduce(patterns.Row(i), sight, q, reduction, count, rows.Row(q));
                    else
                        row.Fill(1f / keys.Rows);
            }
        });
    }

    // The heads of one group read the same keys: one product scores them all.
    void ScoreTogether(
        Heads queries, int query, ReadOnlySpan<int> heads, Heads keys, Sight sight, Matrix packed, Matrix scores)
    {
        for (var i = 0; i < heads.Length; i++)
            Pack(queries, query, heads[i], packed.Row(i));
        var first = sight.FirstKey(query);
        simd.Linear(
            packed, keys.Of(heads[0] / (queries.Count / keys.Count), first), NumberFormat.F32,
            scores.From(0, first * sizeof(float)), new Extent(heads.Length, sight.EndKey(query) - first, keys.Size),
            accumulate: false);
    }

    void Reduce(float* pattern, Sight sight, int query, HeadReduction reduction, int heads, float* row)
    {
        var (first, count) = (sight.FirstKey(query), sight.EndKey(query) - sight.FirstKey(query));
        if (reduction == HeadReduction.Max)
            simd.Maximize(pattern + first, row + first, count);
        else
            simd.AddScaled(pattern + first, 1f / heads, row + first, count);
    }
}
