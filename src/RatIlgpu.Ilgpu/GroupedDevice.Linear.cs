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
            OfFewRows<TEight, TDequantizer, PlainPairs<TEight>>(
                x, new() { Weight = Own(weight).As<TEight>(), Sizes = sizes, Result = Floats(result) });
        else if (UsesTensorCores(weight) && IsInFours(x, weight, sizes))
            OnTensorCores(
                x, new PlainPairs<UInt2> { Weight = Own(weight).As<UInt2>(), Sizes = sizes, Result = Floats(result) },
                sizes);
        else if (IsInFours(x, weight, sizes))
            LinearInFours<TFour, TDequantizer>(x, weight, sizes, 1, result);
        else
            Product<TStored, TDequantizer>(x, weight, sizes, 1, result);
    }

    void OfFewRows<TEight, TDequantizer, TPairs>(Tensor x, TPairs pairs)
        where TEight : unmanaged
        where TDequantizer : struct, IEightDequantizer<TEight>
        where TPairs : struct, IPairs<TEight>
    {
        var teams = groupSize / teamSize;
        kernels.Launch(
            x.Shape[0] == 1
                ? FewRowsKernel.Run<TReduction, OneRow, TEight, TDequantizer, TPairs>
                : FewRowsKernel.Run<TReduction, FourRows, TEight, TDequantizer, TPairs>,
            Groups((pairs.Count - 1) / teams + 1), Own(x).As<Float4>(), pairs, x.Shape[0], x.Shape[1]);
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

    void PairsOnProcessor<TStored, TDots, TPairs>(Tensor x, TPairs pairs, ProductSizes sizes)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
        where TPairs : struct, IPairs<TStored>
    {
        var rows = (sizes.Rows - 1) / ProcessorLinearKernel.Rows + 1;
        var blocks = (pairs.Count - 1) / ProcessorPairsKernel.Pairs + 1;
        kernels.Launch(
            ProcessorPairsKernel.Run<TStored, TDots, TPairs>, new KernelConfig(checked(rows * blocks), 1), Floats(x),
            pairs, sizes);
    }

    bool IsInFours(Tensor x, Tensor weight, in ProductSizes sizes) =>
        sizes.Inner % LinearKernel.Depth == 0 && Own(x).IsInFours && Own(weight).IsInFours;

    void OnTensorCores<TPairs>(Tensor x, TPairs pairs, ProductSizes sizes)
        where TPairs : struct, IPairs<UInt2>
    {
        var columns = pairs.Count * 2;

        // Large tiles read less, but only small ones give every multiprocessor work in a small product.
        if (largestGroup >= GroupOf<LargeTensorTile>() && Math.Min(sizes.Rows, columns) > 64
            && TilesOf<LargeTensorTile>() >= Accelerator.NumMultiprocessors)
            Launch<LargeTensorTile>();
        else
            Launch<SmallTensorTile>();

        void Launch<TTile>()
            where TTile : struct, ITensorTile => kernels.Launch(
                tensorCores == TensorCores.Exact
                    ? TensorLinearKernel.Run<TTile, ExactParts, TPairs>
                    : TensorLinearKernel.Run<TTile, RoundedParts, TPairs>,
                new KernelConfig(checked((int)TilesOf<TTile>()), GroupOf<TTile>()),
                Own(x).As<Float4>(), pairs, sizes);

        long TilesOf<TTile>()
            where TTile : struct, ITensorTile
        {
            var width = default(TTile).Side * TensorLinearKernel.WarpWidth;
            return (long)((sizes.Rows - 1) / width + 1) * ((columns - 1) / width + 1);
        }
    }

    // The threads of a group on tensor cores: a warp for each part of the tile.
    static int GroupOf<TTile>()
        where TTile : struct, ITensorTile => default(TTile).Side * default(TTile).Side * 32;

    void LinearInFours<TFour, TDequantizer>(
        Tensor x, Tensor weight, ProductSizes sizes, int batches, Tensor result)
        where TFour : unmanaged
        where TDequantizer : struct, IFourDequantizer<TFour> =>
        InFours<TFour, TDequantizer, PlainPairs<TFour>>(
            x, new() { Weight = Own(weight).As<TFour>(), Sizes = sizes, Result = Floats(result) }, sizes, batches);

    void InFours<TFour, TDequantizer, TPairs>(Tensor x, TPairs pairs, ProductSizes sizes, int batches)
        where TFour : unmanaged
        where TDequantizer : struct, IFourDequantizer<TFour>
        where TPairs : struct, IPairs<TFour>
    {
        var side = SideFor(sizes);
        kernels.Launch(
            side switch
            {
                2 => LinearKernel.Run<SmallTile, TFour, TDequantizer, TPairs>,
                8 => LinearKernel.Run<MiddleTile, TFour, TDequantizer, TPairs>,
                _ => LinearKernel.Run<LargeTile, TFour, TDequantizer, TPairs>,
            },
            Tiles(sizes.Rows, pairs.Count * 2, side, batches), Own(x).As<Float4>(), pairs, sizes);
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
            Tiles(sizes.Rows, sizes.Columns, side, batches), Floats(x), Own(y).As<TStored>(), sizes, Floats(result));
    }

    // With 32 rows, a tile of 64 would leave half its threads idle, and a small product few groups.
    int SideFor(in ProductSizes sizes) =>
        largestGroup < 64 ? 2 : largestGroup < 256 || Math.Min(sizes.Rows, sizes.Columns) <= 32 ? 8 : 16;

    static KernelConfig Tiles(int rows, int columns, int side, int batches)
    {
        var width = side * 4;
        var tiles = checked(((rows - 1) / width + 1) * ((columns - 1) / width + 1));
        return new(new Index3D(tiles, batches, 1), new Index3D(side * side, 1, 1));
    }
}
