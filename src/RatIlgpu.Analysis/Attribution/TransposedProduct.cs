namespace RatIlgpu.Analysis;

/// <summary>The product of a transposed weight and vectors.</summary>
static class TransposedProduct
{
    // The numbers of a weight that are converted to floats at a time, 4 MiB.
    internal const int MostNumbers = 1 << 20;

    /// <summary>Returns <c>weightᵀ·vector</c>, <c>[inputs]</c>.</summary>
    /// <param name="model">The model that the weight belongs to.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>.</param>
    /// <param name="vector"><c>[outputs]</c>.</param>
    public static double[] Transposed(this Qwen2Model model, Tensor weight, double[] vector) =>
        model.Transposed(weight, [.. Enumerable.Range(0, weight.Shape[0])], [vector])[0];

    /// <summary>Returns sums of rows, <c>[vectors][inputs]</c>: each vector has a factor for each row.</summary>
    /// <param name="model">The model whose device computes them.</param>
    /// <param name="weight">The table that the rows are taken from, <c>[outputs, inputs]</c>.</param>
    /// <param name="rows">The rows, each in [0, outputs).</param>
    /// <param name="vectors">The factors, <c>[vectors][rows]</c>.</param>
    /// <remarks>Devices do not have this product, but <see cref="Device.Mix"/> computes it: the rows of the weight are
    /// the values of as many keys, and the pattern of every head is the vectors, a query for each. The heads are no
    /// larger than those of the model, which every device supports. Partial sums are added in double.</remarks>
    public static double[][] Transposed(
        this Qwen2Model model, Tensor weight, ReadOnlySpan<int> rows, double[][] vectors)
    {
        var (device, inputs, queries) = (model.Device, weight.Shape[1], vectors.Length);
        var size = GreatestCommonDivisor(inputs, model.Config.HeadSize);
        var heads = inputs / size;
        // Mix needs as many keys as queries: where there are fewer rows, rows with the factor 0 follow them.
        var step = Math.Max(queries, int.Clamp(MostNumbers / inputs, 1, rows.Length));
        using var values = device.Allocate(step, inputs);
        using var pattern = device.Allocate(heads * queries * step);
        using var product = device.Allocate(queries, heads, size);
        var sums = new double[queries][];
        for (var query = 0; query < queries; query++)
            sums[query] = new double[inputs];
        var part = new float[queries * inputs];
        for (var start = 0; start < rows.Length; start += step)
        {
            var some = rows.Slice(start, int.Min(step, rows.Length - start));
            var keys = int.Max(some.Length, queries);
            var (read, factors) = (values.Slice(0, keys), pattern.Slice(0, heads * queries * keys));
            device.Gather(weight, Padded(some, keys), read);
            device.Upload(Repeated(vectors, start, some.Length, keys, heads), factors);
            device.Mix(factors.Reshape(heads, queries, keys), read.Reshape(keys, heads, size), product);
            device.Download(product, part);
            for (var i = 0; i < part.Length; i++)
                sums[i / inputs][i % inputs] += part[i];
        }

        return sums;
    }

    static int[] Padded(ReadOnlySpan<int> rows, int count)
    {
        var padded = new int[count];
        padded.AsSpan().Fill(rows[0]);
        rows.CopyTo(padded);
        return padded;
    }

    // [times, vectors, keys]: some factors of each vector, and zeros behind them.
    static float[] Repeated(double[][] vectors, int start, int count, int keys, int times)
    {
        var block = new float[vectors.Length * keys];
        for (var vector = 0; vector < vectors.Length; vector++)
            for (var i = 0; i < count; i++)
                block[(vector * keys) + i] = (float)vectors[vector][start + i];
        var repeated = new float[times * block.Length];
        for (var i = 0; i < times; i++)
            block.CopyTo(repeated, i * block.Length);
        return repeated;
    }

    static int GreatestCommonDivisor(int x, int y) => y == 0 ? x : GreatestCommonDivisor(y, x % y);
}
