using RatIlgpu.Devices;
using static RatIlgpu.Tests.Devices.CpuDeviceTests;

namespace RatIlgpu.Tests.Devices;

/// <summary>Products with BF16 weights that are widened block by block: processors differ in where these are used, so
/// that both ways must give the same bits.</summary>
public sealed unsafe class WidenedPairsTests
{
    const float Untouched = -123.5f;

    /// <summary>Gets the levels of this processor that take weights in pairs: a single lane does not.</summary>
    public static TheoryData<SimdLevel> Paired =>
        [.. Enum.GetValues<SimdLevel>().Where(level => level != SimdLevel.Scalar && SimdLevels.IsSupported(level))];

    [Theory]
    [MemberData(nameof(Paired))]
    public void Bits_are_those_of_weights_that_each_tile_widens(SimdLevel level)
    {
        // More columns than any block of widened ones; whole vectors of pairs at every level; rows and columns that no
        // tile divides.
        var size = new ProductSize(131, 107, 928);
        foreach (var accumulate in (bool[])[false, true])
        {
            var (tiled, widened) = (Product(level, size, false, accumulate), Product(level, size, true, accumulate));
            Assert.Equal(tiled, widened);
            Assert.DoesNotContain(float.NaN, tiled);
        }
    }

    static float[] Product(SimdLevel level, ProductSize size, bool isWidened, bool accumulate) => level switch
    {
        SimdLevel.Vector512 => Product<Lanes512, Four>(size, isWidened, accumulate),
        SimdLevel.Vector256 => Product<Lanes256, Three>(size, isWidened, accumulate),
        _ => Product<Lanes128, Three>(size, isWidened, accumulate),
    };

    static float[] Product<TLanes, TColumns>(ProductSize size, bool isWidened, bool accumulate)
        where TLanes : struct, ILanes<TLanes>
        where TColumns : struct, ICount
    {
        var (rows, columns, inner) = ((int)size.Rows, (int)size.Columns, (int)size.Inner);
        var numbers = Numbers(1, rows * inner);
        var weights = Array.ConvertAll(
            Numbers(2, columns * inner), number => (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16));
        // What is not written stays NaN.
        var result = accumulate ? Numbers(3, rows * columns) : Enumerable.Repeat(float.NaN, rows * columns).ToArray();
        var used = (int)Simd<TLanes, TColumns>.WidenedColumns * inner;
        var scratch = Enumerable.Repeat(Untouched, used + inner).ToArray();
        fixed (float* x = numbers, to = result, memory = scratch)
        fixed (ushort* from = weights)
        {
            Matrix pairs = Matrix.Packed(x, inner), weight = new(from, inner * sizeof(ushort));
            var into = Matrix.Packed(to, columns);
            if (isWidened)
                Simd<TLanes, TColumns>.LinearWidened<EvenBF16>(pairs, weight, memory, into, size, accumulate);
            else
                Simd<TLanes, TColumns>.LinearBlock<EvenBF16>(pairs, weight, into, size, accumulate);
        }

        Assert.All(scratch.AsSpan(used).ToArray(), number => Assert.Equal(Untouched, number));
        return result;
    }
}
