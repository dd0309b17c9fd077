using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void SumCellsCore(Tensor pattern, CellSums sums, Tensor result)
    {
        var cells = sums.Queries * sums.Keys;
        var ofHead = new double[sums.RowCount];
        for (var head = 0; head < pattern.Shape[0]; head++)
        {
            sums.Sum(Row(pattern, head, cells), ofHead);
            Store(ofHead, result, head, sums.RowCount);
        }
    }

    /// <inheritdoc/>
    protected override void EntropyCore(Tensor pattern, Tensor result)
    {
        var (rows, keys) = (result.Shape.Count, pattern.Shape[2]);
        for (var row = 0L; row < rows; row++)
        {
            var sum = 0.0;
            foreach (var p in Row(pattern, row, keys))
                sum += p > 0 ? p * Math.Log(p) : p == 0 ? 0 : double.NaN;
            Store([0 - sum], result, row, 1);
        }
    }
}
