namespace RatIlgpu.Devices;

/// <summary>Computes <see cref="Device.Attend"/>; an item is some neighbouring queries of the heads that share a key
/// head.</summary>
readonly unsafe struct AttendWork(
    Simd simd, HeadRows queries, HeadRows keys, HeadRows values, VisibleRange range, HeadRows mixed, int shares)
    : IItemWork
{
    // The scaled queries of so many columns stay in the first cache.
    const int Columns = 64;

    // Keys and values come from memory once for so many groups of columns, if items enough are left for all shares.
    const int MostParts = 4;
    const int ItemsPerShare = 4;

    readonly int group = queries.Count / keys.Count;

    readonly int parts = PartsPerItem(queries, keys, shares);

    public long Count => (long)Quotient(queries.Rows, QueriesPerItem) * keys.Count;

    public long StepsPerItem => (long)QueriesPerItem * group * keys.Rows * keys.Size / 4;

    public long FloatsOfScratch => StreamedAttention.ScoresFor(QueriesPerPart * group)
        + parts * StreamedAttention.FloatsFor(QueriesPerPart * group, keys.Size);

    int QueriesPerPart => QueriesIn(queries, group);

    int QueriesPerItem => QueriesPerPart * parts;

    public void Do(long item, float* scratch)
    {
        var (keyHead, first) = ((int)(item % keys.Count), (int)(item / keys.Count) * QueriesPerItem);
        var count = Math.Min(QueriesPerItem, queries.Rows - first);
        var attentions = new StreamedAttention[Quotient(count, QueriesPerPart)];
        var memory = scratch + StreamedAttention.ScoresFor(QueriesPerPart * group);
        foreach (ref var part in attentions.AsSpan())
        {
            part = new(
                simd, range, group, keys.Size, first, Math.Min(QueriesPerPart, queries.Rows - first), scratch, memory);
            memory += StreamedAttention.FloatsFor(QueriesPerPart * group, keys.Size);
            part.SetQueries(queries, keyHead);
            first += QueriesPerPart;
        }

        AddKeys(attentions, keyHead);
        foreach (ref readonly var part in attentions.AsSpan())
            for (var column = 0; column < part.Columns; column++)
            {
                var result = QueryOf(mixed, keyHead, part.FirstQuery, column);
                if (!part.TryFinish(column, result))
                    Average(keyHead, result);
            }
    }

    // Blocks start at the same keys for every query. Where there is work enough meanwhile, the next block is loaded
    // while this one is in use.
    void AddKeys(ReadOnlySpan<StreamedAttention> attentions, int keyHead)
    {
        const int Step = StreamedAttention.BlockKeys;
        var (first, end) = (attentions[0].FirstKey, attentions[^1].EndKey);
        for (var start = first - first % Step; start < end; start += Step)
        {
            var next = attentions.Length > 1 && start + 2 * Step <= keys.Rows ? start + Step : start;
            var part = 0;
            foreach (ref readonly var attention in attentions)
            {
                var ahead = new RowsAhead(
                    keys.Of(keyHead, next), values.Of(keyHead, next), next > start ? keys.Size * sizeof(float) : 0,
                    part++, attentions.Length);
                var count = Math.Min(Step, attention.EndKey - start);
                if (count > 0 && start + count > attention.FirstKey)
                    attention.AddBlock(keys.Of(keyHead, start), values.Of(keyHead, start), start, count, ahead);
            }
        }
    }

    // The heads of a query are neighbours.
    float* QueryOf(HeadRows rows, int keyHead, int first, int column) =>
        rows.Of(keyHead * group + column % group, first + column / group).Row(0);

    // The result of a query that sees no key.
    void Average(int keyHead, float* result)
    {
        new Span<float>(result, values.Size).Clear();
        for (var k = 0; k < values.Rows; k++)
            simd.AddScaled(values.Of(keyHead, k).Row(0), 1f / values.Rows, result, values.Size);
    }

    static int PartsPerItem(HeadRows queries, HeadRows keys, int shares)
    {
        var all = (long)Quotient(queries.Rows, QueriesIn(queries, queries.Count / keys.Count)) * keys.Count;
        return (int)Math.Clamp(all / (ItemsPerShare * shares), 1, MostParts);
    }

    static int QueriesIn(HeadRows queries, int group) => Math.Max(1, Math.Min(Columns / group, queries.Rows));

    static int Quotient(int count, int size) => (count + size - 1) / size;
}

