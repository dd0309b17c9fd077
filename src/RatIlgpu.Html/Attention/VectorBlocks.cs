using System.Numerics.Tensors;
using RatIlgpu.Analysis;
using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The queries and keys of the heads of a prompt, from which a page computes scores.</summary>
/// <param name="tokens">The number of tokens.</param>
/// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null if there is no padding.</param>
sealed class VectorBlocks(int tokens, ImmutableArray<int>? mask)
{
    readonly List<DataBlock> blocks = [];
    readonly List<int> keysOf = [];
    readonly List<int> reaches = [];

    // Heads that share keys share a block.
    readonly Dictionary<string, int> known = new(StringComparer.Ordinal);
    int headSize;
    double scoreError, probabilityError;

    /// <summary>Gets the number of characters of the data.</summary>
    public long Length => blocks.Sum(block => (long)block.Content.Length);

    /// <summary>Adds the next head.</summary>
    /// <param name="head">The head.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <exception cref="ArgumentException">The head has no queries and keys, or they do not fit the tokens or the heads
    /// before.</exception>
    public void Add(HeadAttention head, string name)
    {
        if (head is not { Queries: { } queries, Keys: { } keys })
            throw new ArgumentException(
                $"Head {name} has no queries and keys, which lines show: set Vectors in AttentionOptions, or choose "
                + "the mode small or large.");
        var size = queries.Length / tokens;
        if (size == 0 || size * tokens != queries.Length || keys.Length != queries.Length
            || (headSize != 0 && size != headSize))
            throw new ArgumentException(
                $"Head {name} has {queries.Length} numbers in its queries and {keys.Length} in its keys for "
                + $"{CountText.Of(tokens, "token")}, expected {(headSize == 0 ? "equally many" : $"{headSize}")} for "
                + "each token.");
        if (!float.IsFinite(TensorPrimitives.Sum(queries.AsSpan()) + TensorPrimitives.Sum(keys.AsSpan())))
            throw new ArgumentException($"Head {name} has a query or key that is not a finite number.");
        headSize = size;
        var (packedQueries, packedKeys) = (HalfPlanes.Write(queries.AsSpan()), HalfPlanes.Write(keys.AsSpan()));
        Measure(head, new(queries, keys, size), new(HalfPlanes.Read(packedQueries), HalfPlanes.Read(packedKeys), size));
        blocks.Add(DataBlock.Compressed($"query-{keysOf.Count}", packedQueries));
        keysOf.Add(PlaceOf(DataBlock.Compressed($"key-{known.Count}", packedKeys)));
    }

    /// <summary>Returns what the page says of the heads.</summary>
    /// <param name="order">The places, among the heads that were added, of those that are shown.</param>
    public VectorPlan ToPlan(ImmutableArray<int> order) => new(
        headSize,
        order,
        [.. order.Select(place => keysOf[place])],
        [.. order.Select(place => reaches[place])],
        RoundedUp(scoreError),
        RoundedUp(probabilityError));

    public IEnumerable<DataBlock> ToData() => blocks;

    // Two digits, and never less than what was measured; the browser sums in another order.
    static double RoundedUp(double error)
    {
        if (error == 0)
            return 1e-9;
        var digit = Math.Pow(10, Math.Floor(Math.Log10(error)) - 1);
        return Math.Ceiling((error / digit) + 0.01) * digit;
    }

    int PlaceOf(DataBlock keys)
    {
        if (known.TryGetValue(keys.Content, out var place))
            return place;
        blocks.Add(keys);
        return known[keys.Content] = known.Count;
    }

    void Measure(HeadAttention head, ScoreTable exact, ScoreTable shown)
    {
        const int RowsAtOnce = 64;
        var rows = new float[Math.Min(RowsAtOnce, tokens) * tokens];
        var (reach, errors) = (0, new (double Score, double Probability)[tokens]);
        for (var first = 0; first < tokens; first += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, tokens - first);
            head.CopyRows(first, rows.AsSpan(0, count * tokens));
            for (var query = first; query < first + count; query++)
            {
                var key = rows.AsSpan((query - first) * tokens, tokens).IndexOfAnyExcept(0f);
                if (key >= 0 && key <= query)
                    reach = Math.Max(reach, query - key);
            }
        }

        // The reach of all rows has to be known before a row is compared.
        for (var first = 0; first < tokens; first += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, tokens - first);
            head.CopyRows(first, rows.AsSpan(0, count * tokens));
            var start = first;
            Parallel.For(first, first + count, query => errors[query] = ErrorsOf(
                query, reach, rows.AsSpan((query - start) * tokens, tokens), exact, shown));
        }

        reaches.Add(reach);
        scoreError = Math.Max(scoreError, errors.Max(error => error.Score));
        probabilityError = Math.Max(probabilityError, errors.Max(error => error.Probability));
    }

    (double Score, double Probability) ErrorsOf(
        int query, int reach, ReadOnlySpan<float> row, ScoreTable exact, ScoreTable shown)
    {
        if (mask?[query] == 0)
            return (0, 0);
        var (scores, keys) = (new List<double>(), new List<int>());
        var (score, probability) = (0.0, 0.0);
        for (var key = 0; key <= query; key++)
            if (mask?[key] != 0)
            {
                var own = shown.Of(query, key);
                // A key whose probability is 0 in every row cannot be told from one outside a window; its score counts.
                score = Math.Max(score, Math.Abs(own - exact.Of(query, key)));
                if (query - key > reach)
                    continue;
                keys.Add(key);
                scores.Add(own);
            }

        var softmax = new double[scores.Count];
        TensorPrimitives.SoftMax([.. scores], softmax);
        for (var i = 0; i < softmax.Length; i++)
            probability = Math.Max(probability, Math.Abs(softmax[i] - row[keys[i]]));
        return (score, probability);
    }

    /// <summary>The scores of a head: <c>query·key / sqrt(headSize)</c>.</summary>
    sealed class ScoreTable(double[] queries, double[] keys, int size)
    {
        readonly double scale = 1 / Math.Sqrt(size);

        public ScoreTable(ImmutableArray<float> queries, ImmutableArray<float> keys, int size)
            : this([.. queries.Select(number => (double)number)], [.. keys.Select(number => (double)number)], size)
        {
        }

        public double Of(int query, int key) => scale * TensorPrimitives.Dot(
            queries.AsSpan(query * size, size), (ReadOnlySpan<double>)keys.AsSpan(key * size, size));
    }
}

/// <summary>What a page says of the queries and keys of its heads.</summary>
/// <param name="HeadSize">The numbers in a query or key.</param>
/// <param name="Queries">The block of queries of each head.</param>
/// <param name="Keys">The block of keys of each head.</param>
/// <param name="Reach">How many positions before itself the queries of each head see.</param>
/// <param name="ScoreError">The largest difference between a score that the page computes and that of the head.</param>
/// <param name="ProbabilityError">The largest difference between the softmax of the scores that the page computes and
/// the pattern of the head.</param>
sealed record VectorPlan(
    int HeadSize,
    ImmutableArray<int> Queries,
    ImmutableArray<int> Keys,
    ImmutableArray<int> Reach,
    double ScoreError,
    double ProbabilityError)
{
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject("vectors");
        json.WriteNumber("size", HeadSize);
        TraceData.Array(json, "queries", Queries, json.WriteNumberValue);
        TraceData.Array(json, "keys", Keys, json.WriteNumberValue);
        TraceData.Array(json, "reach", Reach, json.WriteNumberValue);
        json.WriteNumber("score", ScoreError);
        json.WriteNumber("probability", ProbabilityError);
        json.WriteEndObject();
    }
}
