namespace RatIlgpu.Ilgpu;

static class GatherOneThreadKernel
{
    /// <summary>One thread per share of the rows: <c>result[i] = table[rows[i]]</c>, as F32.</summary>
    public static void Run(
        ArrayView<byte> table, int format, int size, ArrayView<int> rows, int width, ArrayView<float> result)
    {
        var end = Share.End(rows.Length);
        for (var i = Share.First(rows.Length); i < end; i++)
            Leaf.Widen(table, (long)rows[i] * width * size, format, result, i * width, width);
    }
}

static class RmsNormOneThreadKernel
{
    /// <summary>One thread per share of the rows: <c>result = gain ⊙ x / sqrt(mean(x²) + epsilon)</c>.</summary>
    public static void Run(
        ArrayView<float> x, ArrayView<byte> gain, int format, float epsilon, ArrayView<float> scratch,
        ArrayView<float> result)
    {
        var gains = Share.Of(scratch);
        var width = gains.IntLength;
        var (first, end) = (Share.First(x.Length / width), Share.End(x.Length / width));
        if (first < end)
            Leaf.Widen(gain, 0, format, gains, 0, width);
        for (var row = first; row < end; row++)
        {
            var scale = Leaf.ScaleOf(x, row * width, width, epsilon);
            for (var i = 0; i < width; i += Leaf.Block)
                Leaf.ScaleEach(
                    x, row * width + i, gains, i, scale, result, row * width + i, Blocks.Length(i, width));
        }
    }
}

static class RotateOneThreadKernel
{
    /// <summary>One thread per share of the positions: rotates the pairs of every head by the angles of its
    /// position.</summary>
    public static void Run(ArrayView<float> x, ArrayView<float> angles, AttentionSizes sizes, ArrayView<float> result)
    {
        var half = sizes.HeadSize / 2;
        var end = Share.End(sizes.Queries);
        for (var position = Share.First(sizes.Queries); position < end; position++)
            for (var head = 0; head < sizes.Heads; head++)
                RotatedPairs.Rotate(
                    x, sizes.QueryAt((int)position, head), angles, position * sizes.HeadSize, result, half, half);
    }
}

static class NormRotateOneThreadKernel
{
    /// <summary>One thread per share of the positions: norms every head as a row, and rotates its pairs by the angles
    /// of its position, in place.</summary>
    public static void Run(
        ArrayView<byte> gain, int format, float epsilon, ArrayView<float> angles, AttentionSizes sizes,
        ArrayView<float> scratch, ArrayView<float> heads)
    {
        var gains = Share.Of(scratch);
        var (width, half) = (sizes.HeadSize, sizes.HeadSize / 2);
        var (first, end) = (Share.First(sizes.Queries), Share.End(sizes.Queries));
        if (first < end)
            Leaf.Widen(gain, 0, format, gains, 0, width);
        for (var position = first; position < end; position++)
            for (var head = 0; head < sizes.Heads; head++)
            {
                var at = sizes.QueryAt((int)position, head);
                var scale = Leaf.ScaleOf(heads, at, width, epsilon);
                for (var i = 0; i < width; i += Leaf.Block)
                    Leaf.ScaleEach(heads, at + i, gains, i, scale, heads, at + i, Blocks.Length(i, width));
                RotatedPairs.Rotate(heads, at, angles, position * width, heads, half, half);
            }
    }
}

/// <summary>The pairs <c>(m, m + half)</c> of a head.</summary>
static class RotatedPairs
{
    /// <summary>Rotates neighbouring pairs, block by block.</summary>
    /// <param name="x">The heads.</param>
    /// <param name="at">The first number of the first pair, in x and in the result.</param>
    /// <param name="angles">The angles.</param>
    /// <param name="atAngles">The cosine of the first pair.</param>
    /// <param name="result">The rotated heads.</param>
    /// <param name="half">The distance of the numbers of a pair, and of its cosine and sine.</param>
    /// <param name="count">The number of pairs.</param>
    public static void Rotate(
        ArrayView<float> x, long at, ArrayView<float> angles, long atAngles, ArrayView<float> result, int half,
        int count)
    {
        for (var m = 0; m < count; m += Leaf.Block)
            Leaf.Rotate(x, at + m, angles, atAngles + m, result, at + m, half, Blocks.Length(m, count));
    }
}
