using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        lock (Gate)
        {
            using var placed = Place(rows);
            switch (table.DataType)
            {
                case DataType.F16: Gather<ushort, FromF16>(table, placed.View.BaseView, result); break;
                case DataType.BF16: Gather<ushort, FromBF16>(table, placed.View.BaseView, result); break;
                default: Gather<float, FromF32>(table, placed.View.BaseView, result); break;
            }
        }
    }

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        lock (Gate)
            switch (gain.DataType)
            {
                case DataType.F16: RmsNorm<ushort, FromF16>(x, gain, epsilon, result); break;
                case DataType.BF16: RmsNorm<ushort, FromBF16>(x, gain, epsilon, result); break;
                default: RmsNorm<float, FromF32>(x, gain, epsilon, result); break;
            }
    }

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var heads = x.Shape[1];
        lock (Gate)
            Kernels.Load(RotateKernel.Run, Groups((long)x.Shape[0] * heads))(
                Floats(x), Floats(angles), Floats(result), heads, x.Shape[2] / 2);
    }

    void Gather<TStored, TWidening>(Tensor table, ArrayView<int> rows, Tensor result)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored> =>
        Kernels.Load(GatherKernel.Run<TStored, TWidening>, Groups(result.Shape[0]))(
            Own(table).As<TStored>(), rows, Floats(result), result.Shape[1]);

    void RmsNorm<TStored, TWidening>(Tensor x, Tensor gain, float epsilon, Tensor result)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored> =>
        Kernels.Load(RmsNormKernel.Run<TReduction, TStored, TWidening>, Groups(x.Shape[0]))(
            Floats(x), Own(gain).As<TStored>(), epsilon, Floats(result), x.Shape[1]);
}
