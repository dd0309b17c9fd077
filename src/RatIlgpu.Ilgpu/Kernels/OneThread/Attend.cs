using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Ilgpu;

static class AttendOneThreadKernel
{
    /// <summary>One thread per share of the blocks of queries of each key head: scores, softmax and mix, one block of
    /// keys after the other.</summary>
    /// <remarks>The last blocks come first: under a causal mask they take longest. The result of a query is the same
    /// bits whichever queries and later keys lie beside it. Milakov and Gimelshein, Online normalizer calculation for
    /// softmax, 2018.</remarks>
    [MethodImpl(AggressiveOptimization)]
    public static void Run(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> keyMask,
        AttentionSizes sizes, AttentionBlocks blocks, ArrayView<float> scratch, ArrayView<float> result)
    {
        var own = Share.Of(scratch);
        var penalties = PatternRow.Penalties(keyMask, own);
        var ofHead = (sizes.Queries + blocks.Queries - 1) / blocks.Queries;
        for (var item = ofHead * sizes.KeyHeads - 1 - Share.Index; item >= 0; item -= Share.Count)
        {
            var (first, keyHead) = (item / sizes.KeyHeads * blocks.Queries, item % sizes.KeyHeads);
            var count = IntrinsicMath.Min(blocks.Queries, sizes.Queries - first);
            var rows = AttendedRows.Of(sizes, blocks, first, count, keyHead);
            rows.Start(query, own);
            var firstKey = sizes.FirstKey(first);
            var end = sizes.EndKey(first + count - 1);
            // Blocks start at the same keys for every query.
            for (var k = firstKey - firstKey % AttentionBlocks.Keys; k < end; k += AttentionBlocks.Keys)
                rows.Add(key, value, k, IntrinsicMath.Min(AttentionBlocks.Keys, end - k), penalties, own);
            rows.Finish(value, own, result);
        }
    }
}

/// <summary>The attention of some neighbouring queries, in the heads that share a key head: a row is a query of one
/// head. Each keeps the largest score so far, the sum of the exponentials of the scores relative to it, and the values
/// mixed so far; a larger score rescales them.</summary>
struct AttendedRows
{
    AttentionSizes sizes;
    AttentionBlocks blocks;
    int first;
    int count;
    int group;
    int firstHead;

    // The places in the scratch memory of a share.
    long mixed;
    long scores;
    long largest;
    long sums;

    readonly int Rows => count * group;

    /// <summary>Makes the rows of queries of the heads that read a key head.</summary>
    public static AttendedRows Of(AttentionSizes sizes, AttentionBlocks blocks, int first, int count, int keyHead)
    {
        var group = sizes.Heads / sizes.KeyHeads;
        var numbers = (long)count * group * sizes.HeadSize;
        var scores = 2 * numbers;
        var largest = scores + (long)count * group * AttentionBlocks.Keys;
        return new()
        {
            sizes = sizes,
            blocks = blocks,
            first = first,
            count = count,
            group = group,
            firstHead = keyHead * group,
            mixed = numbers,
            scores = scores,
            largest = largest,
            sums = largest + (long)count * group,
        };
    }

    /// <summary>Returns the scratch memory that rows of a size need, in numbers, penalties aside.</summary>
    public static int ScratchCount(int rows, int headSize) => rows * (2 * headSize + AttentionBlocks.Keys + 2);

    /// <summary>Starts with no keys.</summary>
    [MethodImpl(AggressiveOptimization)]
    public readonly void Start(ArrayView<float> query, ArrayView<float> own)
    {
        for (var row = 0; row < Rows; row++)
        {
            PatternRow.Pack(query, sizes, QueryOf(row), HeadOf(row), own, (long)row * sizes.HeadSize);
            PatternRow.Fill(0, own, mixed + (long)row * sizes.HeadSize, sizes.HeadSize);
            // Not −∞: the difference of two infinities is NaN.
            own[largest + row] = Limits.Lowest;
            own[sums + row] = 0;
        }
    }

