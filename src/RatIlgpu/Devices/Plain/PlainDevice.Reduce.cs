using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void ReducePatternCore(
        Tensor pattern, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        var (queries, keys) = (pattern.Shape[1], pattern.Shape[2]);
        for (var r = 0; r < rows.Length; r++)
        {
            var row = new double[keys];
            Array.Fill(row, reduction == HeadReduction.Max ? double.NegativeInfinity : 0);
            foreach (var head in heads)
            {
                var ofHead = Row(pattern, (long)head * queries + rows[r], keys);
                for (var k = 0; k < keys; k++)
                    row[k] = reduction == HeadReduction.Max
                        ? Math.Max(row[k], ofHead[k])
                        : row[k] + ofHead[k] / heads.Length;
            }

            Store(row, result, r, keys);
        }
    }
}
