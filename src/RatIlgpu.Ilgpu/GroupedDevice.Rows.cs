namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result) =>
        EachRow(rows, result, numbers =>
        {
            switch (table.DataType)
            {
                case DataType.F16: Gather<ushort, FromF16>(table, numbers, result); break;
                case DataType.BF16: Gather<ushort, FromBF16>(table, numbers, result); break;
                default: Gather<float, FromF32>(table, numbers, result); break;
            }
        });

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result) => Compute(result, () =>
    {
        switch (gain.DataType)
        {
            case DataType.F16: RmsNorm<ushort, FromF16>(x, gain, epsilon, result); break;
            case DataType.BF16: RmsNorm<ushort, FromBF16>(x, gain, epsilon, result); break;
            default: RmsNorm<float, FromF32>(x, gain, epsilon, result); break;
        }
    });

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result) => Compute(result, () =>
        kernels.Launch(
            RotateKernel.Run, Groups((long)x.Shape[0] * x.Shape[1]), Floats(x), Floats(angles),
            AttentionSizes.Of(x.Shape, x.Shape), Floats(result)));

    void Gather<TStored, TDequantizer>(Tensor table, ArrayView<int> rows, Tensor result)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored> =>
        kernels.Launch(
            GatherKernel.Run<TStored, TDequantizer>, Groups(result.Shape[0]), Own(table).As<TStored>(), rows,
            result.Shape[1], Floats(result));

    void RmsNorm<TStored, TDequantizer>(Tensor x, Tensor gain, float epsilon, Tensor result)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored> =>
        kernels.Launch(
            RmsNormKernel.Run<TReduction, TStored, TDequantizer>, Groups(x.Shape[0]), Floats(x),
            Own(gain).As<TStored>(), epsilon, Floats(result));
}
