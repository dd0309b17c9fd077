using System.Runtime.Intrinsics.X86;
using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes how near the part of each key comes to the stream after attention, for
/// <see cref="Device.FlowRows"/>; an item is a block of keys, for all queries that see it.</summary>
/// <remarks>What the heads write of the keys of a block is made once, a block of columns at a time, and then mixed for
/// each query and compared in registers.</remarks>
readonly unsafe struct NearnessWork(
    Simd simd, float* pattern, Shape shape, HeadRows values, WeightElements weight, int width, float* after,
    float* result) : IItemWork
{
    // 16 weights are as many as a line of the cache has. What 14 heads write of 16 keys in 256 columns takes 230 KB of
    // the second cache; that of one key, 14 KB, and 20 rows of the stream, 20 KB, stay in the first.
    const int Keys = 16;
    const int Columns = 256;
    const int Rows = 20;

    // Of 14 heads each: enough for the way to memory.
    const int QueriesAhead = 2;

    readonly int heads = shape[0], queries = shape[1], keys = shape[2];

    public long Count => (keys + Keys - 1) / Keys;

    public long StepsPerItem => (long)Keys * queries * heads * width / 8;

    public long FloatsOfScratch => Keys * ((long)heads * (Columns + queries) + queries);

    public void Do(long item, float* scratch)
    {
        // The first keys are seen by most queries; the last items are done first.
        var firstKey = (int)(Count - 1 - item) * Keys;
        var count = Math.Min(Keys, keys - firstKey);
        float* written = scratch, weights = written + (long)heads * Keys * Columns;
        var near = weights + (long)heads * Keys * queries;
        TakeWeights(firstKey, count, weights);
        new Span<float>(near, count * queries).Clear();
        for (var column = 0; column < width; column += Columns)
        {
            var columns = Math.Min(Columns, width - column);
            for (var head = 0; head < heads; head++)
                Write(head, firstKey, count, column, columns, written + (long)head * Columns);
            for (var row = FirstQuery(firstKey); row < queries; row += Rows)
                for (var key = 0; key < count; key++)
                    Compare(
                        firstKey + key, row, weights + (long)key * queries * heads,
                        Matrix.Packed(written + (long)key * heads * Columns, Columns), column, columns,
                        near + key * queries);
        }

        for (var q = 0; q < queries; q++)
            for (var key = 0; key < count; key++)
                result[(long)q * keys + firstKey + key] = near[key * queries + q];
    }

    int FirstQuery(int key) => Math.Max(0, key - (keys - queries));

    // The weights of the heads lie together for each key and query. A row of the pattern is on another page than the
    // one before, so the processor does not load it ahead by itself.
    void TakeWeights(int firstKey, int count, float* weights)
    {
        for (var q = FirstQuery(firstKey); q < queries; q++)
            for (var head = 0; head < heads; head++)
            {
                var row = pattern + ((long)head * queries + q) * keys + firstKey;
                if (Sse.IsSupported)
                    Sse.Prefetch0(row + (long)QueriesAhead * keys);
                for (var key = 0; key < count; key++)
                    weights[((long)key * queries + q) * heads + head] = row[key];
            }
    }

    // Wo[h] value[k, h] of some keys, in some columns. The heads of a key lie together: rows at a distance of some
    // pages would share few lines of the first cache.
    void Write(int head, int firstKey, int count, int column, int columns, float* written)
    {
        var stride = (nint)heads * values.Size;
        simd.Linear(
            values.Of(head / (heads / values.Count), firstKey),
            new(weight.At(column * stride + head * values.Size), stride * weight.Size), weight.Type,
            Matrix.Packed(written, (nint)heads * Columns), new(count, columns, values.Size), accumulate: false);
    }

    // For the queries of a block of rows that see the key.
    void Compare(int key, int row, float* weights, Matrix written, int column, int columns, float* near)
    {
        var (first, end) = (Math.Max(row, FirstQuery(key)), Math.Min(row + Rows, queries));
        if (first < end)
            simd.AddNearness(
                Matrix.Packed(weights, heads).From(first, 0), written,
                Matrix.Packed(after + column, width).From(first, 0), near + first,
                new(end - first, columns, heads));
    }
}

/// <summary>Turns the nearness of each key into shares of a row, for <see cref="Device.FlowRows"/>; a piece is a
/// row.</summary>
readonly unsafe struct FlowRowsWork(
    Simd simd, float* before, float* after, int width, int queries, int keys, float* result) : IRangeWork
{
    public long Count => queries;

    public long StepsPerPiece => width + 4L * keys;

    public void Do(long start, long end)
    {
        for (var q = start; q < end; q++)
        {
            var row = new Span<float>(result + q * keys, keys);
            var own = (int)(keys - queries + q);
            var stay = Math.Max(0, simd.Nearness(after + q * width, before + q * width, width));
            row[(own + 1)..].Clear();
            var sum = (double)stay;
            foreach (ref var near in row[..(own + 1)])
                sum += near = Math.Max(0, near);
            // In double, so that a single key has exactly 1.
            var ofSelf = sum == 0 ? 1 : (float)((row[own] + (double)stay) / sum);
            foreach (ref var near in row[..own])
                near = sum == 0 ? 0 : (float)(near / sum);
            row[own] = ofSelf;
        }
    }
}
