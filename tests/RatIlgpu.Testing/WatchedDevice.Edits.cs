using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public partial class WatchedDevice
{
    protected override void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination)
    {
        Note("FillRows");
        inner.FillRows(value, rows, destination);
    }

    protected override void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination)
    {
        Note("ScaleRows");
        inner.ScaleRows(factor, rows, destination);
    }

    protected override void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        Note("CopyRows");
        inner.CopyRows(source, sourceRows, rows, destination);
    }

    protected override void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        Note("AddRows");
        inner.AddRows(source, sourceRows, rows, destination);
    }
}
