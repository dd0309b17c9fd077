using RatIlgpu.Devices;

namespace RatIlgpu.Tracing;

/// <summary>The weights that the values of one layer over one prompt give its attention.</summary>
public sealed class LinkWeights
{
    readonly int tokens, heads;
    readonly float[]? factors;
    readonly WrittenProducts? written;

    internal LinkWeights(int tokens, int heads, float[]? factors, WrittenProducts? written) =>
        (this.tokens, this.heads, this.factors, this.written) = (tokens, heads, factors, written);

    /// <summary>Gets the factor of each head and key, <c>[heads, tokens]</c>; null where heads are weighted
    /// together.</summary>
    internal float[]? Factors => factors;

    /// <summary>Returns the weighted rows of attention that is at hand in the memory of the process.</summary>
    /// <param name="aggregation">The heads, and how they are reduced to one; of contributions, the heads that are
    /// added.</param>
    /// <param name="read">Writes a row of one head.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layer does not have one of the heads.</exception>
    public IAttentionRows RowsOf(HeadAggregation aggregation, HeadRowReader read)
    {
        return factors is null
            ? new ContributionRows(this, aggregation.Of(heads), read)
            : new StoredAttention(tokens, heads, aggregation, Weighted);

        void Weighted(int position, int head, Span<float> row)
        {
            read(position, head, row);
            for (var key = 0; key < row.Length; key++)
                row[key] *= factors[head * tokens + key];
        }
    }

    /// <summary>Computes the row of contributions of some heads of one query.</summary>
    /// <param name="patterns"><c>[heads, keys]</c>, of all heads; those that are not chosen are not read.</param>
    /// <param name="chosen">The heads, ascending.</param>
    /// <param name="row"><c>[keys]</c>.</param>
    internal void Contribute(ReadOnlySpan<float> patterns, ReadOnlySpan<int> chosen, Span<float> row) =>
        written!.Row(patterns, chosen, row);

    sealed class ContributionRows(LinkWeights weights, ImmutableArray<int> chosen, HeadRowReader read) : IAttentionRows
    {
        readonly float[] patterns = new float[weights.heads * weights.tokens], row = new float[weights.tokens];

        public int Length => weights.tokens;

        public ReadOnlySpan<float> Row(int position)
        {
            var keys = position + 1;
            var found = row.AsSpan(0, keys);
            foreach (var head in chosen)
                read(position, head, patterns.AsSpan(head * keys, keys));
            weights.Contribute(patterns.AsSpan(0, weights.heads * keys), chosen.AsSpan(), found);
            return float.IsNaN(found[position])
                ? throw new ArithmeticException("The attention is not a number: the recording or the weights are "
                    + "damaged.")
                : found;
        }
    }
}
