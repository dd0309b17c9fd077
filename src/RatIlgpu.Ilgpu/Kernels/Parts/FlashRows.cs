namespace RatIlgpu.Ilgpu;

/// <summary>The rows of a tile of attention: the queries of all heads that read one key/value head, query by
/// query.</summary>
struct FlashRows
{
    public int KeyHead;
    public int FirstQuery;
    public int LastQuery;

    int first;
    int last;
    int ratio;

    /// <summary>The number of tiles.</summary>
    public static long Tiles(in AttentionSizes sizes, int width) =>
        (((long)sizes.Queries * (sizes.Heads / sizes.KeyHeads) - 1) / width + 1) * sizes.KeyHeads;

    /// <summary>The rows of a tile.</summary>
    public static FlashRows Of(AttentionSizes sizes, int tile, int width)
    {
        var ratio = sizes.Heads / sizes.KeyHeads;
        var first = tile / sizes.KeyHeads * width;
        var last = IntrinsicMath.Min(first + width, sizes.Queries * ratio) - 1;
        return new()
        {
            KeyHead = tile % sizes.KeyHeads,
            FirstQuery = first / ratio,
            LastQuery = last / ratio,
            first = first,
            last = last,
            ratio = ratio,
        };
    }

    /// <summary>The place of a row in queries and results; of the last row, for rows behind it.</summary>
    public readonly long Place(AttentionSizes sizes, int row)
    {
        var number = IntrinsicMath.Min(first + row, last);
        return sizes.QueryAt(number / ratio, KeyHead * ratio + number % ratio);
    }

    /// <summary>The queries of four rows.</summary>
    public readonly FlashQueries Queries(int row) => new()
    {
        A = IntrinsicMath.Min(first + row, last) / ratio,
        B = IntrinsicMath.Min(first + row + 1, last) / ratio,
        C = IntrinsicMath.Min(first + row + 2, last) / ratio,
        D = IntrinsicMath.Min(first + row + 3, last) / ratio,
    };

    /// <summary>Divides four numbers of four rows by the sums of their weights, and stores them.</summary>
    public readonly void Store(
        ArrayView<float> result, ArrayView<float> value, AttentionSizes sizes, int row, int m, Float4 sums,
        Tile16 mixed)
    {
        StoreRow(result, value, sizes, row, m, sums.X, mixed.A);
        StoreRow(result, value, sizes, row + 1, m, sums.Y, mixed.B);
        StoreRow(result, value, sizes, row + 2, m, sums.Z, mixed.C);
        StoreRow(result, value, sizes, row + 3, m, sums.W, mixed.D);
    }

    readonly void StoreRow(
        ArrayView<float> result, ArrayView<float> value, AttentionSizes sizes, int row, int m, float sum, Float4 mixed)
    {
        if (first + row > last)
            return;
        var place = Place(sizes, row) + m;
        result[place] = Divide(value, sizes, m, sum, mixed.X);
        result[place + 1] = Divide(value, sizes, m + 1, sum, mixed.Y);
        result[place + 2] = Divide(value, sizes, m + 2, sum, mixed.Z);
        result[place + 3] = Divide(value, sizes, m + 3, sum, mixed.W);
    }

    readonly float Divide(ArrayView<float> value, AttentionSizes sizes, int m, float sum, float mixed) => sum == 0f
        ? AttendKernel.Average(value, sizes, KeyHead * ratio, m)
        : mixed / sum;
}

/// <summary>The queries of the four rows of a thread.</summary>
struct FlashQueries
{
    public int A;
    public int B;
    public int C;
    public int D;

    /// <summary>Scales the products with four keys, and makes those of keys that a query does not see −∞.</summary>
    public readonly Tile16 Visible(
        Tile16 products, ArrayView<float> keyMask, AttentionSizes sizes, int key, int end) => new()
        {
            A = Visible(products.A, keyMask, sizes, A, key, end),
            B = Visible(products.B, keyMask, sizes, B, key, end),
            C = Visible(products.C, keyMask, sizes, C, key, end),
            D = Visible(products.D, keyMask, sizes, D, key, end),
        };

    static Float4 Visible(Float4 row, ArrayView<float> keyMask, AttentionSizes sizes, int query, int key, int end) =>
        new()
        {
            X = Visible(row.X, keyMask, sizes, query, key, end),
            Y = Visible(row.Y, keyMask, sizes, query, key + 1, end),
            Z = Visible(row.Z, keyMask, sizes, query, key + 2, end),
            W = Visible(row.W, keyMask, sizes, query, key + 3, end),
        };

    static float Visible(float product, ArrayView<float> keyMask, AttentionSizes sizes, int query, int key, int end) =>
        key < end && sizes.Sees(keyMask, query, key) ? product * sizes.Scale : float.NegativeInfinity;
}
