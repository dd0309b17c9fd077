using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Splits the rows of every head into blocks.</summary>
readonly struct HeadBlocks(HeadRows heads)
{
    /// <summary>Rows that share the keys and values they read from the cache: four full tiles.</summary>
    public const int Rows = 20;

    readonly int blocks = (heads.Rows + Rows - 1) / Rows;

    /// <summary>Gets the number of blocks of all heads.</summary>
    public long Count => (long)heads.Count * blocks;

    /// <summary>Returns the head, first row and number of rows of a block.</summary>
    public (int Head, int First, int Rows) At(long item)
    {
        var first = (int)(item % blocks) * Rows;
        return ((int)(item / blocks), first, Math.Min(Rows, heads.Rows - first));
    }
}

/// <summary>Computes <see cref="Device.Scores"/>, or <see cref="Device.Pattern"/> where a visible range is given; an
/// item is a block of queries of one head. Scores become probabilities while they are in the cache, and keys that no
/// query of the block sees are not scored.</summary>
readonly unsafe struct PatternWork(Simd simd, VisibleRange? range, HeadRows queries, HeadRows keys, float* result)
    : IItemWork
{
    readonly HeadBlocks blocks = new(queries);

    public long Count => blocks.Count;

    public long StepsPerItem => FloatsOfScratch * keys.Rows / 4;

    public long FloatsOfScratch => (long)HeadBlocks.Rows * queries.Size;

    public void Do(long item, float* scratch)
    {
        var (head, first, count) = blocks.At(item);
        var packed = Matrix.Packed(scratch, queries.Size);
        for (var row = 0; row < count; row++)
            PatternRows.Pack(simd, queries, first + row, head, packed.Row(row));
        var patterns = Matrix.Packed(result, keys.Rows).From((nint)head * queries.Rows + first, 0);
        var (firstKey, endKey) = range is null
            ? (0, keys.Rows)
            : (range.FirstKey(first), range.EndKey(first + count - 1));
        simd.Linear(
            packed, keys.Of(head / (queries.Count / keys.Count), firstKey), DataType.F32,
            patterns.From(0, firstKey * sizeof(float)), new ProductSize(count, endKey - firstKey, keys.Size),
            accumulate: false);
        if (range is null)
            return;
        for (var row = 0; row < count; row++)
            new PatternRows(simd, range).Finish(patterns.Row(row), first + row);
    }
}

/// <summary>Computes <see cref="Device.CausalSoftmax"/>; a piece is a row: one query of one head.</summary>
readonly unsafe struct SoftmaxWork(Simd simd, VisibleRange range, float* scores, int heads, float* result) : IRangeWork
{
    public long Count => (long)heads * range.Queries;

    public long StepsPerPiece => 4L * range.Keys;

    public void Do(long start, long end)
    {
        var keys = range.Keys;
        for (var index = start; index < end; index++)
        {
            var row = result + index * keys;
            if (row != scores + index * keys)
                new ReadOnlySpan<float>(scores + index * keys, keys).CopyTo(new Span<float>(row, keys));
            new PatternRows(simd, range).Finish(row, (int)(index % range.Queries));
        }
    }
}

/// <summary>The factors of the keys of each head; none where there is no memory.</summary>
/// <param name="numbers"><c>[heads, stride]</c>; null for none.</param>
/// <param name="stride">The factors of a head.</param>
readonly unsafe struct KeyFactors(float* numbers, int stride)
{
    /// <summary>Gets whether there are factors.</summary>
    public bool Any => numbers != null;

    /// <summary>Returns the factors of a head, from that of one key on.</summary>
    public float* Of(int head, int key) => numbers + (long)head * stride + key;
}

/// <summary>Computes <see cref="Device.AggregatePattern(Tensor, Tensor, Tensor, Visibility, HeadAggregation,
/// ReadOnlySpan{int}, Tensor)"/>; an item is a row.</summary>
readonly unsafe struct AggregateWork(
    PatternRows rows, HeadRows queries, HeadRows keys, KeyFactors factors, HeadReduction reduction, int[] heads,
    int[] chosen, float* result) : IItemWork
{
    readonly int group = queries.Count / keys.Count;

    // The heads of one group read the same keys.
    readonly int[][] groups = Groups(heads, queries.Count / keys.Count);

    public long Count => chosen.Length;

    public long StepsPerItem => (long)heads.Length * keys.Rows * keys.Size / 4;

    public long FloatsOfScratch => (long)group * (keys.Size + keys.Rows);

    public void Do(long item, float* scratch)
    {
        var (query, packed) = (chosen[item], Matrix.Packed(scratch, keys.Size));
        var patterns = Matrix.Packed(packed.Row(group), keys.Rows);
        var row = Matrix.Packed(result, keys.Rows).Row((int)item);
        new Span<float>(row, keys.Rows).Clear();
        foreach (var members in groups)
        {
            rows.Score(queries, query, members, keys, packed, patterns);
            for (var i = 0; i < members.Length; i++)
                if (rows.TrySoftmax(patterns.Row(i), query))
                    rows.Reduce(patterns.Row(i), factors, members[i], query, reduction, heads.Length, row);
                else
                    rows.ReduceUniform(patterns.Row(i), factors, members[i], reduction, heads.Length, row);
        }
    }

    static int[][] Groups(int[] heads, int size) =>
        [.. heads.GroupBy(head => head / size).Select(members => members.ToArray())];
}

