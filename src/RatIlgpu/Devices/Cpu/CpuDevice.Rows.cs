using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class CpuDevice
{
    // Every tile has this many outputs or a divisor of it.
    const long OutputUnit = 4;

    /// <inheritdoc/>
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        var (source, picked) = (RowsOf(table), RowsOf(result));
        for (var i = 0; i < rows.Length; i++)
            simd.Widen((byte*)source.Row(rows[i]), table.Format, picked.Row(i), table.Shape[1]);
    }

    /// <inheritdoc/>
    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        var (numbers, normed, width) = (RowsOf(x), RowsOf(result), x.Shape[1]);
        using var gains = Widened(gain);
        var factors = (float*)gains.Data;
        Split(x.Shape[0], 1, width, (start, end) =>
        {
            for (var row = (nint)start; row < end; row++)
            {
                // In double: a rounding of the scale would be the same in every number of the row, and add up in
                // every product with it.
                var scale = 1 / Math.Sqrt(simd.SumOfSquares(numbers.Row(row), width) / width + epsilon);
                simd.ScaleEach(numbers.Row(row), factors, scale, normed.Row(row), width);
            }
        });
    }

    /// <inheritdoc/>
    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        var (rows, outputs, inputs) = (x.Shape[0], weight.Shape[0], weight.Shape[1]);
        var (numbers, weights, sums) = (RowsOf(x), RowsOf(weight), RowsOf(result));
        Split(outputs, OutputUnit, OutputUnit * inputs * (4L + rows) / 4, (start, end) =>
        {
            var (first, count) = ((nint)start, (nint)(end - start));
            if (bias is not null)
                for (var row = 0; row < rows; row++)
                    simd.Widen(Host(bias).Data + first * bias.Format.Size(), bias.Format, sums.Row(row) + first, count);
            simd.Linear(
                numbers, weights.From(first, 0), weight.Format, sums.From(0, first * sizeof(float)),
                new Extent(rows, count, inputs), accumulate || bias is not null);
        });
    }

    /// <inheritdoc/>
    protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
    {
        var (heads, headSize) = (x.Shape[1], x.Shape[2]);
        float* numbers = FloatsOf(x), turns = FloatsOf(angles), turned = FloatsOf(result);
        Split(x.Shape[0], 1, x.Shape.RowCount, (start, end) =>
        {
            for (var head = start * heads; head < end * heads; head++)
                simd.Rotate(
                    numbers + head * headSize, turns + head / heads * headSize, turned + head * headSize, headSize / 2);
        });
    }

    HostTensor Widened(Tensor weights)
    {
        var widened = HostTensor.Allocate(weights.Shape);
        simd.Widen(Host(weights).Data, weights.Format, (float*)widened.Data, (nint)weights.Shape.Count);
        return widened;
    }

    static Matrix RowsOf(Tensor tensor) =>
        new(Host(tensor).Data, (nint)(tensor.Shape.RowCount * tensor.Format.Size()));
}
