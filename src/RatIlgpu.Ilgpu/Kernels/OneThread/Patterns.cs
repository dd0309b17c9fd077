namespace RatIlgpu.Ilgpu;

static class PatternOneThreadKernel
{
    /// <summary>One thread per share of the blocks of queries of each head: their scores, and the probabilities from
    /// them if <paramref name="isPattern"/> is not 0. Keys that no query of a block sees are then not scored.</summary>
    public static void Run(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        AttentionBlocks blocks, int isPattern, ArrayView<float> scratch, ArrayView<float> result)
    {
        var own = Share.Of(scratch);
        var penalties = PatternRow.Penalties(keyMask, own);
        var ofHead = (sizes.Queries + blocks.Queries - 1) / blocks.Queries;
        for (var item = ofHead * sizes.Heads - 1 - Share.Index; item >= 0; item -= Share.Count)
        {
            var (first, head) = (item / sizes.Heads * blocks.Queries, item % sizes.Heads);
            var count = IntrinsicMath.Min(blocks.Queries, sizes.Queries - first);
            for (var row = 0; row < count; row++)
                PatternRow.Pack(query, sizes, first + row, head, own, (long)row * sizes.HeadSize);
            var at = ((long)head * sizes.Queries + first) * sizes.Keys;
            var firstKey = isPattern != 0 ? sizes.FirstKey(first) : 0;
            var end = isPattern != 0 ? sizes.EndKey(first + count - 1) : sizes.Keys;
            blocks.Score(own, 0, count, key, sizes, head, firstKey, end - firstKey, result, at + firstKey, sizes.Keys);
            for (var row = 0; row < count && isPattern != 0; row++)
                PatternRow.Finish(result, at + (long)row * sizes.Keys, sizes, first + row, penalties);
        }
    }
}

static class SoftmaxOneThreadKernel
{
    /// <summary>One thread per share of the rows: turns scores into probabilities over the keys that the query
    /// sees.</summary>
    public static void Run(
        ArrayView<float> scores, ArrayView<float> keyMask, AttentionSizes sizes, ArrayView<float> scratch,
        ArrayView<float> result)
    {
        var penalties = PatternRow.Penalties(keyMask, Share.Of(scratch));
        var rows = (long)sizes.Heads * sizes.Queries;
        var end = Share.End(rows);
        for (var row = Share.First(rows); row < end; row++)
        {
            var at = row * sizes.Keys;
            // Scores may be the result itself.
            for (var i = 0; i < sizes.Keys; i += Leaf.Block)
                Leaf.Scale(scores, at + i, 1f, result, at + i, Blocks.Length(i, sizes.Keys));
            PatternRow.Finish(result, at, sizes, (int)(row % sizes.Queries), penalties);
        }
    }
}

static class MixOneThreadKernel
{
    /// <summary>One thread per share of the blocks of queries of each head: mixes values by the pattern, up to the last
    /// key of any weight: a causal mask excludes half of all keys.</summary>
    public static void Run(
        ArrayView<float> pattern, ArrayView<float> value, AttentionSizes sizes, AttentionBlocks blocks,
        ArrayView<float> result)
    {
        var ofHead = (sizes.Queries + blocks.Queries - 1) / blocks.Queries;
        for (var item = ofHead * sizes.Heads - 1 - Share.Index; item >= 0; item -= Share.Count)
        {
            var (first, head) = (item / sizes.Heads * blocks.Queries, item % sizes.Heads);
            var count = IntrinsicMath.Min(blocks.Queries, sizes.Queries - first);
            var at = ((long)head * sizes.Queries + first) * sizes.Keys;
            var end = 0;
            for (var row = count - 1; row >= 0; row--)
            {
                PatternRow.Fill(0, result, sizes.QueryAt(first + row, head), sizes.HeadSize);
                end += Leaf.EndOf(pattern, at + (long)row * sizes.Keys + end, sizes.Keys - end);
            }

            AttentionBlocks.Mix(
                pattern, at, sizes.Keys, count, value, sizes, 0, end, head, result, sizes.QueryAt(first, head),
                (long)sizes.Heads * sizes.HeadSize);
        }
    }
}

