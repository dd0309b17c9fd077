namespace RatIlgpu.Analysis;

/// <summary>The product of a transposed weight and a vector.</summary>
static class TransposedProduct
{
    // The numbers of a weight that are converted to floats at a time, 4 MiB.
    internal const int MostNumbers = 1 << 20;

    /// <summary>Returns <c>weightᵀ·vector</c>, <c>[inputs]</c>.</summary>
    /// <param name="model">The model that the weight belongs to.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>.</param>
    /// <param name="vector"><c>[outputs]</c>.</param>
    /// <remarks>Devices do not have this product, but <see cref="Device.Mix"/> computes it: the rows of the weight are
    /// the values of as many keys, and the pattern of every head is the vector. The heads are no larger than those of
    /// the model, which every device supports. Partial sums are added in double.</remarks>
    public static double[] Transposed(this Qwen2Model model, Tensor weight, ReadOnlySpan<double> vector)
    {
        var (device, outputs, inputs) = (model.Device, weight.Shape[0], weight.Shape[1]);
        var size = GreatestCommonDivisor(inputs, model.Config.HeadSize);
        var heads = inputs / size;
        var step = int.Clamp(MostNumbers / inputs, 1, outputs);
        using var values = device.Allocate(step, inputs);
        using var pattern = device.Allocate(heads * step);
        using var product = device.Allocate(1, heads, size);
        var sums = new double[inputs];
        var part = new float[inputs];
        for (var start = 0; start < outputs; start += step)
        {
            var count = int.Min(step, outputs - start);
            var (some, factors) = (values.Slice(0, count), pattern.Slice(0, heads * count));
            device.Gather(weight, [.. Enumerable.Range(start, count)], some);
            device.Upload(Repeated(vector.Slice(start, count), heads), factors);
            device.Mix(factors.Reshape(heads, 1, count), some.Reshape(count, heads, size), product);
            device.Download(product, part);
            for (var i = 0; i < inputs; i++)
                sums[i] += part[i];
        }

        return sums;
    }

    static float[] Repeated(ReadOnlySpan<double> numbers, int times)
    {
        var repeated = new float[numbers.Length * times];
        for (var i = 0; i < repeated.Length; i++)
            repeated[i] = (float)numbers[i % numbers.Length];
        return repeated;
    }

    static int GreatestCommonDivisor(int x, int y) => y == 0 ? x : GreatestCommonDivisor(y, x % y);
}
