using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

sealed unsafe partial class SimdDevice
{
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result)
    {
        var cut = CutOf(result.Shape.Count * query.Shape[2] / 4);
        lock (Gate)
            Kernels.Load(SimdScoresKernel.Run, cut)(
                cut.First, Floats(query), Floats(key), AttentionSizes.Of(query.Shape, key.Shape), Floats(result),
                cut.Shares);
    }

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        var cut = CutOf(4 * scores.Shape.Count);
        lock (Gate)
            Kernels.Load(SimdSoftmaxKernel.Run, cut)(
                cut.First, Floats(scores), FloatsOrNone(visibility.KeyMask),
                AttentionSizes.Of(scores.Shape, visibility.Window), Floats(result), cut.Shares);
    }

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result)
    {
        var cut = CutOf(pattern.Shape.Count * result.Shape[2] / 4);
        lock (Gate)
            Kernels.Load(SimdMixKernel.Run, cut)(
                cut.First, Floats(pattern), Floats(value), AttentionSizes.Of(result.Shape, value.Shape), Floats(result),
                cut.Shares);
    }

    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        var cut = CutOf(query.Shape.Count * key.Shape[0] / 4);
        lock (Gate)
            Kernels.Load(SimdAttendKernel.Run, cut)(
                cut.First, Floats(query), Floats(key), Floats(value), FloatsOrNone(visibility.KeyMask),
                AttentionSizes.Of(query.Shape, key.Shape, visibility.Window), Floats(result), cut.Shares);
    }

    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Visibility visibility, HeadReduction reduction, ReadOnlySpan<int> heads,
        Tensor result)
    {
        var cut = CutOf(result.Shape.Count * heads.Length * query.Shape[2] / 4);
        lock (Gate)
        {
            using var placed = Place(heads);
            Kernels.Load(SimdAggregateKernel.Run, cut)(
                cut.First, Floats(query), Floats(key), FloatsOrNone(visibility.KeyMask),
                AttentionSizes.Of(query.Shape, key.Shape, visibility.Window), reduction, placed.View.BaseView,
                Floats(result), cut.Shares);
        }
    }
}
