using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes <see cref="Device.Attend"/>; an item is some neighbouring queries of the heads that share a key
/// head.</summary>
readonly unsafe struct AttendWork(
    Simd simd, HeadRows queries, HeadRows keys, HeadRows values, VisibleRange range, HeadRows mixed) : IItemWork
{
    readonly int group = queries.Count / keys.Count;

    public long Count => (long)((queries.Rows + QueriesPerItem - 1) / QueriesPerItem) * keys.Count;

    public long StepsPerItem => (long)QueriesPerItem * group * keys.Rows * keys.Size / 4;

    public long FloatsOfScratch => (long)QueriesPerItem * group * StreamedAttention.FloatsPerRow(keys.Size);

    int QueriesPerItem => Math.Max(1, HeadBlocks.Rows / group);

    public void Do(long item, float* scratch)
    {
        var (keyHead, first) = ((int)(item % keys.Count), (int)(item / keys.Count) * QueriesPerItem);
        var count = Math.Min(QueriesPerItem, queries.Rows - first);
        var attention = new StreamedAttention(simd, range, group, keys.Size, first, count, scratch);
        for (var row = 0; row < count * group; row++)
            PatternRows.Pack(simd, queries, first + row / group, keyHead * group + row % group, attention.Query(row));
        AddKeys(attention, keyHead, range.FirstKey(first), range.EndKey(first + count - 1));
        for (var row = 0; row < count * group; row++)
        {
            var result = mixed.Of(keyHead * group + row % group, first + row / group).Row(0);
            if (!attention.TryFinish(row, result))
                Average(keyHead, result);
        }
    }

    // Blocks start at the same keys for every query.
    void AddKeys(StreamedAttention attention, int keyHead, int first, int end)
    {
        for (var start = first - first % StreamedAttention.BlockKeys; start < end; start += StreamedAttention.BlockKeys)
            attention.AddBlock(
                keys.Of(keyHead, start), values.Of(keyHead, start), start,
                Math.Min(StreamedAttention.BlockKeys, end - start));
    }

    // The result of a query that sees no key.
    void Average(int keyHead, float* result)
    {
        new Span<float>(result, values.Size).Clear();
        for (var k = 0; k < values.Rows; k++)
            simd.AddScaled(values.Of(keyHead, k).Row(0), 1f / values.Rows, result, values.Size);
    }
}

/// <summary>The attention of some neighbouring queries to the keys of one key/value head, added block by
/// block.</summary>
/// <remarks>A row is a query of one head. Each row keeps the largest score so far, the sum of the exponentials of the
/// scores relative to it, and the values mixed so far; a larger score rescales them. The result of a query is the same
/// bits whichever queries and later keys lie beside it.
/// <para>Milakov and Gimelshein, Online normalizer calculation for softmax, 2018.</para></remarks>
readonly unsafe struct StreamedAttention
{
    /// <summary>The keys and values of a block stay in the second cache, the scores of its rows in the first.</summary>
    public const int BlockKeys = 256;

    // The lanes of the widest vectors.
    const int WholeVector = 16;

    readonly Simd simd;
    readonly VisibleRange range;
    readonly int group;
    readonly int size;
    readonly int firstQuery;
    readonly int rows;
    readonly Matrix queries;
    readonly Matrix mixed;
    readonly Matrix scores;
    readonly float* largest;
    readonly float* sums;

    /// <summary>Starts with no keys; the scratch memory has <see cref="FloatsPerRow"/> numbers for each row. A group is
    /// the heads that share the key head.</summary>
    public StreamedAttention(
        Simd simd, VisibleRange range, int group, int size, int firstQuery, int queryCount, float* scratch)
    {
        (this.simd, this.range, this.group, this.size, this.firstQuery) = (simd, range, group, size, firstQuery);
        rows = queryCount * group;
        queries = new Matrix(scratch, size * sizeof(float));
        mixed = new Matrix(queries.Row(rows), size * sizeof(float));
        scores = new Matrix(mixed.Row(rows), BlockKeys * sizeof(float));
        largest = scores.Row(rows);
        sums = largest + rows;
        new Span<float>(mixed.Data, rows * size).Clear();
        // Not −∞: the difference of two infinities is NaN.
        new Span<float>(largest, rows).Fill(float.MinValue);
        new Span<float>(sums, rows).Clear();
    }

    /// <summary>Returns the scratch of a row.</summary>
    public static int FloatsPerRow(int size) => 2 * size + BlockKeys + 2;

    /// <summary>Returns the address of the scaled query of a row, which the caller writes.</summary>
    public float* Query(int row) => queries.Row(row);

    /// <summary>Adds a block of keys and their values.</summary>
    public void AddBlock(Matrix keys, Matrix values, int start, int count)
    {
        simd.Linear(queries, keys, DataType.F32, scores, new ProductSize(rows, count, size), accumulate: false);
        // Whole vectors: a sum does not depend on the keys that a neighbour sees.
        var padded = (count + WholeVector - 1) / WholeVector * WholeVector;
        for (var row = 0; row < rows; row++)
        {
            MaskHidden(row, start, count);
            new Span<float>(scores.Row(row) + count, padded - count).Fill(float.NegativeInfinity);
            Exponentiate(row, padded);
        }

        simd.Mix(scores, values, mixed, new ProductSize(rows, size, count));
    }

    /// <summary>Stores the result of a row; returns false if the row saw no key.</summary>
    public bool TryFinish(int row, float* result)
    {
        if (sums[row] == 0)
            return false;
        simd.Scale(mixed.Row(row), 1 / sums[row], result, size);
        return true;
    }

    void MaskHidden(int row, int start, int count)
    {
        var block = new Span<float>(scores.Row(row), count);
        var query = firstQuery + row / group;
        block[..Math.Clamp(range.FirstKey(query) - start, 0, count)].Fill(float.NegativeInfinity);
        block[Math.Clamp(range.EndKey(query) - start, 0, count)..].Fill(float.NegativeInfinity);
        if (range.Penalties != null)
            simd.Add(scores.Row(row), range.Penalties + start, scores.Row(row), count);
    }

    void Exponentiate(int row, int count)
    {
        var before = largest[row];
        largest[row] = Math.Max(before, simd.Largest(scores.Row(row), count));
        var kept = MathF.Exp(before - largest[row]);
        sums[row] = sums[row] * kept + simd.Exponentials(scores.Row(row), largest[row], count);
        if (kept != 1)
            simd.Scale(mixed.Row(row), kept, mixed.Row(row), size);
    }
}
