namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    protected override void ReducePatternCore(
        Tensor pattern, Tensor? factors, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows,
        Tensor result)
    {
        var count = heads.Length;
        EachRow([.. heads, .. rows], result, both =>
        {
            var chosen = AttentionChoice.Of(both, count);
            chosen.IsMaximum = reduction == HeadReduction.Max ? 1 : 0;
            chosen.Factors = FactorsOf(factors, chosen.Heads);
            kernels.Launch(
                ReducePatternOneThreadKernel.Run, Shares, Floats(pattern),
                AttentionSizes.Of(pattern.Shape, int.MaxValue), chosen,
                Scratch(factors is null ? 0 : Leaf.Block), Floats(result));
        });
    }
}
