using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    // Whole cache lines and vectors of any level.
    const long ElementUnit = 1024;

    /// <inheritdoc/>
    protected override void CopyCore(Tensor source, Tensor destination)
    {
        float* from = FloatsOf(source), to = FloatsOf(destination);
        Split(source.Shape.Count, ElementUnit, ElementUnit, (start, end) =>
            Buffer.MemoryCopy(from + start, to + start, (end - start) * sizeof(float), (end - start) * sizeof(float)));
    }

    /// <inheritdoc/>
    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        float* a = FloatsOf(x), b = FloatsOf(y), sum = FloatsOf(result);
        Split(result.Shape.Count, ElementUnit, ElementUnit, (start, end) =>
            simd.Add(a + start, b + start, sum + start, (nint)(end - start)));
    }

    /// <inheritdoc/>
    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        float* a = FloatsOf(gate), b = FloatsOf(up), gated = FloatsOf(result);
        Split(result.Shape.Count, ElementUnit, 4 * ElementUnit, (start, end) =>
            simd.SwiGlu(a + start, b + start, gated + start, (nint)(end - start)));
    }
}
