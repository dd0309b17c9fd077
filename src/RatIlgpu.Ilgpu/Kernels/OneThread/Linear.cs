namespace RatIlgpu.Ilgpu;

static class LinearOneThreadKernel
{
    /// <summary>One thread per share of the outputs: <c>result = x·weightᵀ + bias</c>, or added to the result, tile
    /// by tile.</summary>
    public static void Run(
        ArrayView<float> x, ArrayView<byte> weight, BiasView bias, TiledProduct product, int accumulate,
        ArrayView<float> scratch, ArrayView<float> result)
    {
        var outputs = (int)product.Strides.Result;
        var (first, count) = Share.Columns(outputs);
        bias.Store(product.Rows, first, count, outputs, result);
        product.Compute(
            x, 0, weight, first * product.Strides.Weight, count, accumulate != 0 || bias.Numbers.Length != 0,
            Share.Of(scratch), result, first);
    }
}

/// <summary>A bias as it is stored, or none; a parameter of kernels.</summary>
struct BiasView
{
    /// <summary>The bytes of the numbers; empty for no bias.</summary>
    public ArrayView<byte> Numbers;

    /// <summary>The <see cref="DataType"/> of a number.</summary>
    public int Format;

    /// <summary>The bytes of a number.</summary>
    public int Size;

    /// <summary>Stores some of the numbers in every row, if there is a bias.</summary>
    public readonly void Store(int rows, int first, int count, int stride, ArrayView<float> result)
    {
        if (Numbers.Length == 0)
            return;
        for (var row = 0; row < rows; row++)
            Leaf.Widen(Numbers, (long)first * Size, Format, result, (long)row * stride + first, count);
    }
}
