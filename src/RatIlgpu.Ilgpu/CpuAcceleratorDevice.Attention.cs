namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result) =>
        Patterns(query, key, Visibility.Causal, 0, result);

    protected override void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result) =>
        Patterns(query, key, visibility, 1, result);

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result) => Compute(
        result, () =>
        {
            var mask = FloatsOrNone(visibility.KeyMask);
            kernels.Launch(
                SoftmaxOneThreadKernel.Run, Shares, Floats(scores), mask,
                AttentionSizes.Of(scores.Shape, visibility.Window), Scratch(mask.Length), Floats(result));
        });

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result) => Compute(
        result, () => kernels.Launch(
            MixOneThreadKernel.Run, Shares, Floats(pattern), Floats(value),
            AttentionSizes.Of(result.Shape, value.Shape), AttentionBlocks.Of(1, simd), Floats(result)));

    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result) =>
        Compute(result, () =>
        {
            var (mask, group) = (FloatsOrNone(visibility.KeyMask), query.Shape[1] / key.Shape[1]);
            var blocks = AttentionBlocks.Of(group, simd);
            var own = AttendedRows.ScratchCount(blocks.Queries * group, query.Shape[2]) + mask.Length;
            kernels.Launch(
                AttendOneThreadKernel.Run, Shares, Floats(query), Floats(key), Floats(value), mask,
                AttentionSizes.Of(query.Shape, key.Shape, visibility.Window), blocks, Scratch(own), Floats(result));
        });

    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Tensor? factors, Visibility visibility, HeadReduction reduction,
        ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        var (count, group) = (heads.Length, query.Shape[1] / key.Shape[1]);
        EachRow([.. heads, .. rows], result, both =>
        {
            var chosen = AttentionChoice.Of(both, count);
            chosen.IsMaximum = reduction == HeadReduction.Max ? 1 : 0;
            chosen.Factors = FactorsOf(factors, chosen.Heads);
            var mask = FloatsOrNone(visibility.KeyMask);
            var own = (long)group * (query.Shape[2] + key.Shape[0]) + mask.Length;
            kernels.Launch(
                AggregateOneThreadKernel.Run, Shares, Floats(query), Floats(key), mask,
                AttentionSizes.Of(query.Shape, key.Shape, visibility.Window), chosen, AttentionBlocks.Of(1, simd),
                Scratch(own), Floats(result));
        });
    }

    void Patterns(Tensor query, Tensor key, Visibility visibility, int isPattern, Tensor result) => Compute(
        result, () =>
        {
            var (mask, blocks) = (FloatsOrNone(visibility.KeyMask), AttentionBlocks.Of(1, simd));
            var own = (long)blocks.Queries * query.Shape[2] + mask.Length;
            kernels.Launch(
                PatternOneThreadKernel.Run, Shares, Floats(query), Floats(key), mask,
                AttentionSizes.Of(query.Shape, key.Shape, visibility.Window), blocks, isPattern, Scratch(own),
                Floats(result));
        });
}
