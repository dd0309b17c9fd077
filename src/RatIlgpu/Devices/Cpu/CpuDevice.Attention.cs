using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result) =>
        Share(new ScoresWork(simd, new Heads(query), new Heads(key), FloatsOf(result)));

    /// <inheritdoc/>
    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        using var sight = new Sight(visibility, scores.Shape[1], scores.Shape[2]);
        Split(new SoftmaxWork(
            new PatternRows(simd, sight), sight, FloatsOf(scores), scores.Shape[0], FloatsOf(result)));
    }

    /// <inheritdoc/>
    protected override void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result)
    {
        using var sight = new Sight(visibility, query.Shape[0], key.Shape[0]);
        Share(new PatternWork(
            simd, new PatternRows(simd, sight), sight, new Heads(query), new Heads(key), FloatsOf(result)));
    }

    /// <inheritdoc/>
    protected override void MixCore(Tensor pattern, Tensor value, Tensor result) =>
        Share(new MixWork(simd, FloatsOf(pattern), new Heads(value), new Heads(result)));

    /// <inheritdoc/>
    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        using var sight = new Sight(visibility, query.Shape[0], key.Shape[0]);
        Share(new AttendWork(simd, new Heads(query), new Heads(key), new Heads(value), sight, new Heads(result)));
    }

    /// <inheritdoc/>
    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Visibility visibility, HeadReduction reduction, ReadOnlySpan<int> heads,
        Tensor result)
    {
        using var sight = new Sight(visibility, query.Shape[0], key.Shape[0]);
        Share(new AggregateWork(
            new PatternRows(simd, sight), new Heads(query), new Heads(key), reduction, heads.ToArray(),
            FloatsOf(result)));
    }
}
