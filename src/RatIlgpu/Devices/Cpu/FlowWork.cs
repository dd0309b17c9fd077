using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes how near the part of each key comes to the stream after attention, for
/// <see cref="Device.FlowRows"/>; an item is a block of keys, for all queries that see it.</summary>
/// <remarks>What the heads write of the keys of a block is made once, a block of columns at a time, and then mixed for
/// each query and compared while it is in the first cache.</remarks>
readonly unsafe struct NearnessWork(
    Simd simd, float* pattern, Shape shape, HeadRows values, WeightElements weight, int width, float* after,
    float* result) : IItemWork
{
    // What 14 heads write of 8 keys in 256 columns takes 115 KB of the second cache; 20 rows mixed, 20 KB of the first.
    const int Keys = 8;
    const int Columns = 256;
    const int Rows = 20;

    readonly int heads = shape[0], queries = shape[1], keys = shape[2];

    public long Count => (keys + Keys - 1) / Keys;

    public long StepsPerItem => (long)Keys * queries * heads * width / 8;

    public long FloatsOfScratch =>
        (long)heads * Keys * Columns + (long)Keys * queries * heads + (long)Rows * Columns;

    public void Do(long item, float* scratch)
    {
        // The first keys are seen by most queries; the last items are done first.
        var firstKey = (int)(Count - 1 - item) * Keys;
        var count = Math.Min(Keys, keys - firstKey);
        float* written = scratch, weights = written + (long)heads * Keys * Columns;
        var mixed = weights + (long)Keys * queries * heads;
        for (var key = 0; key < count; key++)
            Start(firstKey + key, weights + (long)key * queries * heads);
        for (var column = 0; column < width; column += Columns)
        {
            var columns = Math.Min(Columns, width - column);
            for (var head = 0; head < heads; head++)
                Write(head, firstKey, count, column, columns, written + (long)head * Keys * Columns);
            for (var key = 0; key < count; key++)
                Compare(
                    firstKey + key, weights + (long)key * queries * heads,
                    new(written + key * Columns, Keys * Columns * sizeof(float)), column, columns, mixed);
        }
    }

    int FirstQuery(int key) => Math.Max(0, key - (keys - queries));

    // The weights of the heads lie together for each query, and sums start at 0.
    void Start(int key, float* weights)
    {
        for (var q = 0; q < queries; q++)
        {
            result[(long)q * keys + key] = 0;
            for (var head = 0; head < heads; head++)
                weights[(long)q * heads + head] = pattern[((long)head * queries + q) * keys + key];
        }
    }

    // Wo[h] value[k, h] of some keys, in some columns.
    void Write(int head, int firstKey, int count, int column, int columns, float* written)
    {
        var stride = (nint)heads * values.Size;
        simd.Linear(
            values.Of(head / (heads / values.Count), firstKey),
            new(weight.At(column * stride + head * values.Size), stride * weight.Size), weight.Type,
            Matrix.Packed(written, Columns), new(count, columns, values.Size), accumulate: false);
    }

    void Compare(int key, float* weights, Matrix written, int column, int columns, float* mixed)
    {
        for (var first = FirstQuery(key); first < queries; first += Rows)
        {
            var rows = Math.Min(Rows, queries - first);
            new Span<float>(mixed, rows * Columns).Clear();
            simd.Mix(
                Matrix.Packed(weights, heads).From(first, 0), written, Matrix.Packed(mixed, Columns),
                new(rows, columns, heads));
            for (var row = 0; row < rows; row++)
            {
                var q = (long)first + row;
                result[q * keys + key] += simd.Nearness(after + q * width + column, mixed + row * Columns, columns);
            }
        }
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
