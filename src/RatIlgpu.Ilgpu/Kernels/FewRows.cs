namespace RatIlgpu.Ilgpu;

/// <summary>How many rows a team multiplies at once.</summary>
interface IRowCount
{
    int Count { get; }
}

readonly struct OneRow : IRowCount
{
    public int Count => 1;
}

/// <summary>Up to four rows: where there are fewer, the last is multiplied again.</summary>
readonly struct FourRows : IRowCount
{
    public int Count => 4;
}

static class FewRowsKernel
{
    /// <summary>One team of threads per output, for few rows, all numbers loaded in fours or eights: <c>result =
    /// x·weightᵀ + bias</c>, or added to the result.</summary>
    /// <remarks>A tile would leave most threads without work; here every weight is read once, and the sums of all rows
    /// are in registers. A team is a warp, which needs no barrier, or where there are no shuffles a group.</remarks>
    public static void Run<TReduction, TRows, TEight, TDequantizer>(
        ArrayView<Float4> x, ArrayView<TEight> weight, ProductSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
        where TRows : struct, IRowCount
        where TEight : unmanaged
        where TDequantizer : struct, IEightDequantizer<TEight>
    {
        var scratch = SharedMemory.Allocate<Float4>(Limits.GroupSize);
        var (size, thread) = (default(TReduction).TeamSize, default(TReduction).TeamIndex);
        var output = Grid.IdxX * (Group.DimX / size) + Group.IdxX / size;
        var (eights, step) = (sizes.Inner / 8, sizes.Inner / 4);
        var weights = (long)IntrinsicMath.Min(output, sizes.Columns - 1) * eights;
        var (second, third, fourth) = (
            IntrinsicMath.Min(1, sizes.Rows - 1) * step, IntrinsicMath.Min(2, sizes.Rows - 1) * step,
            IntrinsicMath.Min(3, sizes.Rows - 1) * step);
        Float4 low = default, high = default;
        for (var k = thread; k < eights; k += size)
        {
            var eight = default(TDequantizer).ToF32(weight[weights + k]);
            low.X = Dot(x[2 * k], eight.Low, low.X);
            high.X = Dot(x[2 * k + 1], eight.High, high.X);
            if (default(TRows).Count == 1)
                continue;
            low.Y = Dot(x[second + 2 * k], eight.Low, low.Y);
            high.Y = Dot(x[second + 2 * k + 1], eight.High, high.Y);
            low.Z = Dot(x[third + 2 * k], eight.Low, low.Z);
            high.Z = Dot(x[third + 2 * k + 1], eight.High, high.Z);
            low.W = Dot(x[fourth + 2 * k], eight.Low, low.W);
            high.W = Dot(x[fourth + 2 * k + 1], eight.High, high.W);
        }

        low.Add(high);
        Store(result, sizes, output, thread, default(TReduction).SumOfTeam(low, scratch));
    }

    static float Dot(Float4 x, Float4 weights, float sum) => Fused.MultiplyAdd(
        x.W, weights.W, Fused.MultiplyAdd(
            x.Z, weights.Z, Fused.MultiplyAdd(x.Y, weights.Y, Fused.MultiplyAdd(x.X, weights.X, sum))));

    static void Store(ArrayView<float> result, ProductSizes sizes, int output, int thread, Float4 sums)
    {
        if (thread != 0)
            return;
        Results.StoreOne(result, sizes, output, output, sums.X);
        if (sizes.Rows > 1)
            Results.StoreOne(result, sizes, sizes.ResultRow + output, output, sums.Y);
        if (sizes.Rows > 2)
            Results.StoreOne(result, sizes, 2 * sizes.ResultRow + output, output, sums.Z);
        if (sizes.Rows > 3)
            Results.StoreOne(result, sizes, 3 * sizes.ResultRow + output, output, sums.W);
    }
}
