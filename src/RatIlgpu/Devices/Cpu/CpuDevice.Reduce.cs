using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void ReducePatternCore(
        Tensor pattern, Tensor? factors, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows,
        Tensor result) => RunRanges(new ReduceWork(
            simd, FloatsOf(pattern), pattern.Shape, FactorsOf(factors), reduction, heads.ToArray(), rows.ToArray(),
            FloatsOf(result)));
}
