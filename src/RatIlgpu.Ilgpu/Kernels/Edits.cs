namespace RatIlgpu.Ilgpu;

static class FillRowsKernel
{
    /// <summary>One group per changed row: <c>destination[rows[i]] = value</c>.</summary>
    public static void Run(float value, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var row = (long)rows[Grid.IdxX] * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            destination[row + j] = value;
    }
}

static class ScaleRowsKernel
{
    /// <summary>One group per changed row: <c>destination[rows[i]] = destination[rows[i]] · factor</c>.</summary>
    public static void Run(float factor, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var row = (long)rows[Grid.IdxX] * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            destination[row + j] *= factor;
    }
}

static class CopyRowsKernel
{
    /// <summary>One group per changed row: <c>destination[rows[n + i]] = source[rows[i]]</c> for 2n rows, cut, or
    /// filled up with 0, to the width of the destination.</summary>
    public static void Run(
        ArrayView<float> source, int length, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var from = (long)rows[Grid.IdxX] * length;
        var row = (long)rows[Grid.DimX + Grid.IdxX] * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            destination[row + j] = j < length ? source[from + j] : 0f;
    }
}

static class AddRowsKernel
{
    /// <summary>One group per changed row: <c>destination[rows[n + i]] = destination[rows[n + i]] +
    /// source[rows[i]]</c> for 2n rows.</summary>
    public static void Run(
        ArrayView<float> source, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var from = (long)rows[Grid.IdxX] * width;
        var row = (long)rows[Grid.DimX + Grid.IdxX] * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            destination[row + j] += source[from + j];
    }
}
