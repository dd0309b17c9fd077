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
        RunRanges(new RmsNormWork(
            simd, RowsOf(x), (float*)gains.Data, epsilon, RowsOf(result), x.Shape[0], x.Shape[1]));
    }

    /// <inheritdoc/>
    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result) =>
        RunRanges(Product(x, weight, bias, accumulate, result));

    // Products of the same rows are handed out together: of a single token each takes a few microseconds, and the
    // threads would wait for each other after each.

    /// <inheritdoc/>
    protected override void ProjectHeadsCore(
        Tensor x,
        HeadWeights query,
        HeadWeights key,
        HeadWeights value,
        Tensor angles,
        Tensor queries,
        Tensor keys,
        Tensor values)
    {
        RunRanges(new LinearsWork(
            Product(x, query.Weight, query.Bias, accumulate: false, Flat(queries)),
            Product(x, key.Weight, key.Bias, accumulate: false, Flat(keys)),
            Product(x, value.Weight, value.Bias, accumulate: false, Flat(values))));
        TurnHeads(query, angles, queries);
        TurnHeads(key, angles, keys);
    }

    /// <inheritdoc/>
    protected override void GatedLinearCore(Tensor x, Tensor gate, Tensor up, Tensor scratch, Tensor result)
    {
        RunRanges(new LinearsWork(
            Product(x, gate, null, accumulate: false, result), Product(x, up, null, accumulate: false, scratch)));
        SwiGluCore(result, scratch, result);
    }

    LinearWork Product(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result) => new(
        simd, RowsOf(x), new WeightElements(weight),
        bias is null ? new WeightElements(null, DataType.F32) : new WeightElements(bias), accumulate, RowsOf(result),
        new ProductSize(x.Shape[0], weight.Shape[0], weight.Shape[1]));

    /// <inheritdoc/>
    protected override void RotateCore(Tensor x, Tensor angles, Tensor result) =>
        RunRanges(new RotateWork(simd, new HeadRows(x), FloatsOf(angles), new HeadRows(result)));

    HostTensor Widened(Tensor weights)
    {
        var widened = HostTensor.Allocate(weights.Shape);
        simd.Widen(Host(weights).Data, weights.DataType, (float*)widened.Data, (nint)weights.Shape.Count);
        return widened;
    }

    static Matrix RowsOf(Tensor tensor) =>
        new(Host(tensor).Data, (nint)(tensor.Shape.RowLength * tensor.DataType.Size()));
}
