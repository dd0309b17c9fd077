using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result)
    {
        var (queries, keys, width) = (result.Shape[0], result.Shape[1], weight.Shape[0]);
        for (var key = 0; key < keys; key++)
        {
            var parts = OfHeads(value, weight, pattern.Shape[0], key);
            for (var q = Math.Max(0, key - (keys - queries)); q < queries; q++)
                Store([Nearness(Row(after, q, width), Moved(pattern, q, key, parts))], result, (long)q * keys + key, 1);
        }

        for (var q = 0; q < queries; q++)
        {
            var (row, own) = (Row(result, q, keys), keys - queries + q);
            Array.Clear(row, own + 1, keys - own - 1);
            row[own] += Nearness(Row(after, q, width), Row(before, q, width));
            var sum = row.Sum();
            for (var key = 0; key <= own; key++)
                row[key] = sum == 0 ? (key == own ? 1 : 0) : row[key] / sum;
            Store(row, result, q, keys);
        }
    }

    // What each head writes of a key when it attends to it fully: Wo[h] value[k, h].
    static double[][] OfHeads(Tensor value, Tensor weight, int heads, int key)
    {
        var (keyHeads, size) = (value.Shape[1], value.Shape[2]);
        var (values, weights) = (new Numbers(value), new Numbers(weight));
        var parts = new double[heads][];
        for (var head = 0; head < heads; head++)
        {
            var start = ((long)key * keyHeads + head / (heads / keyHeads)) * size;
            parts[head] = new double[weight.Shape[0]];
            for (long j = 0; j < weight.Shape[0]; j++)
                parts[head][j] = Dot(weights, (j * heads + head) * size, values, start, size);
        }

        return parts;
    }

    static double[] Moved(Tensor pattern, int q, int key, double[][] parts)
    {
        var (numbers, moved) = (new Numbers(pattern), new double[parts.Length == 0 ? 0 : parts[0].Length]);
        for (var head = 0; head < parts.Length; head++)
        {
            var share = numbers[((long)head * pattern.Shape[1] + q) * pattern.Shape[2] + key];
            for (var j = 0; j < moved.Length; j++)
                moved[j] += share * parts[head][j];
        }

        return moved;
    }

    // max(0, |whole| − |whole − part|), number by number: two large sums would lose what a small part adds.
    static double Nearness(double[] whole, double[] part)
    {
        var sum = 0.0;
        for (var j = 0; j < part.Length; j++)
        {
            var along = whole[j] < 0 ? -part[j] : part[j];
            sum += Math.Min(along, 2 * Math.Abs(whole[j]) - along);
        }

        return Math.Max(0, sum);
    }
}