/// <summary>Computes <see cref="Device.Mix"/>; an item is a block of queries of one head.</summary>
readonly unsafe struct MixWork(Simd simd, float* pattern, HeadRows values, HeadRows mixed) : IItemWork
{
    readonly HeadBlocks blocks = new(mixed);

    public long Count => blocks.Count;

    public long StepsPerItem => (long)HeadBlocks.Rows * mixed.Size * values.Rows / 4;

    public long FloatsOfScratch => 0;

    public void Do(long item, float* scratch)
    {
        var (head, first, rows) = blocks.At(item);
        var block = mixed.Of(head, first);
        for (var row = 0; row < rows; row++)
            new Span<float>(block.Row(row), mixed.Size).Clear();
        var patterns = Matrix.Packed(pattern, values.Rows).From((nint)head * mixed.Rows + first, 0);
        simd.Mix(
            patterns, values.Of(head / (mixed.Count / values.Count), 0), block,
            new ProductSize(rows, mixed.Size, EndOf(patterns, rows)));
    }

    // Returns one past the last key with a non-zero weight in any row: a causal mask excludes half of all keys.
    int EndOf(Matrix patterns, int rows)
    {
        // Compared as integers, of which the search takes many at a time. −0 counts as a weight, which changes nothing.
        var end = 0;
        for (var row = rows - 1; row >= 0; row--)
            end += new ReadOnlySpan<int>(patterns.Row(row) + end, values.Rows - end).LastIndexOfAnyExcept(0) + 1;
        return end;
    }
}

/// <summary>The steps that make the rows of a pattern.</summary>
readonly unsafe struct PatternRows(Simd simd, VisibleRange range)
{
    /// <summary>Copies the query of a head, divided by the root of the head size: there are fewer queries than
    /// scores.</summary>
    public static void Pack(Simd simd, HeadRows queries, int query, int head, float* packed) =>
        simd.Scale(queries.Of(head, query).Row(0), 1 / MathF.Sqrt(queries.Size), packed, queries.Size);

    /// <summary>Scores the keys that a query sees, for heads of one group: they read the same keys, and one product
    /// scores them all.</summary>
    public void Score(
        HeadRows queries, int query, ReadOnlySpan<int> heads, HeadRows keys, Matrix packed, Matrix scores)
    {
        for (var i = 0; i < heads.Length; i++)
            Pack(simd, queries, query, heads[i], packed.Row(i));
        var first = range.FirstKey(query);
        simd.Linear(
            packed, keys.Of(heads[0] / (queries.Count / keys.Count), first), DataType.F32,
            scores.From(0, first * sizeof(float)),
            new ProductSize(heads.Length, range.EndKey(query) - first, keys.Size), accumulate: false);
    }

    /// <summary>Turns a whole row of scores into probabilities: 0 for keys that the query does not see, uniform if it
    /// sees no key.</summary>
    public void Finish(float* scores, int query)
    {
        var row = new Span<float>(scores, range.Keys);
        row[..range.FirstKey(query)].Clear();
        row[range.EndKey(query)..].Clear();
        if (!TrySoftmax(scores, query))
            row.Fill(1f / range.Keys);
    }

    /// <summary>Turns the scores of the keys that a query sees into probabilities; returns false if it sees no
    /// key.</summary>
    public bool TrySoftmax(float* row, int query)
    {
        var (first, count) = (range.FirstKey(query), range.EndKey(query) - range.FirstKey(query));
        if (range.Penalties != null)
            simd.Add(row + first, range.Penalties + first, row + first, count);
        var largest = simd.Largest(row + first, count);
        if (float.IsNegativeInfinity(largest))
            return false;
        var sum = simd.Exponentials(row + first, largest, count);
        simd.Scale(row + first, 1 / sum, row + first, count);
        return true;
    }

    /// <summary>Adds the pattern of one head to the row of all heads, or takes the larger number of each key.</summary>
    public void Reduce(
        float* pattern, KeyFactors factors, int head, int query, HeadReduction reduction, int heads, float* row) =>
        Reduce(
            pattern, factors, head, range.FirstKey(query), range.EndKey(query) - range.FirstKey(query), reduction,
            heads, row);

    /// <summary>Does so for a query that sees no key: it is uniform over all.</summary>
    public void ReduceUniform(
        float* pattern, KeyFactors factors, int head, HeadReduction reduction, int heads, float* row)
    {
        // Without factors every head is the same; their sum would be rounded.
        if (!factors.Any)
        {
            new Span<float>(row, range.Keys).Fill(1f / range.Keys);
            return;
        }

        new Span<float>(pattern, range.Keys).Fill(1f / range.Keys);
        Reduce(pattern, factors, head, 0, range.Keys, reduction, heads, row);
    }

    void Reduce(
        float* pattern, KeyFactors factors, int head, int first, int count, HeadReduction reduction, int heads,
        float* row)
    {
        if (factors.Any)
            simd.ScaleEach(pattern + first, factors.Of(head, first), 1, pattern + first, count);
        if (reduction == HeadReduction.Max)
            simd.Maximize(pattern + first, row + first, count);
        else
            simd.AddScaled(pattern + first, 1f / heads, row + first, count);
    }
}
