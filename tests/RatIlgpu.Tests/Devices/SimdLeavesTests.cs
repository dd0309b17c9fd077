using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tests.Devices;

public sealed unsafe class SimdLeavesTests
{
    const int Stride = 300;

    public static TheoryData<SimdLevel> Levels => [.. Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported)];

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_tile_has_the_products_of_its_rows_and_columns_and_writes_nothing_else(SimdLevel level)
    {
        var simd = SimdLeaves.At(level);
        Assert.Equal(level, simd.Level);
        Assert.InRange(simd.TileRows, 1, SimdLeaves.MostTileRows);
        Assert.InRange(simd.TileColumns, 1, SimdLeaves.MostTileColumns);
        var (x, weight) = (Whole(1, 5 * Stride), Whole(2, 4 * Stride));
        for (var inner = 0; inner <= 257; inner += inner < 40 ? 1 : 31)
            for (var rows = 1; rows <= simd.TileRows; rows++)
                for (var columns = 1; columns <= simd.TileColumns; columns++)
                    foreach (var accumulate in (ReadOnlySpan<bool>)[false, true])
                    {
                        var result = Enumerable.Repeat(1000f, 40).ToArray();
                        fixed (float* left = x, right = weight, sums = result)
                            simd.Tile(
                                left, Stride, (byte*)right, Stride * sizeof(float), DataType.F32, sums + 1, 7, rows,
                                columns, inner, 0, accumulate);
                        Assert.Equal(Expected(x, weight, rows, columns, inner, accumulate), result);
                    }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_mixed_row_is_the_weighted_sum_of_its_values(SimdLevel level)
    {
        var simd = SimdLeaves.At(level);
        float[] pattern = [2, 0, -1];
        var value = Whole(3, 3 * Stride);
        for (var width = 0; width <= 257; width++)
        {
            var result = Enumerable.Repeat(1000f, 260).ToArray();
            fixed (float* weights = pattern, values = value, mixed = result)
                simd.Mix(weights, values, Stride, mixed + 1, width, 3);
            for (var m = 0; m < 259; m++)
                Assert.Equal(m < width ? 1000 + 2 * value[m] - value[2 * Stride + m] : 1000, result[m + 1]);
            Assert.Equal(1000, result[0]);
        }
    }

    // Sums of small whole numbers are exact in any order.
    static float[] Expected(float[] x, float[] weight, int rows, int columns, int inner, bool accumulate)
    {
        var expected = Enumerable.Repeat(1000f, 40).ToArray();
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                expected[1 + row * 7 + column] = (accumulate ? 1000 : 0) + Enumerable.Range(0, inner).Sum(
                    k => x[row * Stride + k] * weight[column * Stride + k]);
        return expected;
    }

    static float[] Whole(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-8, 9))];
    }
}
