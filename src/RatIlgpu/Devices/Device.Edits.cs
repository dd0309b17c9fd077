using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Sets every number of some rows: <c>destination[rows[i]] = value</c>.</summary>
    /// <param name="value">The number.</param>
    /// <param name="rows">Row numbers, ascending, in [0, rows of <paramref name="destination"/>).</param>
    /// <param name="destination"><c>[rows, width]</c>; its other rows stay as they are.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit, or the rows do not ascend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not there.</exception>
    public void FillRows(float value, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckRows(nameof(FillRows), rows, destination);
        FillRowsCore(value, rows, destination);
        KeepAlive(destination);
    }

    /// <summary>Multiplies some rows by a number: <c>destination[rows[i]] = destination[rows[i]] ·
    /// factor</c>.</summary>
    /// <param name="factor">The number.</param>
    /// <param name="rows">Row numbers, ascending, in [0, rows of <paramref name="destination"/>).</param>
    /// <param name="destination"><c>[rows, width]</c>; its other rows stay as they are.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit, or the rows do not ascend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not there.</exception>
    public void ScaleRows(float factor, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckRows(nameof(ScaleRows), rows, destination);
        ScaleRowsCore(factor, rows, destination);
        KeepAlive(destination);
    }

    /// <summary>Replaces some rows: <c>destination[rows[i]] = source[sourceRows[i]]</c>.</summary>
    /// <param name="source"><c>[rows, width]</c>. Where its rows are shorter than those of
    /// <paramref name="destination"/>, the rest becomes 0; where they are longer, the rest is left out: rows of
    /// patterns over different numbers of keys fit each other.</param>
    /// <param name="sourceRows">A row of <paramref name="source"/> for each of <paramref name="rows"/>, in any
    /// order.</param>
    /// <param name="rows">Row numbers, ascending, in [0, rows of <paramref name="destination"/>).</param>
    /// <param name="destination"><c>[rows, width]</c>, which does not overlap <paramref name="source"/>; its other rows
    /// stay as they are.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit, or the rows do not ascend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not there.</exception>
    public void CopyRows(Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckRows(nameof(CopyRows), rows, destination);
        CheckSourceRows(nameof(CopyRows), source, sourceRows, rows.Length);
        CopyRowsCore(source, sourceRows, rows, destination);
        KeepAlive(source, destination);
    }

    /// <summary>Adds rows to some rows: <c>destination[rows[i]] = destination[rows[i]] +
    /// source[sourceRows[i]]</c>.</summary>
    /// <param name="source"><c>[rows, width]</c>.</param>
    /// <param name="sourceRows">A row of <paramref name="source"/> for each of <paramref name="rows"/>, in any
    /// order.</param>
    /// <param name="rows">Row numbers, ascending, in [0, rows of <paramref name="destination"/>).</param>
    /// <param name="destination"><c>[rows, width]</c>, which does not overlap <paramref name="source"/>; its other rows
    /// stay as they are.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit, or the rows do not ascend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not there.</exception>
    public void AddRows(Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckRows(nameof(AddRows), rows, destination);
        CheckSourceRows(nameof(AddRows), source, sourceRows, rows.Length);
        NeedShape(source, new Shape(source.Shape[0], destination.Shape[1]), nameof(AddRows), nameof(source));
        AddRowsCore(source, sourceRows, rows, destination);
        KeepAlive(source, destination);
    }

    /// <summary>Computes <see cref="FillRows"/>.</summary>
    protected abstract void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination);

    /// <summary>Computes <see cref="ScaleRows"/>.</summary>
    protected abstract void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination);

    /// <summary>Computes <see cref="CopyRows"/>.</summary>
    protected abstract void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination);

    /// <summary>Computes <see cref="AddRows"/>.</summary>
    protected abstract void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination);

    // Ascending rows are no row twice: rows are computed at the same time.
    static void CheckRows(string operation, ReadOnlySpan<int> rows, Tensor destination)
    {
        NeedRank(destination, 2, operation, nameof(destination));
        NeedFloats(destination, operation, nameof(destination));
        NeedRows(operation, rows, destination.Shape[0], $"destination {destination.Shape}");
        for (var i = 1; i < rows.Length; i++)
            if (rows[i] <= rows[i - 1])
                throw Unfit(operation, $"row {rows[i]} follows row {rows[i - 1]}, expected ascending rows");
    }

    static void CheckSourceRows(string operation, Tensor source, ReadOnlySpan<int> sourceRows, int count)
    {
        NeedRank(source, 2, operation, nameof(source));
        NeedFloats(source, operation, nameof(source));
        if (sourceRows.Length != count)
            throw Unfit(operation, $"{sourceRows.Length} rows of the source were given for {count} rows");
        NeedRows(operation, sourceRows, source.Shape[0], $"source {source.Shape}", nameof(sourceRows));
    }
}
