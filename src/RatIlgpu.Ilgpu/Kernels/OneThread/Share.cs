namespace RatIlgpu.Ilgpu;

/// <summary>The part of an operation that a thread computes, where no thread of the group waits for
/// another.</summary>
static class Share
{
    // A multiple of the columns of every tile: 4, 3 or 2.
    const int ColumnUnit = 12;

    /// <summary>Gets the number of this share.</summary>
    public static int Index => Group.IdxX;

    /// <summary>Gets the number of shares.</summary>
    public static int Count => Group.DimX;

    /// <summary>Returns the first of the neighbouring units of this share.</summary>
    public static long First(long units) => units * Index / Count;

    /// <summary>Returns the unit after the last of this share.</summary>
    public static long End(long units) => units * (Index + 1) / Count;

    /// <summary>Returns the first of this share of the columns of a product, and how many they are.</summary>
    public static (int First, int Count) Columns(int columns)
    {
        var units = (columns + ColumnUnit - 1) / ColumnUnit;
        var first = (int)First(units) * ColumnUnit;
        return (first, IntrinsicMath.Min(columns, (int)End(units) * ColumnUnit) - first);
    }

    /// <summary>Returns the scratch memory of this share, if there is any.</summary>
    /// <remarks>ILGPU does not allow an empty view to start at the end of another.</remarks>
    public static ArrayView<float> Of(ArrayView<float> scratch)
    {
        if (scratch.Length == 0)
            return scratch;
        var count = scratch.Length / Count;
        return scratch.SubView(count * Index, count);
    }
}
