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
    /// <summary>One team of threads per pair of columns, for few rows, all numbers loaded in fours or eights: the
    /// products of all rows with both columns.</summary>
    /// <remarks>A tile would leave most threads without work; here every weight is read once, and the sums of all rows
    /// are in registers. A team is a warp, which needs no barrier, or where there are no shuffles a group.</remarks>
    public static void Run<TReduction, TRows, TEight, TDequantizer, TPairs>(
        ArrayView<Float4> x, TPairs pairs, int rows, int inner)
        where TReduction : struct, IReduction
        where TRows : struct, IRowCount
        where TEight : unmanaged
        where TDequantizer : struct, IEightDequantizer<TEight>
        where TPairs : struct, IPairs<TEight>
    {
        var scratch = SharedMemory.Allocate<Float4>(Limits.GroupSize);
        var (size, thread) = (default(TReduction).TeamSize, default(TReduction).TeamIndex);
        var number = Grid.IdxX * (Group.DimX / size) + Group.IdxX / size;
        var pair = pairs.At(IntrinsicMath.Min(number, pairs.Count - 1));
        var (fromLow, fromHigh) = (pair.LowPlace / 8, pair.HighPlace / 8);
        var (second, third, fourth) = (Row(1, rows, inner), Row(2, rows, inner), Row(3, rows, inner));
        RowSums low = default, high = default;
        for (var k = thread; k < inner / 8; k += size)
        {
            var left = default(TDequantizer).ToF32(pair.Low[fromLow + k]);
            var right = default(TDequantizer).ToF32(pair.High[fromHigh + k]);
            var (a, b) = (x[2 * k], x[2 * k + 1]);
            (low.Even.X, low.Odd.X) = (Dot(a, left.Low, low.Even.X), Dot(b, left.High, low.Odd.X));
            (high.Even.X, high.Odd.X) = (Dot(a, right.Low, high.Even.X), Dot(b, right.High, high.Odd.X));
            if (default(TRows).Count == 1)
                continue;
            (a, b) = (x[second + 2 * k], x[second + 2 * k + 1]);
            (low.Even.Y, low.Odd.Y) = (Dot(a, left.Low, low.Even.Y), Dot(b, left.High, low.Odd.Y));
            (high.Even.Y, high.Odd.Y) = (Dot(a, right.Low, high.Even.Y), Dot(b, right.High, high.Odd.Y));
            (a, b) = (x[third + 2 * k], x[third + 2 * k + 1]);
            (low.Even.Z, low.Odd.Z) = (Dot(a, left.Low, low.Even.Z), Dot(b, left.High, low.Odd.Z));
            (high.Even.Z, high.Odd.Z) = (Dot(a, right.Low, high.Even.Z), Dot(b, right.High, high.Odd.Z));
            (a, b) = (x[fourth + 2 * k], x[fourth + 2 * k + 1]);
            (low.Even.W, low.Odd.W) = (Dot(a, left.Low, low.Even.W), Dot(b, left.High, low.Odd.W));
            (high.Even.W, high.Odd.W) = (Dot(a, right.Low, high.Even.W), Dot(b, right.High, high.Odd.W));
        }

        var (lows, highs) = (
            default(TReduction).SumOfTeam(low.Sum, scratch), default(TReduction).SumOfTeam(high.Sum, scratch));
        if (thread != 0)
            return;
        pairs.Store(0, number, lows.X, highs.X);
        if (rows > 1)
            pairs.Store(1, number, lows.Y, highs.Y);
        if (rows > 2)
            pairs.Store(2, number, lows.Z, highs.Z);
        if (rows > 3)
            pairs.Store(3, number, lows.W, highs.W);
    }

    // The place of the first four of a row; of the last row, for rows behind it.
    static int Row(int row, int rows, int inner) => IntrinsicMath.Min(row, rows - 1) * (inner / 4);

    static float Dot(Float4 x, Float4 weights, float sum) => Fused.MultiplyAdd(
        x.W, weights.W, Fused.MultiplyAdd(
            x.Z, weights.Z, Fused.MultiplyAdd(x.Y, weights.Y, Fused.MultiplyAdd(x.X, weights.X, sum))));

    // The sums of four rows, of the even and of the odd fours.
    struct RowSums
    {
        public Float4 Even;
        public Float4 Odd;

        public readonly Float4 Sum
        {
            get
            {
                var sum = Even;
                sum.Add(Odd);
                return sum;
            }
        }
    }
}
