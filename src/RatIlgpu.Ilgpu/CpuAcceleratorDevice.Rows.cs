namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result) =>
        EachRow(rows, result, numbers => kernels.Launch(
            GatherOneThreadKernel.Run, Shares, Bytes(table), (int)table.DataType, table.DataType.Size(), numbers,
            table.Shape[1], Floats(result)));

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result) => Compute(
        result, () => kernels.Launch(
            RmsNormOneThreadKernel.Run, Shares, Floats(x), Bytes(gain), (int)gain.DataType, epsilon,
            Scratch(gain.Shape[0]), Floats(result)));

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result) => Compute(
        result, () => kernels.Launch(
            RotateOneThreadKernel.Run, Shares, Floats(x), Floats(angles), AttentionSizes.Of(x.Shape, x.Shape),
            Floats(result)));

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result) =>
        Compute(result, () =>
        {
            var product = TiledProduct.Of(x.Shape[0], weight, simd);
            kernels.Launch(
                LinearOneThreadKernel.Run, Shares, Floats(x), Bytes(weight), Bias(bias), product, accumulate ? 1 : 0,
                Scratch(product.ScratchCount), Floats(result));
        });

    protected override void GatedLinearCore(Tensor x, Tensor gate, Tensor up, Tensor scratch, Tensor result)
    {
        if (gate.DataType != up.DataType)
        {
            base.GatedLinearCore(x, gate, up, scratch, result);
            return;
        }

        Compute(result, () =>
        {
            var product = TiledProduct.Of(x.Shape[0], gate, simd);
            kernels.Launch(
                GatedLinearOneThreadKernel.Run, Shares, Floats(x), Bytes(gate), Bytes(up), product,
                Scratch(product.ScratchCount), Floats(scratch), Floats(result));
        });
    }

    protected override void ProjectHeadsCore(
        Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries, Tensor keys,
        Tensor values)
    {
        if (x.Shape[0] == 0 || angles.Shape[1] == 0)
        {
            base.ProjectHeadsCore(x, query, key, value, angles, queries, keys, values);
            return;
        }

        var isNormed = query.Norm is not null || key.Norm is not null;
        Use(() =>
        {
            var (ofQuery, ofKey, ofValue) = (
                Operands(x, query, queries), Operands(x, key, keys), Operands(x, value, values));
            var own = Math.Max(
                ofQuery.Product.ScratchCount, Math.Max(ofKey.Product.ScratchCount, ofValue.Product.ScratchCount));
            kernels.Launch(
                ProjectHeadsOneThreadKernel.Run, Shares, Floats(x), ofQuery, ofKey, ofValue,
                isNormed ? ArrayView<float>.Empty : Floats(angles),
                HeadUnits.Of(angles.Shape[1], ofQuery.Heads + ofKey.Heads + ofValue.Heads), Scratch(own));
        });
        if (!isNormed)
            return;
        NormAndRotate(query.Norm, angles, queries);
        NormAndRotate(key.Norm, angles, keys);
    }

    void NormAndRotate(HeadNorm? norm, Tensor angles, Tensor heads)
    {
        if (norm is not { } found)
        {
            RotateCore(heads, angles, heads);
            return;
        }

        Compute(heads, () => kernels.Launch(
            NormRotateOneThreadKernel.Run, Shares, Bytes(found.Gain), (int)found.Gain.DataType, found.Epsilon,
            Floats(angles), AttentionSizes.Of(heads.Shape, heads.Shape), Scratch(found.Gain.Shape[0]), Floats(heads)));
    }

    HeadOperands Operands(Tensor x, HeadWeights weights, Tensor result) => new()
    {
        Weight = Bytes(weights.Weight),
        Bias = Bias(weights.Bias),
        Product = TiledProduct.Of(x.Shape[0], weights.Weight, simd),
        Heads = result.Shape[1],
        Result = Floats(result),
    };
}
