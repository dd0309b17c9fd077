using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        var (numbers, picked) = (RowsOf(table), RowsOf(result));
        for (var i = 0; i < rows.Length; i++)
            simd.Widen((byte*)numbers.Row(rows[i]), table.DataType, picked.Row(i), table.Shape[1]);
    }

    /// <inheritdoc/>
    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        using var gains = Widened(gain);
        Split(new RmsNormWork(
            simd, RowsOf(x), (float*)gains.Data, epsilon, RowsOf(result), new Extent(x.Shape[0], x.Shape[1], 0)));
    }

    /// <inheritdoc/>
    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        var none = new Stored(null, DataType.F32);
        Split(new LinearWork(
            simd, RowsOf(x), StoredOf(weight), bias is null ? none : StoredOf(bias), accumulate, RowsOf(result),
            new Extent(x.Shape[0], weight.Shape[0], weight.Shape[1])));
    }

    /// <inheritdoc/>
    protected override void RotateCore(Tensor x, Tensor angles, Tensor result) =>
        Split(new RotateWork(simd, new Heads(x), FloatsOf(angles), new Heads(result)));

    HostTensor Widened(Tensor weights)
    {
        var widened = HostTensor.Allocate(weights.Shape);
        simd.Widen(Host(weights).Data, weights.DataType, (float*)widened.Data, (nint)weights.Shape.Count);
        return widened;
    }

    static Matrix RowsOf(Tensor tensor) =>
        new(Host(tensor).Data, (nint)(tensor.Shape.RowLength * tensor.DataType.Size()));

    static Stored StoredOf(Tensor weights) => new(Host(weights).Data, weights.DataType);
}
