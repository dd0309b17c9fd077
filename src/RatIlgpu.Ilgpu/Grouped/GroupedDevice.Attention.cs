using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = AttentionSizes.Of(query.Shape, key.Shape);
        var product = new ProductSizes
        {
            Rows = sizes.Queries,
            Columns = sizes.Keys,
            Inner = sizes.HeadSize,
            Group = sizes.Heads / sizes.KeyHeads,
            Factor = sizes.Scale,
            XBatch = sizes.HeadSize,
            XRow = query.Shape.RowLength,
            YBatch = sizes.HeadSize,
            YColumn = key.Shape.RowLength,
            YInner = 1,
            ResultBatch = result.Shape.RowLength,
            ResultRow = sizes.Keys,
        };
        lock (Gate)
            Product<float, FromF32>(query, key, product, sizes.Heads, result);
    }

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = AttentionSizes.Of(scores.Shape, visibility.Window);
        lock (Gate)
            Kernels.Load(SoftmaxKernel.Run<TReduction>, Groups((long)sizes.Heads * sizes.Queries))(
                Floats(scores), FloatsOrNone(visibility.KeyMask), sizes, Floats(result));
    }

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = AttentionSizes.Of(result.Shape, value.Shape);
        var product = new ProductSizes
        {
            Rows = sizes.Queries,
            Columns = sizes.HeadSize,
            Inner = sizes.Keys,
            Group = sizes.Heads / sizes.KeyHeads,
            Factor = 1,
            XBatch = pattern.Shape.RowLength,
            XRow = sizes.Keys,
            YBatch = sizes.HeadSize,
            YColumn = 1,
            YInner = value.Shape.RowLength,
            ResultBatch = sizes.HeadSize,
            ResultRow = result.Shape.RowLength,
        };
        lock (Gate)
            Product<float, FromF32>(pattern, value, product, sizes.Heads, result);
    }

    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = AttentionSizes.Of(query.Shape, key.Shape, visibility.Window);
        lock (Gate)
            Kernels.Load(AttendKernel.Run<TReduction>, Groups((long)sizes.Queries * sizes.Heads))(
                Floats(query), Floats(key), Floats(value), FloatsOrNone(visibility.KeyMask), sizes, Floats(result));
    }

    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Visibility visibility, HeadReduction reduction, ReadOnlySpan<int> heads,
        Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        var sizes = AttentionSizes.Of(query.Shape, key.Shape, visibility.Window);
        using var statistics = Allocate(sizes.Queries, heads.Length, 2);
        lock (Gate)
        {
            using var placed = Place(heads);
            var (mask, chosen) = (FloatsOrNone(visibility.KeyMask), placed.View.BaseView);
            Kernels.Load(StatisticsKernel.Run<TReduction>, Groups((long)sizes.Queries * heads.Length))(
                Floats(query), Floats(key), mask, sizes, chosen, Floats(statistics));
            Kernels.Load(AggregateKernel.Run, Each(result))(
                Floats(query), Floats(key), mask, sizes, chosen, Floats(statistics),
                reduction == HeadReduction.Max ? 1 : 0, Floats(result));
        }
    }
}
