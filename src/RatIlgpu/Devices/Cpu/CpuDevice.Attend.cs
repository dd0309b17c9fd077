using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        var (queries, keys, values, mixed) = (new Heads(query), new Heads(key), new Heads(value), new Heads(result));
        var group = queries.Count / keys.Count;
        var together = Math.Max(1, BlockRows / group);
        var blocks = (queries.Rows + together - 1) / together;
        var floats = (long)together * group * StreamedAttention.FloatsPerRow(keys.Size);
        using var sight = new Sight(visibility, queries.Rows, keys.Rows);
        var steps = (long)together * group * keys.Rows * keys.Size / 4;
        Share((long)blocks * keys.Count, steps, floats, (item, scratch) =>
        {
            var (keyHead, first) = ((int)(item % keys.Count), (int)(item / keys.Count) * together);
            var count = Math.Min(together, queries.Rows - first);
            var attention = new StreamedAttention(simd, sight, group, keys.Size, first, count, scratch);
            for (var row = 0; row < count * group; row++)
                Pack(queries, first + row / group, keyHead * group + row % group, attention.Query(row));
            MeetKeys(attention, keys, values, keyHead, sight.FirstKey(first), sight.EndKey(first + count - 1));
            for (var row = 0; row < count * group; row++)
            {
                var place = mixed.Of(keyHead * group + row % group, first + row / group).Row(0);
                if (!attention.TryFinish(row, place))
                    Average(values, keyHead, place);
            }
        });
    }

    static void MeetKeys(StreamedAttention attention, Heads keys, Heads values, int keyHead, int first, int end)
    {
        for (var start = first; start < end; start += StreamedAttention.BlockKeys)
            attention.Meet(
                keys.Of(keyHead, start), values.Of(keyHead, start), start,
                Math.Min(StreamedAttention.BlockKeys, end - start));
    }

    // What a query gets that sees no key.
    void Average(Heads values, int keyHead, float* result)
    {
        new Span<float>(result, values.Size).Clear();
        for (var k = 0; k < values.Rows; k++)
            simd.AddScaled(values.Of(keyHead, k).Row(0), 1f / values.Rows, result, values.Size);
    }
}
