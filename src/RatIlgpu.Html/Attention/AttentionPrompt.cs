using System.Numerics.Tensors;
using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>A prompt of a page while its heads are added.</summary>
/// <param name="number">Its index in the page.</param>
/// <param name="label">Its name.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null if there is no padding.</param>
/// <param name="isCausal">Whether a query has no keys after itself.</param>
sealed class AttentionPrompt(
    int number, string label, ImmutableArray<TokenText> tokens, ImmutableArray<int>? mask, bool isCausal)
{
    // In rows. Rows that are made together take less time, and these stay in the cache.
    const int RowsAtOnce = 64;

    // A row whose sum was rounded can have a number a little above 1.
    const float MostRounding = 1e-3f;

    readonly PatternShape shape = new(tokens.Length, isCausal);
    readonly List<PatternBlock> blocks = [];
    readonly List<HeadFacts> facts = [];
    HeadsSummary? summary;

    public int TokenCount => tokens.Length;

    /// <summary>Gets the heads that were added.</summary>
    public List<PlannedHead> Heads { get; } = [];

    /// <summary>Gets the weightings that the heads have.</summary>
    public ImmutableArray<AttentionWeights> Weights { get; private set; } = [AttentionWeights.Standard];

    /// <summary>Gets the layers through which there are rollouts.</summary>
    public List<int> RolloutLayers { get; } = [];

    /// <summary>Reads the rollout through a layer and starts to pack it.</summary>
    public PatternBlock AddRollout(int layer, PatternRows rollout, int level)
    {
        var codes = new ushort[shape.CellCount];
        var row = new float[shape.Tokens];
        for (var query = 0; query < shape.Tokens; query++)
        {
            rollout(query, row);
            WriteCodes(row, query, codes.AsSpan(shape.StartOf(query), shape.LengthOf(query)));
        }

        RolloutLayers.Add(layer);
        return PatternBlock.OfSummary(
            string.Create(CultureInfo.InvariantCulture, $"sum-{number}-rollout{layer}-standard"), level, shape, false,
            () => PooledPattern.Of(new(shape, codes), PatternTier.OfSummary(0), [null]));
    }

    /// <summary>Reads a head and starts to pack it.</summary>
    public PatternBlock Add(HeadAttention head, PlannedHead planned, int level)
    {
        CheckFactors(head.ValueFactors, planned.Name);
        CheckFactors(head.InfoFactors, planned.Name);
        var factors = KeyFactors.Of(head);
        if (summary is null)
            (Weights, summary) = (factors.Weights, new(shape, factors.Weights));
        else if (!Weights.SequenceEqual(factors.Weights))
            throw new ArgumentException(
                $"Head {planned.Name} has the weightings {string.Join(", ", factors.Weights)}, and those before it "
                + $"{string.Join(", ", Weights)}: all heads of a page need the same.");
        var tier = PatternTier.At(level, TokenCount);
        var pack = shape.Tokens <= PatternTier.MostTokensHeld
            ? Whole(head, planned.Name, tier, factors)
            : InRows(head, planned.Name, tier, factors);
        summary.EndHead();
        blocks.Add(PatternBlock.OfHead($"head-{number}-{Heads.Count}", level, shape, Weights, pack));
        Heads.Add(planned);
        return blocks[^1];
    }

    /// <summary>Returns the summaries over the heads that were added.</summary>
    public IEnumerable<PatternBlock> Summaries(int level)
    {
        if (summary is not { } all)
            yield break;
        foreach (var (weighting, name) in Weights.Select(AttentionPlan.NameOf).Index())
        {
            yield return PatternBlock.OfSummary(
                $"sum-{number}-max-{name}", level, shape, true, () => all.Largest(weighting));
            if (all.HasMean)
                yield return PatternBlock.OfSummary(
                    $"sum-{number}-mean-{name}", level, shape, false, () => all.Mean(weighting));
        }

        summary = null;
    }

    /// <summary>Returns the prompt with what a page says about it.</summary>
    /// <param name="level">The level of detail.</param>
    /// <param name="order">The places of the heads, in the order in which they are shown.</param>
    public PlannedPrompt ToPlan(int level, ImmutableArray<int> order) => new(label, tokens, mask, shape)
    {
        Tier = PatternTier.At(level, TokenCount),
        Facts = [.. order.Select(place => facts[place])],
        // A factor is rounded too.
        Bound = (blocks.Max(block => block.Error) + (Weights.Length > 1 ? 1 : 0.5)) / PatternCode.One,
    };

    /// <summary>Returns the codes that a page shows of a head, query by query.</summary>
    /// <param name="place">The place of the head among those that were added.</param>
    /// <param name="weights">The weighting.</param>
    /// <param name="level">The level of detail.</param>
    public IEnumerable<ushort[]> ShownRows(int place, AttentionWeights weights, int level)
    {
        var tier = PatternTier.At(level, TokenCount);
        var packed = blocks[place].Packed;
        KeyFactors factors;
        var rows = tier.IsExact
            ? packed.ReadExact(shape, Weights, out factors).ShownRows()
            : packed.ReadPooled(shape, tier, Weights, out factors).ShownRows();
        return factors.All[Weights.IndexOf(weights)] is { } of
            ? rows.Select(row => row.Zip(of, PatternCode.Weighted).ToArray())
            : rows;
    }

    Func<PackedPattern> Whole(HeadAttention head, string name, PatternTier tier, KeyFactors factors)
    {
        var pattern = new ExactPattern(shape, new ushort[shape.CellCount]);
        ReadRows(head, name, factors, (query, row) => row.CopyTo(pattern.Codes.AsSpan(shape.StartOf(query))));
        return () => PackedPattern.Of(pattern, tier, factors);
    }

    Func<PackedPattern> InRows(HeadAttention head, string name, PatternTier tier, KeyFactors factors)
    {
        var pool = new PatternPool(shape, tier, factors.All);
        ReadRows(head, name, factors, pool.Add);
        return () => PackedPattern.Of(pool.ToPattern(), factors);
    }

    void ReadRows(HeadAttention head, string name, KeyFactors factors, RowReader read)
    {
        var size = shape.Tokens;
        var rows = new float[Math.Min(RowsAtOnce, size) * size];
        var codes = new ushort[size];
        var seen = new HeadFactsReader(mask);
        for (var first = 0; first < size; first += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, size - first);
            head.CopyRows(first, rows.AsSpan(0, count * size));
            CheckRows(rows.AsSpan(0, count * size), first, name);
            for (var query = first; query < first + count; query++)
            {
                var row = codes.AsSpan(0, shape.LengthOf(query));
                WriteCodes(rows.AsSpan((query - first) * size, row.Length), query, row);
                seen.Add(query, row);
                summary!.Add(query, row, factors);
                read(query, row);
            }
        }

        facts.Add(seen.ToFacts());
    }

    // A number between is written as it is, and one outside as the nearer end: only what rounding can cause.
    static bool AreShares(ReadOnlySpan<float> numbers) => TensorPrimitives.Min(numbers) >= -MostRounding
        && TensorPrimitives.Max(numbers) <= 1 + MostRounding;

    void CheckFactors(ImmutableArray<float>? factors, string name)
    {
        if (factors is { } some && (some.Length != TokenCount || !AreShares(some.AsSpan())))
            throw new ArgumentException(
                $"Head {name} has {some.Length} factors of keys for {TokenCount} tokens, or one that is not from 0 to "
                + "1; each key needs one.");
    }

    void CheckRows(ReadOnlySpan<float> rows, int first, string name)
    {
        if (AreShares(rows))
            return;
        for (var at = 0; at < rows.Length; at++)
            if (!AreShares(rows.Slice(at, 1)))
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Head {name}, query {first + (at / TokenCount)}, key {at % TokenCount}: {rows[at]} is no "
                    + $"probability; give the attention after its softmax, numbers from 0 to 1."));
    }

    // Padding has no numbers.
    void WriteCodes(ReadOnlySpan<float> row, int query, Span<ushort> codes)
    {
        codes.Clear();
        if (mask is not { } real)
            for (var key = 0; key < codes.Length; key++)
                codes[key] = PatternCode.Of(row[key]);
        else if (real[query] != 0)
            for (var key = 0; key < codes.Length; key++)
                codes[key] = real[key] == 0 ? (ushort)0 : PatternCode.Of(row[key]);
    }

    delegate void RowReader(int query, ReadOnlySpan<ushort> row);
}
