using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result)
    {
        var (queries, keys, width) = (result.Shape[0], result.Shape[1], weight.Shape[0]);
        RunItems(new NearnessWork(
            simd, FloatsOf(pattern), pattern.Shape, new HeadRows(value), new WeightElements(weight), width,
            FloatsOf(after), FloatsOf(result)));
        RunRanges(new FlowRowsWork(simd, FloatsOf(before), FloatsOf(after), width, queries, keys, FloatsOf(result)));
    }
}
