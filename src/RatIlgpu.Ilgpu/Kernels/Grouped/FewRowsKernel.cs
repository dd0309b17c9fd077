namespace RatIlgpu.Ilgpu;

static class FewRowsKernel
{
    /// <summary>One group per output, of few rows: <c>result[i, j] = x[i]·weight[j]</c>, or added to what is
    /// there.</summary>
    /// <remarks>A tile of a product would leave most of its threads without work; here all read the one row of
    /// weights.</remarks>
    public static void Run<TReduction, TStored, TWidening>(
        ArrayView<float> x, ArrayView<TStored> weight, ProductSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        var room = SharedMemory.Allocate<float>(Limits.GroupSize);
        var output = Grid.IdxX;
        var weights = output * sizes.YColumn;
        for (var row = 0; row < sizes.Rows; row++)
        {
            var sum = 0f;
            for (var k = Group.IdxX; k < sizes.Inner; k += Group.DimX)
                sum = Fused.MultiplyAdd(
                    x[row * sizes.XRow + k], default(TWidening).Widen(weight[weights + k]), sum);
            sum = default(TReduction).Sum(sum, room);
            if (Group.IdxX == 0)
                Results.StoreOne(result, sizes, row * sizes.ResultRow + output, output, sum);
        }
    }
}
