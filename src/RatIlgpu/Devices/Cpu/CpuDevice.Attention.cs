using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class CpuDevice
{
    // Rows that share what they read of keys and values: four full tiles.
    const int BlockRows = 20;

    /// <inheritdoc/>
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result)
    {
        var (queries, keys) = (new Heads(query), new Heads(key));
        var scores = Packed(FloatsOf(result), keys.Rows);
        ForEachBlock(queries, keys.Rows, (head, first, rows, scratch) =>
        {
            var packed = Packed(scratch, queries.Size);
            for (var row = 0; row < rows; row++)
                Pack(queries, first + row, head, packed.Row(row));
            simd.Linear(
                packed, keys.Of(head / (queries.Count / keys.Count), 0), NumberFormat.F32,
                scores.From((nint)head * queries.Rows + first, 0),
                new Extent(rows, keys.Rows, keys.Size), accumulate: false);
        });
    }

    /// <inheritdoc/>
    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        var (queries, keys) = (scores.Shape[1], scores.Shape[2]);
        var (source, rows) = (Packed(FloatsOf(scores), keys), Packed(FloatsOf(result), keys));
        using var sight = new Sight(visibility, queries, keys);
        Split((long)scores.Shape[0] * queries, 1, 4L * keys, (start, end) =>
        {
            for (var index = (nint)start; index < end; index++)
            {
                var query = (int)(index % queries);
                var row = new Span<float>(rows.Row(index), keys);
                new ReadOnlySpan<float>(source.Row(index), keys).CopyTo(row);
                row[..sight.FirstKey(query)].Clear();
                row[sight.EndKey(query)..].Clear();
                if (!TrySoftmax(rows.Row(index), sight, query))
                    row.Fill(1f / keys);
            }
        });
    }

    /// <inheritdoc/>
    protected override void MixCore(Tensor pattern, Tensor value, Tensor result)
    {
        var (mixed, values) = (new Heads(result), new Heads(value));
        var patterns = Packed(FloatsOf(pattern), values.Rows);
        ForEachBlock(mixed, values.Rows, (head, first, rows, _) =>
        {
            var block = mixed.Of(head, first);
            for (var row = 0; row < rows; row++)
                new Span<float>(block.Row(row), mixed.Size).Clear();
            simd.Mix(
                patterns.From((nint)head * mixed.Rows + first, 0), values.Of(head / (mixed.Count / values.Count), 0),
                block, new Extent(rows, mixed.Size, values.Rows));
        });
    }

    // The scale goes into the few queries, not into the many scores.
    void Pack(Heads queries, int query, int head, float* packed) =>
        simd.Scale(queries.Of(head, query).Row(0), 1 / MathF.Sqrt(queries.Size), packed, queries.Size);

    // Turns the scores of a row, where its query sees keys, into probabilities; false where it sees none.
    bool TrySoftmax(float* row, Sight sight, int query)
    {
        var (first, count) = (sight.FirstKey(query), sight.EndKey(query) - sight.FirstKey(query));
        if (sight.Penalties != null)
            simd.Add(row + first, sight.Penalties + first, row + first, count);
        var largest = simd.Largest(row + first, count);
        if (float.IsNegativeInfinity(largest))
            return false;
        var sum = simd.Exponentials(row + first, largest, count);
        simd.Scale(row + first, 1 / sum, row + first, count);
        return true;
    }

    void ForEachBlock(Heads queries, int keys, BlockAction action)
    {
        var blocks = (queries.Rows + BlockRows - 1) / BlockRows;
        var floats = (long)BlockRows * queries.Size;
        Share((long)queries.Count * blocks, floats * keys / 4, floats, (item, scratch) =>
        {
            var first = (int)(item % blocks) * BlockRows;
            action((int)(item / blocks), first, Math.Min(BlockRows, queries.Rows - first), scratch);
        });
    }

    static Matrix Packed(float* rows, int width) => new(rows, (nint)width * sizeof(float));

    delegate void BlockAction(int head, int first, int rows, float* scratch);
}
