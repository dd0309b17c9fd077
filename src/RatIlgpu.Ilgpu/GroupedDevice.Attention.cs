namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result)
    {
        var sizes = AttentionSizes.Of(query.Shape, key.Shape);
        var product = ProductSizes.OfScores(sizes);
        Compute(result, () =>
        {
            if (isProcessor)
                LinearOnProcessor<float, FromF32>(query, key, product, sizes.Heads, result);
            else if (IsInFours(query, key, product))
                LinearInFours<Float4, FromF32>(query, key, product, sizes.Heads, result);
            else
                Product<float, FromF32>(query, key, product, sizes.Heads, result);
        });
    }

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        var sizes = AttentionSizes.Of(scores.Shape, visibility.Window);
        Compute(result, () => kernels.Launch(
            SoftmaxKernel.Run<TReduction>, Groups((long)sizes.Heads * sizes.Queries), Floats(scores),
            FloatsOrNone(visibility.KeyMask), sizes, Floats(result)));
    }

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result)
    {
        var sizes = AttentionSizes.Of(result.Shape, value.Shape);
        Compute(result, () =>
        {
            if (isProcessor || !Own(value).IsInFours)
                Product<float, FromF32>(pattern, value, ProductSizes.OfMix(sizes), sizes.Heads, result);
            else if (Own(pattern).IsInFours)
                MixInFours<AlignedFours>(pattern, value, sizes, result);
            else
                MixInFours<SingleFours>(pattern, value, sizes, result);
        });
    }

    void MixInFours<TFours>(Tensor pattern, Tensor value, AttentionSizes sizes, Tensor result)
        where TFours : struct, IPatternFours
    {
        var side = SideFor(ProductSizes.OfMix(sizes));
        kernels.Launch(
            side switch
            {
                2 => MixKernel.Run<SmallTile, TFours>,
                8 => MixKernel.Run<MiddleTile, TFours>,
                _ => MixKernel.Run<LargeTile, TFours>,
            },
            Tiles(sizes.Queries, sizes.HeadSize, side, sizes.Heads), Floats(pattern), Own(value).As<Float4>(), sizes,
            Floats(result));
    }

    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        var sizes = AttentionSizes.Of(query.Shape, key.Shape, visibility.Window);
        Compute(result, () =>
        {
            var mask = FloatsOrNone(visibility.KeyMask);
            if (isProcessor)
                kernels.Launch(
                    ProcessorAttendKernel.Run, ProcessorThreads(sizes), Floats(query), Floats(key), Floats(value),
                    mask, sizes, Floats(result));
            else if (IsFlash(sizes, query, key, value) && sizes.HeadSize == default(Head64).Size)
                Flash<Head64>(query, key, value, mask, sizes, result);
            else if (IsFlash(sizes, query, key, value) && sizes.HeadSize == default(Head128).Size)
                Flash<Head128>(query, key, value, mask, sizes, result);
            else
                kernels.Launch(
                    AttendKernel.Run<TReduction>, Groups((long)sizes.Queries * sizes.Heads), Floats(query),
                    Floats(key), Floats(value), mask, sizes, Floats(result));
        });
    }

    // A few queries of long prompts make too few tiles; some OpenCL devices have less shared memory.
    bool IsFlash(in AttentionSizes sizes, Tensor query, Tensor key, Tensor value) =>
        sizes.Queries > FewRows && largestGroup >= default(Head64).Side * FlashAttendKernel.KeySide
        && Accelerator.MaxSharedMemoryPerGroup >= FlashAttendKernel.MostSharedMemory
        && Own(query).IsInFours && Own(key).IsInFours && Own(value).IsInFours;

    void Flash<THead>(
        Tensor query, Tensor key, Tensor value, ArrayView<float> mask, AttentionSizes sizes, Tensor result)
        where THead : struct, IHead
    {
        var tiles = FlashRows.Tiles(sizes, default(THead).Side * 4);
        kernels.Launch(
            FlashAttendKernel.Run<THead>,
            new KernelConfig(checked((int)tiles), default(THead).Side * FlashAttendKernel.KeySide),
            Own(query).As<Float4>(), Own(key).As<Float4>(), Own(value).As<Float4>(), mask, sizes, Floats(result));
    }

    static KernelConfig ProcessorThreads(in AttentionSizes sizes) => new(
        checked(((sizes.Queries - 1) / ProcessorAttendKernel.Queries + 1) * sizes.Heads), 1);
}
