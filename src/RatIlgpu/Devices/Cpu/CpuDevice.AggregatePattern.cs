using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Visibility visibility, HeadReduction reduction, ReadOnlySpan<int> heads, Tensor result)
    {
        var (queries, keys, rows, chosen) = (new Heads(query), new Heads(key), Packed(FloatsOf(result), key.Shape[0]), heads.ToArray());
        var group = queries.Count / keys.Count;
        using var sight = new Sight(visibility, queries.Rows, keys.Rows);
        Share(queries.Rows, (long)group * (keys.Size + keys.Rows), (item, scratch) =>
        {
            var q = (int)item;
            var row = new Span<float>(rows.Row(q), keys.Rows);
            row.Clear();
            for (int start = 0, end; start < chosen.Length; start = end)
            {
                for (end = start + 1; end < chosen.Length && chosen[end] / group == chosen[start] / group;)
                    end++;
                var patterns = Packed(scratch + group * keys.Size, keys.Rows);
                ScoreOne(queries, q, chosen.AsSpan(start..end), keys, sight, Packed(scratch, keys.Size), patterns);
                for (var i = 0; i < end - start; i++)
                    if (TrySoftmax(patterns.Row(i), sight, q))
                        Reduce(patterns.Row(i), sight, q, reduction, chosen.Length, rows.Row(q));
                    else
                        row.Fill(1f / keys.Rows);
            }
        });
    }

    // The heads of one group read the same keys: one product scores them all.
    void ScoreOne(Heads queries, int query, ReadOnlySpan<int> heads, Heads keys, Sight sight, Matrix packed, Matrix scores)
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
