using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Scores every key for every query: <c>result[h, q, k] = query[q, h]·key[k, h div r] /
    /// sqrt(headSize)</c>.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>; keyHeads divides heads, keys ≥ queries.</param>
    /// <param name="result"><c>[heads, queries, keys]</c>; keys that a query does not see are scored,
    /// too.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Scores(Tensor query, Tensor key, Tensor result)
    {
        CheckHeads(nameof(Scores), query, key, nameof(key));
        NeedPattern(nameof(Scores), query, key, result, nameof(result));
        ScoresCore(query, key, result);
        KeepAlive(query, key, result);
    }

    /// <summary>Turns scores into probabilities over the keys that each query sees; the other keys get 0.</summary>
    /// <param name="scores"><c>[heads, queries, keys]</c>.</param>
    /// <param name="visibility">The keys that each query sees. A query that sees no key is uniform over all keys, as in
    /// Hugging Face's eager attention, where every score of such a row is the same finite minimum.</param>
    /// <param name="result"><c>[heads, queries, keys]</c>, each row sums to 1; may be
    /// <paramref name="scores"/>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void CausalSoftmax(Tensor scores, Visibility visibility, Tensor result)
    {
        NeedRank(scores, 3, nameof(CausalSoftmax), nameof(scores));
        NeedFloats(result, scores.Shape, nameof(CausalSoftmax), nameof(result));
        NeedFloats(scores, nameof(CausalSoftmax), nameof(scores));
        CheckVisibility(nameof(CausalSoftmax), visibility, scores.Shape[1], scores.Shape[2]);
        CausalSoftmaxCore(scores, visibility, result);
        KeepAlive(scores, visibility.KeyMask, result);
    }

    /// <summary>Computes <see cref="Scores"/> and <see cref="CausalSoftmax"/> in one operation.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>; keyHeads divides heads, keys ≥ queries.</param>
    /// <param name="visibility">The keys that each query sees.</param>
    /// <param name="result"><c>[heads, queries, keys]</c>, each row sums to 1.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Pattern(Tensor query, Tensor key, Visibility visibility, Tensor result)
    {
        CheckHeads(nameof(Pattern), query, key, nameof(key));
        NeedPattern(nameof(Pattern), query, key, result, nameof(result));
        CheckVisibility(nameof(Pattern), visibility, query.Shape[0], key.Shape[0]);
        PatternCore(query, key, visibility, result);
        KeepAlive(query, key, visibility.KeyMask, result);
    }

    /// <summary>Mixes values by a pattern: <c>result[q, h] = Σₖ pattern[h, q, k]·value[k, h div r]</c>.</summary>
    /// <param name="pattern"><c>[heads, queries, keys]</c>.</param>
    /// <param name="value"><c>[keys, keyHeads, headSize]</c>; keyHeads divides heads.</param>
    /// <param name="result"><c>[queries, heads, headSize]</c>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Mix(Tensor pattern, Tensor value, Tensor result)
    {
        NeedRank(result, 3, nameof(Mix), nameof(result));
        CheckHeads(nameof(Mix), result, value, nameof(value));
        NeedPattern(nameof(Mix), result, value, pattern, nameof(pattern));
        MixCore(pattern, value, result);
        KeepAlive(pattern, value, result);
    }

    /// <summary>Computes <see cref="Scores"/>, <see cref="CausalSoftmax"/> and <see cref="Mix"/> in one operation,
    /// which does not store the pattern.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>; keyHeads divides heads, keys ≥ queries.</param>
    /// <param name="value">The shape of <paramref name="key"/>.</param>
    /// <param name="visibility">The keys that each query sees.</param>
    /// <param name="result"><c>[queries, heads, headSize]</c>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <remarks>Milakov and Gimelshein, Online normalizer calculation for softmax, 2018.</remarks>
    public void Attend(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        CheckHeads(nameof(Attend), query, key, nameof(key));
        NeedFloats(value, key.Shape, nameof(Attend), nameof(value));
        NeedFloats(result, query.Shape, nameof(Attend), nameof(result));
        CheckVisibility(nameof(Attend), visibility, query.Shape[0], key.Shape[0]);
        AttendCore(query, key, value, visibility, result);
        KeepAlive(query, key, value, visibility.KeyMask, result);
    }

    /// <summary>Computes the mean or maximum over the patterns of some heads, at some queries, without storing whole
    /// patterns: <c>result[r, k] = meanₕ</c> or <c>maxₕ pattern[h, rows[r], k]</c>.</summary>
    /// <inheritdoc cref="AggregatePattern(Tensor, Tensor, Tensor, Visibility, HeadAggregation, ReadOnlySpan{int},
    /// Tensor)"/>
    public void AggregatePattern(
        Tensor query,
        Tensor key,
        Visibility visibility,
        HeadAggregation aggregation,
        ReadOnlySpan<int> rows,
        Tensor result) => AggregatePattern(query, key, null, visibility, aggregation, rows, result);

    /// <summary>Computes the mean or maximum over the patterns of some heads, each multiplied by a factor for each of
    /// its keys, at some queries, without storing whole patterns: <c>result[r, k] = meanₕ</c> or <c>maxₕ pattern[h,
    /// rows[r], k]·factors[h, k]</c>.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>; keyHeads divides heads, keys ≥ queries.</param>
    /// <param name="factors"><c>[heads, keys]</c> or with more columns, which are not read; none is negative. Null for
    /// factors of 1.</param>
    /// <param name="visibility">The keys that each query sees.</param>
    /// <param name="aggregation">The heads, and mean or maximum.</param>
    /// <param name="rows">The queries, each in [0, queries).</param>
    /// <param name="result"><c>[rows, keys]</c>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The layer does not have one of the heads, or there is no query of
    /// one of the rows.</exception>
    public void AggregatePattern(
        Tensor query,
        Tensor key,
        Tensor? factors,
        Visibility visibility,
        HeadAggregation aggregation,
        ReadOnlySpan<int> rows,
        Tensor result)
    {
        CheckHeads(nameof(AggregatePattern), query, key, nameof(key));
        NeedFactors(nameof(AggregatePattern), factors, query.Shape[1], key.Shape[0]);
        NeedFloats(result, new Shape(rows.Length, key.Shape[0]), nameof(AggregatePattern), nameof(result));
        CheckVisibility(nameof(AggregatePattern), visibility, query.Shape[0], key.Shape[0]);
        NeedRows(nameof(AggregatePattern), rows, query.Shape[0], $"{query.Shape[0]} queries");
        var heads = aggregation.Of(query.Shape[1]);
        AggregatePatternCore(query, key, factors, visibility, aggregation.Reduction, heads.AsSpan(), rows, result);
        KeepAlive(query, key, factors, visibility.KeyMask, result);
    }

    /// <summary>Computes <see cref="Scores"/>.</summary>
    protected abstract void ScoresCore(Tensor query, Tensor key, Tensor result);

    /// <summary>Computes <see cref="CausalSoftmax"/>.</summary>
    protected abstract void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result);

    /// <summary>Computes <see cref="Pattern"/>, in two operations unless a device overrides it.</summary>
    protected virtual void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result)
    {
        ScoresCore(query, key, result);
        CausalSoftmaxCore(result, visibility, result);
    }

    /// <summary>Computes <see cref="Mix"/>.</summary>
    protected abstract void MixCore(Tensor pattern, Tensor value, Tensor result);

    /// <summary>Computes <see cref="Attend"/>.</summary>
    protected abstract void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result);

    /// <summary>Computes <see cref="AggregatePattern(Tensor, Tensor, Tensor, Visibility, HeadAggregation,
    /// ReadOnlySpan{int}, Tensor)"/> over at least one head, ascending.</summary>
    protected abstract void AggregatePatternCore(
        Tensor query,
        Tensor key,
        Tensor? factors,
        Visibility visibility,
        HeadReduction reduction,
        ReadOnlySpan<int> heads,
        ReadOnlySpan<int> rows,
        Tensor result);

    static void CheckHeads(string operation, Tensor query, Tensor key, string keyName)
    {
        NeedRank(query, 3, operation, nameof(query));
        NeedRank(key, 3, operation, keyName);
        NeedFloats(query, operation, nameof(query));
        var (heads, keyHeads) = (query.Shape[1], key.Shape[1]);
        if (keyHeads == 0 || heads % keyHeads != 0)
            throw Unfit(operation, $"{keyName} has {keyHeads} heads, which do not divide {heads}");
        NeedFloats(key, new Shape(key.Shape[0], keyHeads, query.Shape[2]), operation, keyName);
        var queries = query.Shape[0];
        if (key.Shape[0] < queries)
            throw Unfit(operation, $"{keyName} is {key.Shape}, fewer than the {queries} queries");
    }

    static void NeedPattern(string operation, Tensor query, Tensor key, Tensor pattern, string name) =>
        NeedFloats(pattern, new Shape(query.Shape[1], query.Shape[0], key.Shape[0]), operation, name);

    static void NeedFactors(string operation, Tensor? factors, int heads, int keys)
    {
        if (factors is null)
            return;
        NeedRank(factors, 2, operation, nameof(factors));
        NeedFloats(factors, operation, nameof(factors));
        if (factors.Shape[0] != heads || factors.Shape[1] < keys)
            throw Unfit(operation, $"factors is {factors.Shape}, expected [{heads}, {keys}] or more columns");
    }

    static void CheckVisibility(string operation, Visibility visibility, int queries, int keys)
    {
        if (keys < queries)
            throw Unfit(operation, $"{keys} keys are fewer than the {queries} queries");
        if (visibility.Window < 1)
            throw Unfit(operation, $"the window is {visibility.Window}, expected at least 1");
        if (visibility.KeyMask is { } mask)
            NeedFloats(mask, new Shape(keys), operation, "the key mask");
    }
}
