namespace RatIlgpu.Devices;

/// <summary><see cref="Device.Attend"/>; an item is some neighbouring queries of the heads that share a key
/// head.</summary>
readonly unsafe struct AttendWork(
    Simd simd, Heads queries, Heads keys, Heads values, Sight sight, Heads mixed) : IItemWork
{
    readonly int group = queries.Count / keys.Count;

    public long Count => (long)((queries.Rows + Together - 1) / Together) * keys.Count;

    public long StepsPerItem => (long)Together * group * keys.Rows * keys.Size / 4;

    public long FloatsOfScratch => (long)Together * group * StreamedAttention.FloatsPerRow(keys.Size);

    int Together => Math.Max(1, HeadBlocks.Rows / group);

    public void Do(long item, float* scratch)
    {
        var (keyHead, first) = ((int)(item % keys.Count), (int)(item / keys.Count) * Together);
        var count = Math.Min(Together, queries.Rows - first);
        var attention = new StreamedAttention(simd, sight, group, keys.Size, first, count, scratch);
        for (var row = 0; row < count * group; row++)
            PatternRows.Pack(simd, queries, first + row / group, keyHead * group + row % group, attention.Query(row));
        MeetKeys(attention, keyHead, sight.FirstKey(first), sight.EndKey(first + count - 1));
        for (var row = 0; row < count * group; row++)
        {
            var place = mixed.Of(keyHead * group + row % group, first + row / group).Row(0);
            if (!attention.TryFinish(row, place))
                Average(keyHead, place);
        }
    }

    void MeetKeys(StreamedAttention attention, int keyHead, int first, int end)
    {
        for (var start = first; start < end; start += StreamedAttention.BlockKeys)
            attention.Meet(
                keys.Of(keyHead, start), values.Of(keyHead, start), start,
                Math.Min(StreamedAttention.BlockKeys, end - start));
    }

    // What a query gets that sees no key.
    void Average(int keyHead, float* result)
    {
        new Span<float>(result, values.Size).Clear();
        for (var k = 0; k < values.Rows; k++)
            simd.AddScaled(values.Of(keyHead, k).Row(0), 1f / values.Rows, result, values.Size);
    }
}
