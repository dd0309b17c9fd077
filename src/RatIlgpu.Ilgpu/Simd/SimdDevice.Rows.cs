using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

sealed unsafe partial class SimdDevice
{
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        var cut = CutOf(result.Shape.Count);
        lock (Gate)
        {
            using var placed = Place(rows);
            Kernels.Load(SimdGatherKernel.Run, cut)(
                cut.First, Stored(table), table.DataType, placed.View.BaseView.SubView(0, rows.Length), table.Shape[1],
                Floats(result), cut.Shares);
        }
    }

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        if (x.Shape.Count == 0)
            return;
        var cut = CutOf(x.Shape.Count);
        lock (Gate)
            Kernels.Load(SimdRmsNormKernel.Run, cut)(
                cut.First, Floats(x), Stored(gain), gain.DataType, epsilon, Floats(result), x.Shape[1], cut.Shares);
    }

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        var sizes = new LinearSizes
        {
            Rows = x.Shape[0],
            Outputs = weight.Shape[0],
            Inputs = weight.Shape[1],
            WeightFormat = weight.DataType,
            BiasFormat = bias?.DataType ?? DataType.F32,
            Accumulate = accumulate ? 1 : 0,
        };
        var cut = CutOf(weight.Shape.Count * (4L + sizes.Rows) / 4);
        lock (Gate)
            Kernels.Load(SimdLinearKernel.Run, cut)(
                cut.First, Floats(x), Stored(weight), Stored(bias), sizes, Floats(result), cut.Shares);
    }

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
    {
        var cut = CutOf(x.Shape.Count);
        lock (Gate)
            Kernels.Load(SimdRotateKernel.Run, cut)(
                cut.First, Floats(x), Floats(angles), Floats(result), AttentionSizes.Of(x.Shape, x.Shape), cut.Shares);
    }
}
