namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    protected override void ReducePatternCore(
        Tensor pattern, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        if (result.Shape.Count == 0)
            return;
        lock (Gate)
        {
            using var loaded = LoadRows([.. heads, .. rows]);
            var chosen = AttentionChoice.Of(loaded.ViewOf<int>(heads.Length + rows.Length), heads.Length);
            chosen.IsMaximum = reduction == HeadReduction.Max ? 1 : 0;
            Use(() => kernels.Launch(
                ReducePatternOneThreadKernel.Run, Shares, Floats(pattern), AttentionSizes.Of(pattern.Shape, int.MaxValue),
                chosen, Floats(result)));
        }
    }
}
