namespace RatIlgpu.Ilgpu;

/// <summary>What a lane holds of 32 by 32 sums of a warp: two fragments below each other, four beside each
/// other.</summary>
struct TensorTile
{
    public SumFragment UpperA;
    public SumFragment UpperB;
    public SumFragment UpperC;
    public SumFragment UpperD;
    public SumFragment LowerA;
    public SumFragment LowerB;
    public SumFragment LowerC;
    public SumFragment LowerD;

    /// <summary>Adds the products of 32 rows and 32 columns, 16 numbers each, that lie in shared memory.</summary>
    /// <param name="rows">The pairs of the rows.</param>
    /// <param name="row">Where this lane's pair of the first row is.</param>
    /// <param name="columns">The pairs of the columns.</param>
    /// <param name="column">Where this lane's pair of the first column is.</param>
    /// <param name="stride">From one row, or column, to the next.</param>
    public void Add(ArrayView<uint> rows, int row, ArrayView<uint> columns, int column, int stride)
    {
        var (upper, lower) = (Load(rows, row, stride), Load(rows, row + 16 * stride, stride));
        UpperA = TensorCore.MultiplyAdd(UpperA, upper, columns[column], columns[column + 4]);
        LowerA = TensorCore.MultiplyAdd(LowerA, lower, columns[column], columns[column + 4]);
        column += 8 * stride;
        UpperB = TensorCore.MultiplyAdd(UpperB, upper, columns[column], columns[column + 4]);
        LowerB = TensorCore.MultiplyAdd(LowerB, lower, columns[column], columns[column + 4]);
        column += 8 * stride;
        UpperC = TensorCore.MultiplyAdd(UpperC, upper, columns[column], columns[column + 4]);
        LowerC = TensorCore.MultiplyAdd(LowerC, lower, columns[column], columns[column + 4]);
        column += 8 * stride;
        UpperD = TensorCore.MultiplyAdd(UpperD, upper, columns[column], columns[column + 4]);
        LowerD = TensorCore.MultiplyAdd(LowerD, lower, columns[column], columns[column + 4]);
    }

    /// <summary>Adds other sums.</summary>
    public void Add(TensorTile sums)
    {
        UpperA += sums.UpperA;
        UpperB += sums.UpperB;
        UpperC += sums.UpperC;
        UpperD += sums.UpperD;
        LowerA += sums.LowerA;
        LowerB += sums.LowerB;
        LowerC += sums.LowerC;
        LowerD += sums.LowerD;
    }

    /// <summary>Stores what is inside the result.</summary>
    public readonly void Store(ArrayView<float> result, ProductSizes sizes, int row, int column)
    {
        Store(result, sizes, row, column, UpperA);
        Store(result, sizes, row, column + 8, UpperB);
        Store(result, sizes, row, column + 16, UpperC);
        Store(result, sizes, row, column + 24, UpperD);
        Store(result, sizes, row + 16, column, LowerA);
        Store(result, sizes, row + 16, column + 8, LowerB);
        Store(result, sizes, row + 16, column + 16, LowerC);
        Store(result, sizes, row + 16, column + 24, LowerD);
    }

    static void Store(ArrayView<float> result, ProductSizes sizes, int row, int column, SumFragment sums)
    {
        StorePair(result, sizes, row, column, sums.A, sums.B);
        StorePair(result, sizes, row + 8, column, sums.C, sums.D);
    }

    static void StorePair(ArrayView<float> result, ProductSizes sizes, int row, int column, float left, float right)
    {
        if (row >= sizes.Rows)
            return;
        Results.StoreOne(result, sizes, row * sizes.ResultRow + column, column, left);
        Results.StoreOne(result, sizes, row * sizes.ResultRow + column + 1, column + 1, right);
    }

    static RowFragment Load(ArrayView<uint> rows, int row, int stride) => new()
    {
        A = rows[row],
        B = rows[row + 8 * stride],
        C = rows[row + 4],
        D = rows[row + 8 * stride + 4],
    };
}
