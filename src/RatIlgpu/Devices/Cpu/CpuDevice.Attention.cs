using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result) =>
        RunItems(new PatternWork(simd, null, new HeadRows(query), new HeadRows(key), FloatsOf(result)));

    /// <inheritdoc/>
    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        using var range = new VisibleRange(visibility, scores.Shape[1], scores.Shape[2]);
        RunRanges(new SoftmaxWork(simd, range, FloatsOf(scores), scores.Shape[0], FloatsOf(result)));
    }

    /// <inheritdoc/>
    protected override void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result)
    {
        using var range = new VisibleRange(visibility, query.Shape[0], key.Shape[0]);
        RunItems(new PatternWork(simd, range, new HeadRows(query), new HeadRows(key), FloatsOf(result)));
    }

    /// <inheritdoc/>
    protected override void MixCore(Tensor pattern, Tensor value, Tensor result) =>
        RunItems(new MixWork(simd, FloatsOf(pattern), new HeadRows(value), new HeadRows(result)));

    /// <inheritdoc/>
    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        using var range = new VisibleRange(visibility, query.Shape[0], key.Shape[0]);
        RunItems(new AttendWork(
            simd, new HeadRows(query), new HeadRows(key), new HeadRows(value), range, new HeadRows(result),
            scheduler.Shares));
    }

    /// <inheritdoc/>
    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Tensor? factors, Visibility visibility, HeadReduction reduction,
        ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        using var range = new VisibleRange(visibility, query.Shape[0], key.Shape[0]);
        RunItems(new AggregateWork(
            new PatternRows(simd, range), new HeadRows(query), new HeadRows(key), FactorsOf(factors), reduction,
            heads.ToArray(), rows.ToArray(), FloatsOf(result)));
    }

    static KeyFactors FactorsOf(Tensor? factors) =>
        factors is null ? default : new KeyFactors(FloatsOf(factors), factors.Shape[1]);
}
