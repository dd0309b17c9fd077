using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Sums of rows of tables, each row times a factor, made on the device: <c>vectors · table</c>.</summary>
/// <remarks>Devices do not have this product, but <see cref="Device.Mix"/> computes it: the rows are the values of as
/// many keys, and the pattern of every head is the vectors, a query for each. The heads are no larger than those of the
/// model, which every device supports. Partial sums are added in double. Tables of one width share the pattern, which
/// is uploaded once where all rows go at a time.</remarks>
/// <param name="model">The model whose device computes them.</param>
/// <param name="vectors">The factors, <c>[vectors][rows]</c>.</param>
sealed class RowSums(Qwen2Model model, double[][] vectors) : IDisposable
{
    // The numbers of a table that are converted to floats at a time, 4 MiB.
    internal const int MostNumbers = 1 << 20;

    readonly Dictionary<int, Buffers> byWidth = [];

    /// <summary>Returns the sums of rows of a table, <c>[vectors][width]</c>.</summary>
    /// <param name="table">The table, <c>[any, width]</c>.</param>
    /// <param name="rows">The rows that the factors are for, each in the table.</param>
    public double[][] Of(Tensor table, ReadOnlySpan<int> rows)
    {
        var width = table.Shape[1];
        if (!byWidth.TryGetValue(width, out var buffers))
            byWidth.Add(width, buffers = new(model, vectors, width));
        var sums = new double[vectors.Length][];
        for (var vector = 0; vector < sums.Length; vector++)
            sums[vector] = new double[width];
        for (var start = 0; start < rows.Length; start += buffers.Step)
            buffers.Add(table, rows[start..int.Min(rows.Length, start + buffers.Step)], start, sums);
        return sums;
    }

    /// <summary>Frees the memory of the device.</summary>
    public void Dispose()
    {
        foreach (var buffers in byWidth.Values)
            buffers.Dispose();
    }

    // What tables of one width share.
    sealed class Buffers : IDisposable
    {
        readonly Device device;
        readonly double[][] vectors;
        readonly Tensor values, pattern, product;
        readonly int heads, size;
        readonly float[] part;
        readonly double[] wide;
        int uploaded = -1;

        public Buffers(Qwen2Model model, double[][] vectors, int width)
        {
            (device, this.vectors) = (model.Device, vectors);
            size = GreatestCommonDivisor(width, model.Config.HeadSize);
            heads = width / size;
            // Mix needs as many keys as queries: where there are fewer rows, rows with the factor 0 follow them.
            Step = Math.Max(vectors.Length, int.Clamp(MostNumbers / width, 1, vectors[0].Length));
            values = device.Allocate(Step, width);
            pattern = device.Allocate(heads * vectors.Length * Step);
            product = device.Allocate(vectors.Length, heads, size);
            (part, wide) = (new float[vectors.Length * width], new double[width]);
        }

        // The rows that are read at a time.
        public int Step { get; }

        public void Add(Tensor table, ReadOnlySpan<int> rows, int start, double[][] sums)
        {
            var keys = int.Max(rows.Length, vectors.Length);
            var read = values.Slice(0, keys);
            var factors = pattern.Slice(0, heads * vectors.Length * keys);
            device.Gather(table, Padded(rows, keys), read);
            if (uploaded != start)
                device.Upload(Repeated(start, rows.Length, keys), factors);
            uploaded = start;
            device.Mix(
                factors.Reshape(heads, vectors.Length, keys), read.Reshape(keys, heads, size), product);
            device.Download(product, part);
            for (var vector = 0; vector < sums.Length; vector++)
            {
                TensorPrimitives.ConvertTruncating<float, double>(
                    part.AsSpan(vector * wide.Length, wide.Length), wide);
                TensorPrimitives.Add(sums[vector], wide, sums[vector]);
            }
        }

        public void Dispose()
        {
            values.Dispose();
            pattern.Dispose();
            product.Dispose();
        }

        static int[] Padded(ReadOnlySpan<int> rows, int count)
        {
            var padded = new int[count];
            padded.AsSpan().Fill(rows[0]);
            rows.CopyTo(padded);
            return padded;
        }

        // [heads, vectors, keys]: some factors of each vector, and zeros behind them.
        float[] Repeated(int start, int count, int keys)
        {
            var block = vectors.Length * keys;
            var repeated = new float[heads * block];
            for (var vector = 0; vector < vectors.Length; vector++)
                TensorPrimitives.ConvertTruncating<double, float>(
                    vectors[vector].AsSpan(start, count), repeated.AsSpan(vector * keys));
            for (var head = 1; head < heads; head++)
                repeated.AsSpan(0, block).CopyTo(repeated.AsSpan(head * block));
            return repeated;
        }

        static int GreatestCommonDivisor(int x, int y) => y == 0 ? x : GreatestCommonDivisor(y, x % y);
    }
}
