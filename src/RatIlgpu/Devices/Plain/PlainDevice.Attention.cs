using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void ScoresCore(Tensor query, Tensor key, Tensor result)
    {
        var (queries, heads, keys) = (query.Shape[0], query.Shape[1], key.Shape[0]);
        for (var head = 0; head < heads; head++)
            for (var q = 0; q < queries; q++)
                Store(ScoreRow(query, q, head, key), result, (long)head * queries + q, keys);
    }

    /// <inheritdoc/>
    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        var (heads, queries, keys) = (scores.Shape[0], scores.Shape[1], scores.Shape[2]);
        for (var head = 0; head < heads; head++)
            for (var q = 0; q < queries; q++)
            {
                var row = Row(scores, (long)head * queries + q, keys);
                Softmax(row, keys - queries + q, visibility);
                Store(row, result, (long)head * queries + q, keys);
            }
    }

    /// <inheritdoc/>
    protected override void MixCore(Tensor pattern, Tensor value, Tensor result)
    {
        var (heads, queries, keys) = (pattern.Shape[0], pattern.Shape[1], pattern.Shape[2]);
        for (var head = 0; head < heads; head++)
            for (var q = 0; q < queries; q++)
                MixRow(Row(pattern, (long)head * queries + q, keys), value, result, q, head);
    }

    /// <inheritdoc/>
    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        for (var head = 0; head < query.Shape[1]; head++)
            for (var q = 0; q < query.Shape[0]; q++)
                MixRow(PatternRow(query, q, head, key, visibility), value, result, q, head);
    }

    /// <inheritdoc/>
    protected override void AggregatePatternCore(
        Tensor query, Tensor key, Tensor? factors, Visibility visibility, HeadReduction reduction,
        ReadOnlySpan<int> heads, ReadOnlySpan<int> rows, Tensor result)
    {
        for (var r = 0; r < rows.Length; r++)
        {
            var row = new double[key.Shape[0]];
            foreach (var head in heads)
            {
                var pattern = PatternRow(query, rows[r], head, key, visibility);
                Weight(pattern, factors, head);
                for (var k = 0; k < row.Length; k++)
                    row[k] = reduction == HeadReduction.Max
                        ? Math.Max(row[k], pattern[k])
                        : row[k] + pattern[k] / heads.Length;
            }

            Store(row, result, r, row.Length);
        }
    }

    static double[] PatternRow(Tensor query, int q, int head, Tensor key, Visibility visibility)
    {
        var row = ScoreRow(query, q, head, key);
        Softmax(row, row.Length - query.Shape[0] + q, visibility);
        return row;
    }

    static double[] ScoreRow(Tensor query, int q, int head, Tensor key)
    {
        var (heads, keyHeads, headSize) = (query.Shape[1], key.Shape[1], query.Shape[2]);
        var keyHead = head / (heads / keyHeads);
        var (queries, keys) = (new Numbers(query), new Numbers(key));
        var row = new double[key.Shape[0]];
        var start = ((long)q * heads + head) * headSize;
        for (long k = 0; k < row.Length; k++)
            row[k] = Dot(queries, start, keys, (k * keyHeads + keyHead) * headSize, headSize) / Math.Sqrt(headSize);
        return row;
    }

    static void Softmax(double[] row, int position, Visibility visibility)
    {
        var mask = visibility.KeyMask is { } keyMask ? new Numbers(keyMask) : (Numbers?)null;
        bool Sees(int k) => k <= position && position - k < visibility.Window && mask?[k] is not 0;

        var seen = Enumerable.Range(0, row.Length).Where(Sees).ToArray();
        var largest = seen.Length == 0 ? 0 : seen.Max(k => row[k]);
        var sum = seen.Sum(k => Math.Exp(row[k] - largest));
        for (var k = 0; k < row.Length; k++)
            row[k] = seen.Length == 0 ? 1.0 / row.Length : Sees(k) ? Math.Exp(row[k] - largest) / sum : 0;
    }

    static void MixRow(double[] pattern, Tensor value, Tensor result, int q, int head)
    {
        var (heads, keyHeads, headSize) = (result.Shape[1], value.Shape[1], result.Shape[2]);
        var keyHead = head / (heads / keyHeads);
        var (values, mixed, start) = (new Numbers(value), new Numbers(result), ((long)q * heads + head) * headSize);
        for (var m = 0; m < headSize; m++)
        {
            double sum = 0;
            for (long k = 0; k < pattern.Length; k++)
                sum += pattern[k] * values[(k * keyHeads + keyHead) * headSize + m];
            mixed[start + m] = sum;
        }
    }

    static double[] Row(Tensor pattern, long index, int keys)
    {
        var numbers = new Numbers(pattern);
        var row = new double[keys];
        for (var k = 0; k < keys; k++)
            row[k] = numbers[index * keys + k];
        return row;
    }

    static void Store(double[] row, Tensor result, long index, int keys)
    {
        var numbers = new Numbers(result);
        for (var k = 0; k < keys; k++)
            numbers[index * keys + k] = row[k];
    }
}
