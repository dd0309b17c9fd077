namespace RatIlgpu.Ilgpu;

/// <summary>The sizes and strides of a batch of matrix products, and what is added to them; a parameter of
/// kernels.</summary>
struct ProductSizes
{
    public int Rows;
    public int Columns;
    public int Inner;

    /// <summary>The number of neighbouring products that read the same columns: query heads of one
    /// key/value head.</summary>
    public int Group;

    /// <summary>The factor of every sum.</summary>
    public float Factor;

    /// <summary>1 to add to the result, 0 to overwrite it; kernel parameters cannot be bool.</summary>
    public int Accumulate;

    /// <summary>Added to every row of the result.</summary>
    public Bias Bias;

    /// <summary>The stride of x from one product to the next.</summary>
    public long XBatch;

    /// <summary>The stride of x from one row to the next.</summary>
    public long XRow;

    /// <summary>The stride of y from one group of products to the next.</summary>
    public long YBatch;

    /// <summary>The stride of y from one column to the next.</summary>
    public long YColumn;

    /// <summary>The stride of y along the inner axis.</summary>
    public long YInner;

    /// <summary>The stride of the result from one product to the next.</summary>
    public long ResultBatch;

    /// <summary>The stride of the result from one row to the next.</summary>
    public long ResultRow;

    /// <summary><c>x·weightᵀ + bias</c>; <paramref name="accumulate"/> is true to add it to the result.</summary>
    public static ProductSizes OfLinear(Shape x, Shape weight, IlgpuTensor? bias, bool accumulate) => new()
    {
        Rows = x[0],
        Columns = weight[0],
        Inner = weight[1],
        Group = 1,
        Factor = 1,
        Accumulate = accumulate ? 1 : 0,
        Bias = Bias.Of(bias),
        XRow = x[1],
        YColumn = weight[1],
        YInner = 1,
        ResultRow = weight[0],
    };

    /// <summary>Scaled products of queries and keys, for each head.</summary>
    public static ProductSizes OfScores(in AttentionSizes sizes) => new()
    {
        Rows = sizes.Queries,
        Columns = sizes.Keys,
        Inner = sizes.HeadSize,
        Group = sizes.Heads / sizes.KeyHeads,
        Factor = sizes.Scale,
        Bias = Bias.Of(null),
        XBatch = sizes.HeadSize,
        XRow = (long)sizes.Heads * sizes.HeadSize,
        YBatch = sizes.HeadSize,
        YColumn = (long)sizes.KeyHeads * sizes.HeadSize,
        YInner = 1,
        ResultBatch = (long)sizes.Queries * sizes.Keys,
        ResultRow = sizes.Keys,
    };

    /// <summary>Values weighted by a pattern, for each head.</summary>
    public static ProductSizes OfMix(in AttentionSizes sizes) => new()
    {
        Rows = sizes.Queries,
        Columns = sizes.HeadSize,
        Inner = sizes.Keys,
        Group = sizes.Heads / sizes.KeyHeads,
        Factor = 1,
        Bias = Bias.Of(null),
        XBatch = (long)sizes.Queries * sizes.Keys,
        XRow = sizes.Keys,
        YBatch = sizes.HeadSize,
        YColumn = 1,
        YInner = (long)sizes.KeyHeads * sizes.HeadSize,
        ResultBatch = sizes.HeadSize,
        ResultRow = (long)sizes.Heads * sizes.HeadSize,
    };
}

/// <summary>Stores the sums of a thread that lie inside the result.</summary>
static class Results
{
    public static void Store(ArrayView<float> result, ProductSizes sizes, int batch, int row, int column, Tile16 sums)
    {
        StoreRow(result, sizes, batch, row, column, sums.A);
        StoreRow(result, sizes, batch, row + 1, column, sums.B);
        StoreRow(result, sizes, batch, row + 2, column, sums.C);
        StoreRow(result, sizes, batch, row + 3, column, sums.D);
    }

    public static void StoreOne(ArrayView<float> result, ProductSizes sizes, long place, int column, float sum)
    {
        if (column >= sizes.Columns)
            return;
        var product = sum * sizes.Factor + sizes.Bias.At(column);
        result[place] = sizes.Accumulate != 0 ? result[place] + product : product;
    }

    public static void StoreRow(
        ArrayView<float> result, ProductSizes sizes, int batch, int row, int column, Float4 sums)
    {
        if (row >= sizes.Rows)
            return;
        var place = batch * sizes.ResultBatch + row * sizes.ResultRow + column;
        StoreOne(result, sizes, place, column, sums.X);
        StoreOne(result, sizes, place + 1, column + 1, sums.Y);
        StoreOne(result, sizes, place + 2, column + 2, sums.Z);
        StoreOne(result, sizes, place + 3, column + 3, sums.W);
    }
}
