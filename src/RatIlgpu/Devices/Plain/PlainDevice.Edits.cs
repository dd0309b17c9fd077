using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination)
    {
        var (numbers, width) = (new Numbers(destination), destination.Shape.RowLength);
        foreach (var row in rows)
            for (long j = 0; j < width; j++)
                numbers[row * width + j] = value;
    }

    /// <inheritdoc/>
    protected override void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination)
    {
        var (numbers, width) = (new Numbers(destination), destination.Shape.RowLength);
        foreach (var row in rows)
            for (long j = 0; j < width; j++)
                numbers[row * width + j] *= factor;
    }

    /// <inheritdoc/>
    protected override void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        var (from, to) = (new Numbers(source), new Numbers(destination));
        var (length, width) = (source.Shape.RowLength, destination.Shape.RowLength);
        for (var i = 0; i < rows.Length; i++)
            for (long j = 0; j < width; j++)
                to[rows[i] * width + j] = j < length ? from[sourceRows[i] * length + j] : 0;
    }

    /// <inheritdoc/>
    protected override void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        var (from, to, width) = (new Numbers(source), new Numbers(destination), destination.Shape.RowLength);
        for (var i = 0; i < rows.Length; i++)
            for (long j = 0; j < width; j++)
                to[rows[i] * width + j] += from[sourceRows[i] * width + j];
    }
}
