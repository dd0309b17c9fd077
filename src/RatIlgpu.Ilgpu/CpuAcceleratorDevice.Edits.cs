namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    protected override void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow(rows, destination, places => kernels.Launch(
            FillRowsOneThreadKernel.Run, Shares, value, places, destination.Shape[1], Floats(destination)));

    protected override void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow(rows, destination, places => kernels.Launch(
            ScaleRowsOneThreadKernel.Run, Shares, factor, places, destination.Shape[1], Floats(destination)));

    protected override void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow([.. sourceRows, .. rows], destination, places => kernels.Launch(
            CopyRowsOneThreadKernel.Run, Shares, Bytes(source), source.Shape[1], places, destination.Shape[1],
            Floats(destination)));

    protected override void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow([.. sourceRows, .. rows], destination, places => kernels.Launch(
            AddRowsOneThreadKernel.Run, Shares, Floats(source), places, destination.Shape[1], Floats(destination)));
}
