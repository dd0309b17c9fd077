using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void SumCellsCore(Tensor pattern, CellSums sums, Tensor result)
    {
        fixed (int* starts = sums.Starts.AsSpan(), cells = sums.Cells.AsSpan())
        fixed (float* weights = sums.Weights.AsSpan())
            RunRanges(new SumCellsWork(
                simd, FloatsOf(pattern), pattern.Shape[0], sums, starts, cells, weights, FloatsOf(result)));
    }

    /// <inheritdoc/>
    protected override void EntropyCore(Tensor pattern, Tensor result) => RunRanges(
        new EntropyWork(simd, FloatsOf(pattern), result.Shape.Count, pattern.Shape[2], FloatsOf(result)));
}
