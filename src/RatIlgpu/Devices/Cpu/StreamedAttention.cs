using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The attention of some neighbouring queries to the keys of one key head, which are met block by block.
/// </summary>
/// <remarks>Each row, a query of one head, keeps the largest score it has met, the sum of its exponentials below that,
/// and the values mixed so far; a larger score scales what is kept.</remarks>
readonly unsafe struct StreamedAttention
{
    /// <summary>The keys and values of a block stay in the second cache, the scores of its rows in the first.</summary>
    public const int BlockKeys = 256;

    readonly Simd simd;
    readonly Sight sight;
    readonly int group;
    readonly int size;
    readonly int firstQuery;
    readonly int rows;
    readonly Matrix queries;
    readonly Matrix mixed;
    readonly Matrix scores;
    readonly float* largest;
    readonly float* sums;

    public StreamedAttention(
        Simd simd, Sight sight, int group, int size, int firstQuery, int queryCount, float* scratch)
    {
        (this.simd, this.sight, this.group, this.size, this.firstQuery) = (simd, sight, group, size, firstQuery);
        rows = queryCount * group;
        queries = new Matrix(scratch, size * sizeof(float));
        mixed = new Matrix(queries.Row(rows), size * sizeof(float));
        scores = new Matrix(mixed.Row(rows), BlockKeys * sizeof(float));
        largest = scores.Row(rows);
        sums = largest + rows;
        new Span<float>(mixed.Data, rows * size).Clear();
        // Not −∞: the difference of two infinities is no number.
        new Span<float>(largest, rows).Fill(float.MinValue);
        new Span<float>(sums, rows).Clear();
    }

    public static int FloatsPerRow(int size) => 2 * size + BlockKeys + 2;

    /// <summary>Where the scaled query of a row belongs.</summary>
    public float* Query(int row) => queries.Row(row);

    /// <summary>Meets a block of keys and their values.</summary>
    public void Meet(Matrix keys, Matrix values, int start, int count)
    {
        simd.Linear(queries, keys, DataType.F32, scores, new Extent(rows, count, size), accumulate: false);
        for (var row = 0; row < rows; row++)
        {
            Hide(row, start, count);
            Weigh(row, count);
        }

        simd.Mix(scores, values, mixed, new Extent(rows, size, count));
    }

    /// <summary>Stores a row; false if it met no key that it sees.</summary>
    public bool TryFinish(int row, float* result)
    {
        if (sums[row] == 0)
            return false;
        simd.Scale(mixed.Row(row), 1 / sums[row], result, size);
        return true;
    }

    void Hide(int row, int start, int count)
    {
        var block = new Span<float>(scores.Row(row), count);
        var query = firstQuery + row / group;
        block[..Math.Clamp(sight.FirstKey(query) - start, 0, count)].Fill(float.NegativeInfinity);
        block[Math.Clamp(sight.EndKey(query) - start, 0, count)..].Fill(float.NegativeInfinity);
        if (sight.Penalties != null)
            simd.Add(scores.Row(row), sight.Penalties + start, scores.Row(row), count);
    }

    void Weigh(int row, int count)
    {
        var before = largest[row];
        largest[row] = Math.Max(before, simd.Largest(scores.Row(row), count));
        var kept = MathF.Exp(before - largest[row]);
        sums[row] = sums[row] * kept + simd.Exponentials(scores.Row(row), largest[row], count);
        if (kept != 1)
            simd.Scale(mixed.Row(row), kept, mixed.Row(row), size);
    }
}