    /// <summary>Adds a block of keys and their values.</summary>
    [MethodImpl(AggressiveOptimization)]
    public readonly void Add(
        ArrayView<float> key, ArrayView<float> value, int firstKey, int keys, ArrayView<float> penalties,
        ArrayView<float> own)
    {
        blocks.Score(own, 0, Rows, key, sizes, firstHead, firstKey, keys, own, scores, AttentionBlocks.Keys);
        // Whole vectors: a sum does not depend on the keys that a neighbour sees.
        var padded = AttentionBlocks.WholeVectors(keys);
        for (var row = 0; row < Rows; row++)
        {
            var at = scores + (long)row * AttentionBlocks.Keys;
            HideBefore(own, at, row, firstKey, keys);
            PatternRow.Hide(own, at, penalties, firstKey, keys);
            PatternRow.Fill(float.NegativeInfinity, own, at + keys, padded - keys);
            Exponentiate(own, row, at, padded);
        }

        AttentionBlocks.Mix(
            own, scores, AttentionBlocks.Keys, Rows, value, sizes, firstKey, keys, firstHead, own, mixed,
            sizes.HeadSize);
    }

    /// <summary>Stores the results.</summary>
    [MethodImpl(AggressiveOptimization)]
    public readonly void Finish(ArrayView<float> value, ArrayView<float> own, ArrayView<float> result)
    {
        for (var row = 0; row < Rows; row++)
        {
            var at = sizes.QueryAt(QueryOf(row), HeadOf(row));
            if (own[sums + row] == 0f)
                Average(value, row, result, at);
            else
                Scale(own, mixed + (long)row * sizes.HeadSize, 1f / own[sums + row], result, at);
        }
    }

    readonly int QueryOf(int row) => first + row / group;

    readonly int HeadOf(int row) => firstHead + row % group;

    // Hides the keys that the query does not see of those that the block's other queries see.
    [MethodImpl(AggressiveOptimization)]
    readonly void HideBefore(ArrayView<float> own, long at, int row, int firstKey, int keys)
    {
        var q = QueryOf(row);
        var before = IntrinsicMath.Clamp(sizes.FirstKey(q) - firstKey, 0, keys);
        var seen = IntrinsicMath.Clamp(sizes.EndKey(q) - firstKey, 0, keys);
        PatternRow.Fill(float.NegativeInfinity, own, at, before);
        PatternRow.Fill(float.NegativeInfinity, own, at + seen, keys - seen);
    }

    [MethodImpl(AggressiveOptimization)]
    readonly void Exponentiate(ArrayView<float> own, int row, long at, int keys)
    {
        var before = own[largest + row];
        var now = IntrinsicMath.Max(before, Leaf.Largest(own, at, keys));
        var kept = Maths.Exp(before - now);
        own[largest + row] = now;
        own[sums + row] = own[sums + row] * kept + Leaf.Exponentials(own, at, now, keys);
        var place = mixed + (long)row * sizes.HeadSize;
        if (kept != 1f)
            Scale(own, place, kept, own, place);
    }

    [MethodImpl(AggressiveOptimization)]
    readonly void Scale(ArrayView<float> x, long atX, float factor, ArrayView<float> result, long at)
    {
        for (var m = 0; m < sizes.HeadSize; m += Leaf.Block)
            Leaf.Scale(x, atX + m, factor, result, at + m, Blocks.Length(m, sizes.HeadSize));
    }

    // The result of a query that sees no key.
    [MethodImpl(AggressiveOptimization)]
    readonly void Average(ArrayView<float> value, int row, ArrayView<float> result, long at)
    {
        PatternRow.Fill(0, result, at, sizes.HeadSize);
        for (var k = 0; k < sizes.Keys; k++)
            for (var m = 0; m < sizes.HeadSize; m += Leaf.Block)
                Leaf.AddScaled(
                    value, sizes.KeyAt(k, HeadOf(row)) + m, 1f / sizes.Keys, result, at + m,
                    Blocks.Length(m, sizes.HeadSize));
    }
}
