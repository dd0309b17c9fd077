namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    // Up to this many rows, one team of threads per output has more threads at work than tiles would.
    const int FewRows = 4;

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        var sizes = ProductSizes.OfLinear(x.Shape, weight.Shape, bias is null ? null : Own(bias), accumulate);
        Compute(result, () =>
        {
            switch (weight.DataType)
            {
                case DataType.F16: Linear<ushort, UShort4, UInt4, FromF16>(x, weight, sizes, result); break;
                case DataType.BF16: Linear<ushort, UShort4, UInt4, FromBF16>(x, weight, sizes, result); break;
                default: Linear<float, Float4, Float8, FromF32>(x, weight, sizes, result); break;
            }
        });
    }

    void Linear<TStored, TFour, TEight, TDequantizer>(Tensor x, Tensor weight, ProductSizes sizes, Tensor result)
        where TStored : unmanaged
        where TFour : unmanaged
        where TEight : unmanaged
        where TDequantizer :
            struct, IDequantizer<TStored>, IFourDequantizer<TFour>, IEightDequantizer<TEight>, IDotTile<TStored>
    {
        if (isProcessor)
            LinearOnProcessor<TStored, TDequantizer>(x, weight, sizes, 1, result);
        else if (sizes.Rows <= FewRows && Own(x).IsInFours && Own(weight).IsInEights)
            LinearOfFewRows<TEight, TDequantizer>(x, weight, sizes, result);
        else if (tensorCores != TensorCores.Unused && weight.DataType == DataType.BF16 && IsInFours(x, weight, sizes))
            LinearOnTensorCores(x, weight, sizes, result);
        else if (IsInFours(x, weight, sizes))
            LinearInFours<TFour, TDequantizer>(x, weight, sizes, 1, result);
        else
            Product<TStored, TDequantizer>(x, weight, sizes, 1, result);
    }

    void LinearOfFewRows<TEight, TDequantizer>(Tensor x, Tensor weight, ProductSizes sizes, Tensor result)
        where TEight : unmanaged
        where TDequantizer : struct, IEightDequantizer<TEight>
    {
        var teams = groupSize / teamSize;
        kernels.Launch(
            sizes.Rows == 1
                ? FewRowsKernel.Run<TReduction, OneRow, TEight, TDequantizer>
                : FewRowsKernel.Run<TReduction, FourRows, TEight, TDequantizer>,
            Groups((sizes.Columns - 1) / teams + 1), Own(x).As<Float4>(), Own(weight).As<TEight>(), sizes,
            Floats(result));
    }

    void LinearOnProcessor<TStored, TDots>(
        Tensor x, Tensor weight, ProductSizes sizes, int batches, Tensor result)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
    {
        var rows = (sizes.Rows - 1) / ProcessorLinearKernel.Rows + 1;
        var columns = (sizes.Columns - 1) / ProcessorLinearKernel.Columns + 1;
        kernels.Launch(
            ProcessorLinearKernel.Run<TStored, TDots>,
            new KernelConfig(new Index3D(checked(rows * columns), batches, 1), new Index3D(1, 1, 1)), Floats(x),
            Own(weight).As<TStored>(), sizes, Floats(result));
    }

    bool IsInFours(Tensor x, Tensor weight, in ProductSizes sizes) =>
        sizes.Inner % LinearKernel.Depth == 0 && Own(x).IsInFours && Own(weight).IsInFours;

    void LinearOnTensorCores(Tensor x, Tensor weight, ProductSizes sizes, Tensor result)
    {
        const int Width = TensorLinearKernel.Width;
        var tiles = (long)((sizes.Rows - 1) / Width + 1) * ((sizes.Columns - 1) / Width + 1);
        kernels.Launch(
            tensorCores == TensorCores.Exact
                ? TensorLinearKernel.Run<ExactParts>
                : TensorLinearKernel.Run<RoundedParts>,
            new KernelConfig(checked((int)tiles), TensorLinearKernel.GroupSize),
            Own(x).As<Float4>(), Own(weight).As<UInt2>(), sizes, Floats(result));
    }

    void LinearInFours<TFour, TDequantizer>(
        Tensor x, Tensor weight, ProductSizes sizes, int batches, Tensor result)
        where TFour : unmanaged
        where TDequantizer : struct, IFourDequantizer<TFour>
    {
        var side = SideFor(sizes);
        kernels.Launch(
            side switch
            {
                2 => LinearKernel.Run<SmallTile, TFour, TDequantizer>,
                8 => LinearKernel.Run<MiddleTile, TFour, TDequantizer>,
                _ => LinearKernel.Run<LargeTile, TFour, TDequantizer>,
            },
            Tiles(sizes, side, batches), Own(x).As<Float4>(), Own(weight).As<TFour>(), sizes, Floats(result));
    }

    void Product<TStored, TDequantizer>(Tensor x, Tensor y, ProductSizes sizes, int batches, Tensor result)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        var side = SideFor(sizes);
        kernels.Launch(
            side switch
            {
                2 => ProductKernel.Run<SmallTile, TStored, TDequantizer>,
                8 => ProductKernel.Run<MiddleTile, TStored, TDequantizer>,
                _ => ProductKernel.Run<LargeTile, TStored, TDequantizer>,
            },
            Tiles(sizes, side, batches), Floats(x), Own(y).As<TStored>(), sizes, Floats(result));
    }

    // With 32 rows, a tile of 64 would leave half its threads idle, and a small product few groups.
    int SideFor(in ProductSizes sizes) =>
        largestGroup < 64 ? 2 : largestGroup < 256 || Math.Min(sizes.Rows, sizes.Columns) <= 32 ? 8 : 16;

    static KernelConfig Tiles(in ProductSizes sizes, int side, int batches)
    {
        var width = side * 4;
        var (rows, columns) = ((sizes.Rows - 1) / width + 1, (sizes.Columns - 1) / width + 1);
        return new(new Index3D(checked(rows * columns), batches, 1), new Index3D(side * side, 1, 1));
    }
}
