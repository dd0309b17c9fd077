namespace RatIlgpu.Ilgpu;

static class FillRowsOneThreadKernel
{
    /// <summary>One thread per share of the changed rows: <c>destination[rows[i]] = value</c>.</summary>
    public static void Run(float value, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var end = Share.End(rows.Length);
        for (var i = Share.First(rows.Length); i < end; i++)
            PatternRow.Fill(value, destination, (long)rows[i] * width, width);
    }
}

static class ScaleRowsOneThreadKernel
{
    /// <summary>One thread per share of the changed rows: <c>destination[rows[i]] = destination[rows[i]] ·
    /// factor</c>.</summary>
    public static void Run(float factor, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var end = Share.End(rows.Length);
        for (var i = Share.First(rows.Length); i < end; i++)
            for (var j = 0; j < width; j += Leaf.Block)
            {
                var at = (long)rows[i] * width + j;
                Leaf.Scale(destination, at, factor, destination, at, Blocks.Length(j, width));
            }
    }
}

static class CopyRowsOneThreadKernel
{
    /// <summary>One thread per share of the changed rows: <c>destination[rows[n + i]] = source[rows[i]]</c> for 2n
    /// rows, cut, or filled up with 0, to the width of the destination.</summary>
    public static void Run(
        ArrayView<byte> source, int length, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var count = rows.Length / 2;
        var copied = IntrinsicMath.Min(length, width);
        var end = Share.End(count);
        for (var i = Share.First(count); i < end; i++)
        {
            var at = (long)rows[count + i] * width;
            Leaf.Widen(
                source, (long)rows[i] * length * sizeof(float), (int)DataType.F32, destination, at, copied);
            PatternRow.Fill(0, destination, at + copied, width - copied);
        }
    }
}

static class AddRowsOneThreadKernel
{
    /// <summary>One thread per share of the changed rows: <c>destination[rows[n + i]] = destination[rows[n + i]] +
    /// source[rows[i]]</c> for 2n rows.</summary>
    public static void Run(
        ArrayView<float> source, ArrayView<int> rows, int width, ArrayView<float> destination)
    {
        var count = rows.Length / 2;
        var end = Share.End(count);
        for (var i = Share.First(count); i < end; i++)
            for (var j = 0; j < width; j += Leaf.Block)
            {
                var at = (long)rows[count + i] * width + j;
                Leaf.Add(
                    destination, at, source, (long)rows[i] * width + j, destination, at, Blocks.Length(j, width));
            }
    }
}
