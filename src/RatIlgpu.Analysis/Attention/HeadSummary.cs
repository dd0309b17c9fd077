using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>What the pattern of a head looks like, in means over the queries behind the first token. Padding is left
/// out, as if the prompt did not have it.</summary>
/// <param name="Head">The head.</param>
/// <param name="First">The attention to the first token; NaN of a prompt of one token, as are the others.</param>
/// <param name="Previous">The attention to the token before the query.</param>
/// <param name="Self">The attention to the query's own token.</param>
/// <param name="Entropy">The entropy of the attention of a query, <c>−Σ p ln p</c>, in nats.</param>
public sealed record HeadSummary(HeadIndex Head, double First, double Previous, double Self, double Entropy)
{
    const int BlockRows = 256;

    // The smallest normal float.
    const float Smallest = 1.1754944e-38f;

    /// <summary>Summarises a head.</summary>
    /// <param name="head">The head.</param>
    /// <param name="attentionMask">1 for a token, 0 for padding; null for no padding.</param>
    /// <exception cref="ArgumentException">The mask has another length than the prompt.</exception>
    /// <exception cref="ArithmeticException">The attention is not a number.</exception>
    public static HeadSummary Of(HeadAttention head, ImmutableArray<int>? attentionMask = null)
    {
        var count = head.TokenCount;
        if (attentionMask is { } mask && mask.Length != count)
            throw new ArgumentException($"The mask has {mask.Length} entries, expected {count}, one for each token.");
        int[] tokens =
            [.. Enumerable.Range(0, count).Where(token => attentionMask is not { } given || given[token] != 0)];
        var (first, previous, self, entropy, place) = (0.0, 0.0, 0.0, 0.0, 1);
        var rows = new float[Math.Min(BlockRows, count) * count];
        var logs = new float[count];
        for (var start = 0; start < count; start += BlockRows)
        {
            var block = rows.AsSpan(0, Math.Min(BlockRows, count - start) * count);
            head.CopyRows(start, block);
            for (; place < tokens.Length && tokens[place] < start + BlockRows; place++)
            {
                var row = block.Slice((tokens[place] - start) * count, tokens[place] + 1);
                first += row[tokens[0]];
                previous += row[tokens[place - 1]];
                self += row[tokens[place]];
                entropy += EntropyOf(row, logs);
            }
        }

        double queries = tokens.Length - 1;
        return queries > 0
            ? new(head.Head, first / queries, previous / queries, self / queries, entropy / queries)
            : new(head.Head, double.NaN, double.NaN, double.NaN, double.NaN);
    }

    static double EntropyOf(ReadOnlySpan<float> row, float[] logs)
    {
        var own = logs.AsSpan(0, row.Length);
        // p ln p is 0 for p = 0; a tiny number stands for it, since 0 has no logarithm.
        TensorPrimitives.Max(row, Smallest, own);
        TensorPrimitives.Log<float>(own, own);
        var sum = 0.0;
        for (var key = 0; key < row.Length; key++)
            sum -= (double)row[key] * own[key];
        return sum;
    }
}
