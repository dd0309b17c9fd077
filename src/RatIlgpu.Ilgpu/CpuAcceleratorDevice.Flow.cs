namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    protected override void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = SizesOf(pattern, value, weight);
        Use(() =>
        {
            var product = TiledProduct.Of(NearnessOneThreadKernel.Keys, weight, simd);
            product.Inner = sizes.Attention.HeadSize;
            product.Strides.X = (long)sizes.Attention.KeyHeads * sizes.Attention.HeadSize;
            product.Strides.Result = Leaf.Block;
            kernels.Launch(
                NearnessOneThreadKernel.Run, Shares, Floats(pattern), Floats(value), Bytes(weight), Floats(after),
                sizes, product, Scratch(NearnessOneThreadKernel.ScratchCount(sizes.Attention.Heads)), Floats(result));
            kernels.Launch(
                FlowRowsOneThreadKernel.Run, Shares, Floats(before), Floats(after), sizes, Floats(result));
        });
    }
}
