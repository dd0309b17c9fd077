using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void ReducePatternCore(
        Tensor pattern, Tensor? factors, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows,
        Tensor result)
    {
        var (queries, keys) = (pattern.Shape[1], pattern.Shape[2]);
        for (var r = 0; r < rows.Length; r++)
        {
            var row = new double[keys];
            Array.Fill(row, reduction == HeadReduction.Max ? double.NegativeInfinity : 0);
            foreach (var head in heads)
            {
                var ofHead = Row(pattern, (long)head * queries + rows[r], keys);
                Weight(ofHead, factors, head);
                for (var k = 0; k < keys; k++)
                    row[k] = reduction == HeadReduction.Max
                        ? Math.Max(row[k], ofHead[k])
                        : row[k] + ofHead[k] / heads.Length;
            }

            Store(row, result, r, keys);
        }
    }

    // row[k] · factors[head, k]
    static void Weight(double[] row, Tensor? factors, int head)
    {
        if (factors is null)
            return;
        var numbers = new Numbers(factors);
        for (var k = 0; k < row.Length; k++)
            row[k] *= numbers[(long)head * factors.Shape[1] + k];
    }
}
