namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    protected override void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow(rows, destination, places => kernels.Launch(
            FillRowsKernel.Run, Groups(places.Length), value, places, destination.Shape[1], Floats(destination)));

    protected override void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow(rows, destination, places => kernels.Launch(
            ScaleRowsKernel.Run, Groups(places.Length), factor, places, destination.Shape[1], Floats(destination)));

    protected override void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow([.. sourceRows, .. rows], destination, places => kernels.Launch(
            CopyRowsKernel.Run, Groups(places.Length / 2), Floats(source), source.Shape[1], places,
            destination.Shape[1], Floats(destination)));

    protected override void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination) =>
        EachRow([.. sourceRows, .. rows], destination, places => kernels.Launch(
            AddRowsKernel.Run, Groups(places.Length / 2), Floats(source), places, destination.Shape[1],
            Floats(destination)));
}
