using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void TopCore(
        Tensor rows, Tensor? mask, int count, Span<int> indices, Span<float> values, Span<double> logSums)
    {
        var (height, width) = (rows.Shape[0], rows.Shape[1]);
        var pieces = TopWork.PiecesOf(width);
        var found = new int[checked(height * pieces)][];
        RunRanges(new TopWork(simd, RowsOf(rows), mask is null ? null : FloatsOf(mask), width, count, found));
        for (var row = 0; row < height; row++)
            Join(
                found.AsSpan(row * pieces, pieces), (float*)RowsOf(rows).Row(row),
                indices.Slice(row * count, count), values.Slice(row * count, count));
        fixed (double* sums = logSums)
            if (!logSums.IsEmpty)
                RunRanges(new LogSumWork(RowsOf(rows), height, width, sums));
    }

    // Pieces are joined in their order: of equal numbers the one of the smaller index is offered first.
    static void Join(ReadOnlySpan<int[]> pieces, float* row, Span<int> indices, Span<float> values)
    {
        indices.Fill(-1);
        values.Fill(float.NegativeInfinity);
        var best = new TopK<int>(indices.Length);
        foreach (var piece in pieces)
            foreach (var index in piece)
                if (best.Takes(row[index]))
                    best.Add(index, row[index]);
        foreach (var (rank, index) in best.Take().Index())
            (indices[rank], values[rank]) = (index, row[index]);
    }
}
