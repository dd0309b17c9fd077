namespace RatIlgpu.Devices;

/// <summary>Edits some rows of a matrix; a piece is a row.</summary>
/// <typeparam name="TEdit">The edit.</typeparam>
readonly unsafe struct EditRowsWork<TEdit>(TEdit edit, int* rows, int count, Matrix destination, nint width)
    : IRangeWork
    where TEdit : struct, IRowEdit
{
    public long Count => count;

    public long StepsPerPiece => width;

    public void Do(long start, long end)
    {
        for (var i = start; i < end; i++)
            edit.Change(i, destination.Row(rows[i]), width);
    }
}

/// <summary>A change of one row.</summary>
unsafe interface IRowEdit
{
    /// <summary>Changes a row of some numbers, the <paramref name="index"/>th of the rows to change.</summary>
    void Change(long index, float* row, nint width);
}

/// <summary>Computes a row of <see cref="Device.FillRows"/>.</summary>
readonly unsafe struct FilledRow(float value) : IRowEdit
{
    public void Change(long index, float* row, nint width) => new Span<float>(row, (int)width).Fill(value);
}

/// <summary>Computes a row of <see cref="Device.ScaleRows"/>.</summary>
readonly unsafe struct ScaledRow(Simd simd, float factor) : IRowEdit
{
    public void Change(long index, float* row, nint width) => simd.Scale(row, factor, row, width);
}

/// <summary>Computes a row of <see cref="Device.CopyRows"/>.</summary>
readonly unsafe struct CopiedRow(Matrix source, nint length, int* sourceRows) : IRowEdit
{
    public void Change(long index, float* row, nint width)
    {
        var count = (int)Math.Min(length, width);
        new Span<float>(source.Row(sourceRows[index]), count).CopyTo(new(row, count));
        new Span<float>(row + count, (int)width - count).Clear();
    }
}

/// <summary>Computes a row of <see cref="Device.AddRows"/>.</summary>
readonly unsafe struct AddedRow(Simd simd, Matrix source, int* sourceRows) : IRowEdit
{
    public void Change(long index, float* row, nint width) =>
        simd.Add(row, source.Row(sourceRows[index]), row, width);
}
