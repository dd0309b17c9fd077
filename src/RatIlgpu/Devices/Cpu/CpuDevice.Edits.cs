using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination) =>
        Edit(new FilledRow(value), rows, destination);

    /// <inheritdoc/>
    protected override void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination) =>
        Edit(new ScaledRow(simd, factor), rows, destination);

    /// <inheritdoc/>
    protected override void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        fixed (int* from = sourceRows)
            Edit(new CopiedRow(RowsOf(source), source.Shape[1], from), rows, destination);
    }

    /// <inheritdoc/>
    protected override void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        fixed (int* from = sourceRows)
            Edit(new AddedRow(simd, RowsOf(source), from), rows, destination);
    }

    void Edit<TEdit>(TEdit edit, ReadOnlySpan<int> rows, Tensor destination)
        where TEdit : struct, IRowEdit
    {
        fixed (int* places = rows)
            RunRanges(new EditRowsWork<TEdit>(
                edit, places, rows.Length, RowsOf(destination), destination.Shape[1]));
    }
}
