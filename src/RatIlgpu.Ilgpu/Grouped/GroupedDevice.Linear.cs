using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    // Up to here a group for each output is busier than tiles would be.
    const int FewRows = 4;

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = new ProductSizes
        {
            Rows = x.Shape[0],
            Columns = weight.Shape[0],
            Inner = weight.Shape[1],
            Group = 1,
            Factor = 1,
            Accumulate = accumulate || bias is not null ? 1 : 0,
            XRow = x.Shape[1],
            YColumn = weight.Shape[1],
            YInner = 1,
            ResultRow = weight.Shape[0],
        };
        lock (Gate)
        {
            if (bias is not null)
                Spread(bias, result);
            switch (weight.DataType)
            {
                case DataType.F16: Linear<ushort, UShort4, FromF16>(x, weight, sizes, result); break;
                case DataType.BF16: Linear<ushort, UShort4, FromBF16>(x, weight, sizes, result); break;
                default: Linear<float, Float4, FromF32>(x, weight, sizes, result); break;
            }
        }
    }

    void Spread(Tensor bias, Tensor result)
    {
        switch (bias.DataType)
        {
            case DataType.F16: Spread<ushort, FromF16>(bias, result); break;
            case DataType.BF16: Spread<ushort, FromBF16>(bias, result); break;
            default: Spread<float, FromF32>(bias, result); break;
        }
    }

    void Spread<TStored, TWidening>(Tensor bias, Tensor result)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored> =>
        Kernels.Load(SpreadKernel.Run<TStored, TWidening>, Groups(result.Shape[0]))(
            Own(bias).As<TStored>(), Floats(result), result.Shape[1]);

    void Linear<TStored, TFour, TWidening>(Tensor x, Tensor weight, ProductSizes sizes, Tensor result)
        where TStored : unmanaged
        where TFour : unmanaged
        where TWidening : struct, IWidening<TStored>, IFourWidening<TFour>
    {
        if (sizes.Rows <= FewRows)
            Kernels.Load(FewRowsKernel.Run<TReduction, TStored, TWidening>, Groups(sizes.Columns))(
                Floats(x), Own(weight).As<TStored>(), sizes, Floats(result));
        else if (tensorCores != TensorCores.Unused && weight.DataType == DataType.BF16 && IsInFours(x, weight, sizes))
            LinearOnTensorCores(x, weight, sizes, result);
        else if (IsInFours(x, weight, sizes))
            LinearInFours<TFour, TWidening>(x, weight, sizes, result);
        else
            Product<TStored, TWidening>(x, weight, sizes, 1, result);
    }

    bool IsInFours(Tensor x, Tensor weight, in ProductSizes sizes) =>
        sizes.Inner % LinearKernel.Depth == 0 && Own(x).IsInFours && Own(weight).IsInFours;

    void LinearOnTensorCores(Tensor x, Tensor weight, ProductSizes sizes, Tensor result)
    {
        const int Width = TensorLinearKernel.Width;
        var tiles = (long)((sizes.Rows - 1) / Width + 1) * ((sizes.Columns - 1) / Width + 1);
        var config = new KernelConfig(checked((int)tiles), TensorLinearKernel.GroupSize);
        var kernel = tensorCores == TensorCores.Exact
            ? Kernels.Load(TensorLinearKernel.Run<ExactParts>, config)
            : Kernels.Load(TensorLinearKernel.Run<RoundedParts>, config);
        kernel(Own(x).As<Float4>(), Own(weight).As<UInt2>(), sizes, Floats(result));
    }

    void LinearInFours<TFour, TWidening>(Tensor x, Tensor weight, ProductSizes sizes, Tensor result)
        where TFour : unmanaged
        where TWidening : struct, IFourWidening<TFour>
    {
        var side = SideFor(sizes);
        var kernel = side switch
        {
            2 => Kernels.Load(LinearKernel.Run<SmallTile, TFour, TWidening>, Tiles(sizes, side, 1)),
            8 => Kernels.Load(LinearKernel.Run<MiddleTile, TFour, TWidening>, Tiles(sizes, side, 1)),
            _ => Kernels.Load(LinearKernel.Run<LargeTile, TFour, TWidening>, Tiles(sizes, side, 1)),
        };
        kernel(Own(x).As<Float4>(), Own(weight).As<TFour>(), sizes, Floats(result));
    }

    void Product<TStored, TWidening>(Tensor x, Tensor y, ProductSizes sizes, int batches, Tensor result)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        var side = SideFor(sizes);
        var kernel = side switch
        {
            2 => Kernels.Load(ProductKernel.Run<SmallTile, TStored, TWidening>, Tiles(sizes, side, batches)),
            8 => Kernels.Load(ProductKernel.Run<MiddleTile, TStored, TWidening>, Tiles(sizes, side, batches)),
            _ => Kernels.Load(ProductKernel.Run<LargeTile, TStored, TWidening>, Tiles(sizes, side, batches)),
        };
        kernel(Floats(x), Own(y).As<TStored>(), sizes, Floats(result));
    }

    // A tile of 64 rows wastes half its threads on 32, and leaves a small product to few groups.
    int SideFor(in ProductSizes sizes) =>
        largestGroup < 64 ? 2 : largestGroup < 256 || Math.Min(sizes.Rows, sizes.Columns) <= 32 ? 8 : 16;

    static KernelConfig Tiles(in ProductSizes sizes, int side, int batches)
    {
        var width = side * 4;
        var (rows, columns) = ((sizes.Rows - 1) / width + 1, (sizes.Columns - 1) / width + 1);
        return new(new Index3D(checked(rows * columns), batches, 1), new Index3D(side * side, 1, 1));
    }
}
