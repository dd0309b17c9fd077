using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdGatherKernel
{
    /// <summary>One item per share of the rows: <c>result[i] = table[rows[i]]</c>, widened.</summary>
    public static void Run(
        Index1D share, ArrayView<byte> table, DataType format, ArrayView<int> rows, int width,
        ArrayView<float> result, int shares) =>
        Gather(share, table, format, rows, width, result, shares);

    [IntrinsicImplementation]
    static void Gather(
        int share, ArrayView<byte> table, DataType format, ArrayView<int> rows, int width, ArrayView<float> result,
        int shares)
    {
        var (start, end) = Share.Range(rows.Length, share, shares);
        for (; start < end; start++)
            Share.Simd.Widen(
                Share.Of(table) + (long)Share.Of(rows)[start] * width * format.Size(), format,
                Share.Of(result) + start * width, width);
    }
}