/// <summary>The attention of some neighbouring queries to the keys of one key/value head, added block by
/// block.</summary>
/// <remarks>A column is a query of one head. Each column keeps the largest score so far, the sum of the exponentials of
/// the scores relative to it, and the values mixed so far; a larger score rescales them. The result of a query is the
/// same bits whichever queries and later keys lie beside it: a sum is over the keys of a block in their order, and a
/// key that a query does not see adds 0.
/// <para>Milakov and Gimelshein, Online normalizer calculation for softmax, 2018.</para></remarks>
readonly unsafe struct StreamedAttention
{
    /// <summary>The keys and values of a block, and their scores, stay in the second cache.</summary>
    public const int BlockKeys = 128;

    // The lanes of the widest vectors.
    const int WholeVector = 16;

    readonly Simd simd;
    readonly VisibleRange range;
    readonly int group;
    readonly int size;
    readonly int padded;
    readonly Matrix scores;
    readonly Matrix queries;
    readonly Matrix mixed;
    readonly float* largest;
    readonly float* sums;
    readonly float* kept;

    /// <summary>Starts with no keys. A group is the heads that share the key head. <see cref="ScoresFor"/> and
    /// <see cref="FloatsFor"/> say how much memory it takes.</summary>
    public StreamedAttention(
        Simd simd, VisibleRange range, int group, int size, int firstQuery, int queryCount, float* sharedScores,
        float* memory)
    {
        (this.simd, this.range, this.group, this.size) = (simd, range, group, size);
        (FirstQuery, Columns) = (firstQuery, queryCount * group);
        padded = WholeVectors(Columns);
        scores = Matrix.Packed(sharedScores, padded);
        queries = Matrix.Packed(memory, padded);
        mixed = Matrix.Packed(queries.Row(size), size);
        largest = mixed.Row(padded);
        sums = largest + padded;
        kept = sums + padded;
        new Span<float>(queries.Data, size * padded).Clear();
        new Span<float>(mixed.Data, padded * size).Clear();
        // Not −∞: the difference of two infinities is NaN.
        new Span<float>(largest, padded).Fill(float.MinValue);
        new Span<float>(sums, padded).Clear();
    }

    /// <summary>Gets the first query.</summary>
    public int FirstQuery { get; }

    /// <summary>Gets the number of columns.</summary>
    public int Columns { get; }

    /// <summary>Gets the first key that a query sees.</summary>
    public int FirstKey => range.FirstKey(FirstQuery);

    /// <summary>Gets the key after the last that a query sees.</summary>
    public int EndKey => range.EndKey(LastQuery);

    int LastQuery => FirstQuery + Columns / group - 1;

    /// <summary>Returns the numbers of memory for the scores of a block, which are not kept.</summary>
    public static int ScoresFor(int columns) => WholeVectors(columns) * BlockKeys;

    /// <summary>Returns the numbers of memory for so many columns.</summary>
    public static int FloatsFor(int columns, int size) => WholeVectors(columns) * (2 * size + 3);

    /// <summary>Sets the queries, divided by the root of the head size: there are fewer queries than scores.</summary>
    public void SetQueries(HeadRows all, int keyHead)
    {
        var scale = 1 / MathF.Sqrt(size);
        var rows = stackalloc float*[Columns];
        for (var column = 0; column < Columns; column++)
            rows[column] = all.Of(keyHead * group + column % group, FirstQuery + column / group).Row(0);
        for (var i = 0; i < size; i++)
        {
            var row = queries.Row(i);
            for (var column = 0; column < Columns; column++)
                row[column] = rows[column][i] * scale;
        }
    }

    /// <summary>Adds a block of keys and their values.</summary>
    public void AddBlock(Matrix keys, Matrix values, int start, int count, in RowsAhead ahead)
    {
        // One sum of all products of a score has twice the rounding error that the lanes of a vector have.
        var half = size / 2;
        var (late, products) = (size - half, new ProductSize(count, padded, half));
        simd.Combine(Factors.OfRows(keys), queries, scores, products, accumulate: false, ahead);
        simd.Combine(
            Factors.OfRows(keys.From(0, half * sizeof(float))), queries.From(half, 0), scores,
            products with { Inner = late }, accumulate: true, ahead: default);
        HideKeys(start, count);
        simd.ExponentiateColumns(scores, count, padded, largest, sums, kept);
        for (var column = 0; column < Columns; column++)
            if (kept[column] != 1)
                simd.Scale(mixed.Row(column), kept[column], mixed.Row(column), size);
        simd.Combine(
            Factors.OfColumns(scores), values, mixed, new ProductSize(Columns, size, count), accumulate: true,
            ahead: default);
    }

    /// <summary>Stores the result of a column; returns false if it saw no key.</summary>
    public bool TryFinish(int column, float* result)
    {
        if (sums[column] == 0)
            return false;
        simd.Scale(mixed.Row(column), 1 / sums[column], result, size);
        return true;
    }

    // The first queries do not see the last keys, and in a window the last queries do not see the first keys.
    void HideKeys(int start, int count)
    {
        var (first, late) = (range.EndKey(FirstQuery), range.FirstKey(LastQuery));
        for (var key = Math.Max(start, first); key < start + count; key++)
            Hide(key - start, 0, Math.Min(Columns, (key + 1 - first) * group));
        for (var key = start; key < Math.Min(start + count, late); key++)
        {
            var seen = FirstQuery;
            while (seen <= LastQuery && range.FirstKey(seen) <= key)
                seen++;
            Hide(key - start, (seen - FirstQuery) * group, Columns - (seen - FirstQuery) * group);
        }

        if (range.Penalties != null)
            for (var key = start; key < start + count; key++)
                if (range.Penalties[key] != 0)
                    Hide(key - start, 0, Columns);
    }

    void Hide(int key, int column, int count) =>
        new Span<float>(scores.Row(key) + column, count).Fill(float.NegativeInfinity);

    static int WholeVectors(int columns) => (columns + WholeVector - 1) / WholeVector * WholeVector;
}
