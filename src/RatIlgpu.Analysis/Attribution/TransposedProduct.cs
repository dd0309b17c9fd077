using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Multiplies with a weight the other way round, from what it writes to what it reads.</summary>
static class TransposedProduct
{
    // Rows of a weight are widened so many numbers at a time, 4 MiB, however large it is.
    internal const int MostNumbers = 1 << 20;

    /// <summary>Returns <c>weightᵀ·vector</c>, <c>[inputs]</c>.</summary>
    /// <param name="model">Whose weight it is.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>.</param>
    /// <param name="vector"><c>[outputs]</c>.</param>
    /// <remarks>Devices have no such product, but mixing values by a pattern is one: the rows of the weight are the
    /// values of so many keys, and every head gives them the numbers of the vector. The heads are no larger than those
    /// of the model, which every device can mix. Pieces are summed in double.</remarks>
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