static class AggregateOneThreadKernel
{
    /// <summary>One thread per share of the rows: reduces the patterns of the chosen heads to one number for each
    /// key.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>.</param>
    /// <param name="keyMask"><c>[keys]</c>, or empty.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="chosen">The heads, ascending, the queries, mean or maximum, and the factors of keys.</param>
    /// <param name="blocks">The sizes of tiles.</param>
    /// <param name="scratch">For each share the scaled queries and the patterns of the heads that share a key
    /// head.</param>
    /// <param name="result"><c>[rows, keys]</c>.</param>
    public static void Run(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        AttentionChoice chosen, AttentionBlocks blocks, ArrayView<float> scratch, ArrayView<float> result)
    {
        var own = Share.Of(scratch);
        var penalties = PatternRow.Penalties(keyMask, own);
        var heads = chosen.Heads.IntLength;
        for (var row = chosen.Queries.Length - 1 - Share.Index; row >= 0; row -= Share.Count)
        {
            PatternRow.Fill(0, result, row * sizes.Keys, sizes.Keys);
            for (var head = 0; head < heads;)
                head += Group(query, key, sizes, chosen, blocks, (int)row, head, penalties, own, result);
        }
    }

    // Adds the chosen heads that share a key head with the first: they read the same keys, and one product scores them
    // all. Returns how many they are.
    static int Group(
        ArrayView<float> query, ArrayView<float> key, AttentionSizes sizes, AttentionChoice chosen,
        AttentionBlocks blocks, int row, int first, ArrayView<float> penalties, ArrayView<float> own,
        ArrayView<float> result)
    {
        var (q, group) = (chosen.Queries[row], sizes.Heads / sizes.KeyHeads);
        var count = 0;
        for (; first + count < chosen.Heads.Length; count++)
        {
            var head = chosen.Heads[first + count];
            if (head / group != chosen.Heads[first] / group)
                break;
            PatternRow.Pack(query, sizes, q, head, own, (long)count * sizes.HeadSize);
        }

        var (patterns, firstKey) = ((long)group * sizes.HeadSize, sizes.FirstKey(q));
        blocks.Score(
            own, 0, count, key, sizes, chosen.Heads[first], firstKey, sizes.EndKey(q) - firstKey, own,
            patterns + firstKey, sizes.Keys);
        for (var i = 0; i < count; i++)
        {
            var pattern = patterns + (long)i * sizes.Keys;
            if (PatternRow.TrySoftmax(own, pattern, sizes, q, penalties))
                Reduce(own, pattern, firstKey, sizes.EndKey(q), sizes, chosen, first + i, result, row);
            else
                ReduceUniform(own, pattern, sizes, chosen, first + i, result, row);
        }

        return count;
    }

    // A query that sees no key is uniform over all. Without factors every head is the same; their sum would be rounded.
    static void ReduceUniform(
        ArrayView<float> own, long pattern, AttentionSizes sizes, AttentionChoice chosen, int j,
        ArrayView<float> result, int row)
    {
        if (chosen.Factors.Numbers.Length == 0)
            PatternRow.Fill(1f / sizes.Keys, result, (long)row * sizes.Keys, sizes.Keys);
        else
        {
            PatternRow.Fill(1f / sizes.Keys, own, pattern, sizes.Keys);
            Reduce(own, pattern, 0, sizes.Keys, sizes, chosen, j, result, row);
        }
    }

    // Adds the pattern of one head to the row, or takes the larger number of each key.
    static void Reduce(
        ArrayView<float> own, long pattern, int first, int end, AttentionSizes sizes, AttentionChoice chosen,
        int j, ArrayView<float> result, int row)
    {
        var at = (long)row * sizes.Keys;
        for (var k = first; k < end; k += Leaf.Block)
        {
            var count = Blocks.Length(k, end);
            if (chosen.Factors.Numbers.Length != 0)
                Leaf.ScaleEach(
                    own, pattern + k, chosen.Factors.Numbers, chosen.Factors.At(j, k), new() { High = 1f }, own,
                    pattern + k, count);
            if (chosen.IsMaximum != 0)
                Leaf.Maximize(own, pattern + k, result, at + k, count);
            else
                Leaf.AddScaled(own, pattern + k, 1f / chosen.Heads.IntLength, result, at + k, count);
        }
    }
}
