namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    // What all heads write of the keys of a block takes up to 64 MB.
    const int MostWrittenNumbers = 16 << 20;

    protected override void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = SizesOf(pattern, value, weight);
        var (heads, keys) = (sizes.Attention.Heads, sizes.Attention.Keys);
        var most = (int)Math.Clamp(MostWrittenNumbers / Math.Max(1, (long)heads * sizes.Width), 1, keys);
        using var written = Allocate(most, heads, sizes.Width);
        for (var first = 0; first < keys; first += most)
        {
            (sizes.FirstKey, sizes.KeyCount) = (first, Math.Min(most, keys - first));
            Write(value, weight, sizes, written.Slice(0, sizes.KeyCount));
            Use(() => kernels.Launch(
                NearnessKernel.Run<TReduction>, Groups((long)sizes.Attention.Queries * sizes.KeyCount), Floats(pattern),
                Floats(written), Floats(after), sizes, Floats(result)));
        }

        Use(() => kernels.Launch(
            FlowRowsKernel.Run<TReduction>, Groups(sizes.Attention.Queries), Floats(before), Floats(after), sizes,
            Floats(result)));
    }

    void Write(Tensor value, Tensor weight, FlowSizes sizes, Tensor written) => Compute(written, () =>
    {
        switch (weight.DataType)
        {
            case DataType.F16: Write<ushort, FromF16>(value, weight, sizes, written); break;
            case DataType.BF16: Write<ushort, FromBF16>(value, weight, sizes, written); break;
            default: Write<float, FromF32>(value, weight, sizes, written); break;
        }
    });

    void Write<TStored, TDequantizer>(Tensor value, Tensor weight, FlowSizes sizes, Tensor written)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored> => kernels.Launch(
            WrittenKernel.Run<TStored, TDequantizer>, Each(written), Floats(value), Own(weight).As<TStored>(), sizes,
            Floats(written));
}
