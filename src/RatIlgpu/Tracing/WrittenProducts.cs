using System.Numerics.Tensors;
using RatIlgpu.Models;

namespace RatIlgpu.Tracing;

/// <summary>The inner products of what any two heads of a layer write for each key alone, <c>(Wₒ v)ₐ·(Wₒ
/// v)ᵦ</c>.</summary>
/// <remarks>With them the norm of what all heads together bring from a key, <c>|Σₕ A[h] (Wₒ v)ₕ|</c>, is a quadratic
/// form of as many numbers as there are heads: a row costs H² multiply-adds for each key, and not those of the output
/// matrix. They are made in one pass over that matrix, T·d·H·c multiply-adds, and take 4 T H (H + 1) bytes for T tokens
/// and H heads. In double: where heads cancel, the root of a rounded square would have few digits.</remarks>
sealed class WrittenProducts
{
    // The rows of the output matrix that are used at a time: the part of a layer of 896 numbers stays in the cache.
    const int BlockRows = 256;

    readonly int pairs;

    // [tokens, pairs]: each head with those before it, then with itself.
    readonly double[] products;

    WrittenProducts(int tokens, int heads)
    {
        pairs = heads * (heads + 1) / 2;
        products = new double[checked(tokens * pairs)];
    }

    /// <summary>Computes the products of the values of one prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="values"><c>[tokens, K, c]</c>, or <c>[tokens, H, c]</c>.</param>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    public static WrittenProducts Of(
        Qwen2Model model, int layer, ReadOnlySpan<float> values, int tokens, CancellationToken cancellation)
    {
        var (weight, device, heads) = (model.Weights.Layers[layer].Output, model.Device, model.Config.HeadCount);
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var found = new WrittenProducts(tokens, heads);
        var most = int.Min(BlockRows, outputs);
        using var rows = device.Allocate(most, inputs);
        var numbers = new float[most * inputs];
        var turned = new double[inputs * most];
        var written = new double[heads * most];
        for (var start = 0; start < outputs; start += most)
        {
            var count = int.Min(most, outputs - start);
            device.Gather(weight, [.. Enumerable.Range(start, count)], rows.Slice(0, count));
            device.Download(rows.Slice(0, count), numbers.AsSpan(0, count * inputs));
            for (var row = 0; row < count; row++)
                for (var input = 0; input < inputs; input++)
                    turned[input * count + row] = numbers[row * inputs + input];
            var ofToken = values.Length / tokens;
            for (var token = 0; token < tokens; token++)
            {
                cancellation.ThrowIfCancellationRequested();
                Write(turned, values.Slice(token * ofToken, ofToken), written.AsSpan(0, heads * count), heads, inputs);
                found.Add(token, written, count, heads);
            }
        }

        return found;
    }

    /// <summary>Computes the row of one query: the share of each key in the norms of what the chosen heads bring.
    /// Zeros where they bring nothing.</summary>
    /// <param name="patterns"><c>[heads, keys]</c>, of all heads.</param>
    /// <param name="chosen">The heads, ascending.</param>
    /// <param name="row"><c>[keys]</c>.</param>
    public void Row(ReadOnlySpan<float> patterns, ReadOnlySpan<int> chosen, Span<float> row)
    {
        var (keys, total) = (row.Length, 0.0);
        var lengths = new double[keys];
        for (var key = 0; key < keys; key++)
        {
            var own = products.AsSpan(key * pairs, pairs);
            var square = 0.0;
            for (var i = 0; i < chosen.Length; i++)
            {
                var (place, weight) = (PlaceOf(chosen[i]), (double)patterns[chosen[i] * keys + key]);
                var sum = weight * own[place + chosen[i]];
                for (var j = 0; j < i; j++)
                    sum += 2 * patterns[chosen[j] * keys + key] * own[place + chosen[j]];
                square += weight * sum;
            }

            total += lengths[key] = Math.Sqrt(Math.Max(0, square));
        }

        for (var key = 0; key < keys; key++)
            row[key] = total == 0 ? 0 : (float)(lengths[key] / total);
    }

    static int PlaceOf(int head) => head * (head + 1) / 2;

    // What each head writes for a token, in some numbers of the stream.
    static void Write(
        double[] turned, ReadOnlySpan<float> values, Span<double> written, int heads, int inputs)
    {
        var (size, count) = (inputs / heads, written.Length / heads);
        var group = inputs / values.Length;
        written.Clear();
        for (var head = 0; head < heads; head++)
        {
            var own = written.Slice(head * count, count);
            var value = values.Slice(head / group * size, size);
            for (var i = 0; i < size; i++)
                TensorPrimitives.MultiplyAdd(
                    turned.AsSpan((head * size + i) * count, count), value[i], own, own);
        }
    }

    void Add(int token, double[] written, int count, int heads)
    {
        var own = products.AsSpan(token * pairs, pairs);
        for (var a = 0; a < heads; a++)
            for (var b = 0; b <= a; b++)
                own[PlaceOf(a) + b] += Dot(written.AsSpan(a * count, count), written.AsSpan(b * count, count));
    }

    // Four sums that do not wait for each other, in a fixed order: the bits are the same on every machine.
    static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var (p, q, r, s, i) = (0.0, 0.0, 0.0, 0.0, 0);
        for (; i <= x.Length - 4; i += 4)
        {
            p += x[i] * y[i];
            q += x[i + 1] * y[i + 1];
            r += x[i + 2] * y[i + 2];
            s += x[i + 3] * y[i + 3];
        }

        for (; i < x.Length; i++)
            p += x[i] * y[i];
        return p + q + (r + s);
    }
}
