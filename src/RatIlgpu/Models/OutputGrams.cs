using System.Numerics.Tensors;

namespace RatIlgpu.Models;

/// <summary>Keeps <c>Wₒ Wₒᵀ</c> of each head. With it, the norm of the vector that the head writes for a value is
/// computed without that vector: <c>|v Wₒ|² = v (Wₒ Wₒᵀ) vᵀ</c>.</summary>
/// <remarks>In double: the root of a rounded square would have half the digits of a float.</remarks>
/// <param name="model">The model.</param>
public sealed class OutputGrams(Qwen2Model model)
{
    // The numbers of a weight that are converted to floats at a time, 4 MiB.
    const int MostNumbers = 1 << 20;

    readonly Dictionary<HeadIndex, double[]> known = [];

    /// <summary>Returns the norm of the vector that a head writes, for each value.</summary>
    /// <param name="head">The query head, of which <see cref="Prepare"/> was called.</param>
    /// <param name="values"><c>[tokens, headSize]</c>.</param>
    /// <returns><c>[tokens]</c>, in double.</returns>
    /// <exception cref="KeyNotFoundException">The head was not prepared.</exception>
    public double[] Lengths(HeadIndex head, ReadOnlySpan<float> values)
    {
        var (gram, size) = (known[head], model.Config.HeadSize);
        var lengths = new double[values.Length / size];
        double[] row = new double[size], product = new double[size];
        for (var token = 0; token < lengths.Length; token++)
        {
            TensorPrimitives.ConvertTruncating(values.Slice(token * size, size), row);
            Array.Clear(product);
            for (var i = 0; i < size; i++)
                TensorPrimitives.MultiplyAdd(gram.AsSpan(i * size, size), row[i], product, product);
            lengths[token] = Math.Sqrt(Math.Max(0, Dot(row, product)));
        }

        return lengths;
    }

    /// <summary>Returns the product of a head, <c>[headSize, headSize]</c>, of which <see cref="Prepare"/> was
    /// called.</summary>
    /// <param name="head">The query head.</param>
    /// <exception cref="KeyNotFoundException">The head was not prepared.</exception>
    public double[] Of(HeadIndex head) => known[head];

    /// <summary>Computes the products of some heads of a layer, where they are not known yet, in one pass over the
    /// output matrix.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">The query heads.</param>
    public void Prepare(int layer, IEnumerable<int> heads)
    {
        int[] missing = [.. heads.Where(head => !known.ContainsKey(new(layer, head)))];
        if (missing.Length == 0)
            return;
        var (weight, device, size) = (model.Weights.Layers[layer].Output, model.Device, model.Config.HeadSize);
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var step = int.Clamp(MostNumbers / inputs, 1, outputs);
        using var rows = device.Allocate(step, inputs);
        var numbers = new float[step * inputs];
        double[][] grams = [.. missing.Select(_ => new double[size * size])];
        // On the heap: a config may ask for heads that the stack has no room for.
        var column = new double[size];
        for (var start = 0; start < outputs; start += step)
        {
            var count = int.Min(step, outputs - start);
            var part = numbers.AsSpan(0, count * inputs);
            device.Gather(weight, [.. Enumerable.Range(start, count)], rows.Slice(0, count));
            device.Download(rows.Slice(0, count), part);
            for (var i = 0; i < missing.Length; i++)
                for (var row = 0; row < count; row++)
                    Add(part.Slice(row * inputs + missing[i] * size, size), column, grams[i]);
        }

        for (var i = 0; i < missing.Length; i++)
            known.Add(new(layer, missing[i]), grams[i]);
    }

    // In a fixed order, so that a result has the same bits on every machine.
    static double Dot(double[] x, double[] y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    // Adds the product of a column of the head's matrix with itself.
    static void Add(ReadOnlySpan<float> column, double[] own, double[] gram)
    {
        var size = column.Length;
        TensorPrimitives.ConvertTruncating(column, own);
        for (var i = 0; i < size; i++)
            TensorPrimitives.MultiplyAdd(own, own[i], gram.AsSpan(i * size, size), gram.AsSpan(i * size, size));
    }
}
