using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of the blocks in which one thread computes attention; a parameter of kernels.</summary>
struct AttentionBlocks
{
    /// <summary>The queries of a block of one head.</summary>
    public int Queries;

    public int TileRows;
    public int TileColumns;

    /// <summary>Rows that share the keys and values they read from the cache: four full tiles.</summary>
    public const int Rows = 20;

    /// <summary>The keys and values of a block stay in the second cache, the scores of its rows in the first.</summary>
    public const int Keys = 256;

    /// <summary>The values that a row mixes at a time, which stay in the first cache for the next row.</summary>
    public const int MixedKeys = 64;

    // The lanes of the widest vectors.
    const int Lanes = 16;

    /// <summary>Makes the sizes for blocks of some heads together.</summary>
    public static AttentionBlocks Of(int heads, SimdLeaves simd) => new()
    {
        Queries = Math.Max(1, Rows / heads),
        TileRows = simd.TileRows,
        TileColumns = simd.TileColumns,
    };

    /// <summary>Returns the smallest whole number of vectors.</summary>
    public static int WholeVectors(int count) => (count + Lanes - 1) / Lanes * Lanes;

    /// <summary>Computes the scores of neighbouring keys for rows of scaled queries, tile by tile.</summary>
    /// <param name="queries">The rows, one behind the other.</param>
    /// <param name="atQueries">The first number of the first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="key">The keys.</param>
    /// <param name="sizes">The sizes of the attention.</param>
    /// <param name="head">A query head that reads the keys.</param>
    /// <param name="firstKey">The first key.</param>
    /// <param name="count">The number of keys.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="atScores">The score of the first row and key.</param>
    /// <param name="stride">The numbers from one row of scores to the next.</param>
    [MethodImpl(AggressiveOptimization)]
    public readonly void Score(
        ArrayView<float> queries, long atQueries, int rows, ArrayView<float> key, AttentionSizes sizes, int head,
        int firstKey, int count, ArrayView<float> scores, long atScores, long stride)
    {
        var product = new TiledProduct
        {
            Rows = rows,
            Inner = sizes.HeadSize,
            TileRows = TileRows,
            TileColumns = TileColumns,
            WeightSize = sizeof(float),
            Strides = new()
            {
                X = sizes.HeadSize,
                Weight = (long)sizes.KeyHeads * sizes.HeadSize * sizeof(float),
                Result = stride,
                Format = (int)DataType.F32,
            },
        };
        product.Compute(
            queries, atQueries, key.Cast<byte>(), sizes.KeyAt(firstKey, head) * sizeof(float), count, false,
            ArrayView<float>.Empty, scores, atScores);
    }

    /// <summary>Adds the values of neighbouring keys, weighted by their part of a row, block by block.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Mix(
        ArrayView<float> weights, long atWeights, long stride, int rows, ArrayView<float> value, AttentionSizes sizes,
        int firstKey, int keys, int head, ArrayView<float> mixed, long atMixed, long mixedStride)
    {
        for (var start = 0; start < keys; start += MixedKeys)
            for (var row = 0; row < rows; row++)
                Leaf.Mix(
                    weights, atWeights + row * stride + start, value, sizes.KeyAt(firstKey + start, head),
                    (long)sizes.KeyHeads * sizes.HeadSize, mixed, atMixed + row * mixedStride, sizes.HeadSize,
                    IntrinsicMath.Min(MixedKeys, keys - start));
    }
}

/// <summary>A whole row of a pattern, and what its softmax needs.</summary>
static class PatternRow
{
    /// <summary>Copies a query, divided by the root of the head size: there are fewer queries than scores.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Pack(
        ArrayView<float> query, AttentionSizes sizes, int q, int head, ArrayView<float> packed, long at)
    {
        for (var m = 0; m < sizes.HeadSize; m += Leaf.Block)
            Leaf.Scale(
                query, sizes.QueryAt(q, head) + m, sizes.Scale, packed, at + m, Blocks.Length(m, sizes.HeadSize));
    }

    /// <summary>Returns the number to add to the score of each key, 0 or −∞ where the mask hides the key, in the last
    /// part of the scratch memory of a share; an empty view if no key is hidden.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static ArrayView<float> Penalties(ArrayView<float> keyMask, ArrayView<float> own)
    {
        if (keyMask.Length == 0)
            return keyMask;
        var penalties = own.SubView(own.Length - keyMask.Length, keyMask.Length);
        for (var k = 0L; k < keyMask.Length; k++)
            penalties[k] = keyMask[k] == 0f ? float.NegativeInfinity : 0f;
        return penalties;
    }

    /// <summary>Adds the penalties of keys to their scores, if there are penalties.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Hide(
        ArrayView<float> scores, long at, ArrayView<float> penalties, int firstKey, int count)
    {
        if (penalties.Length == 0)
            return;
        for (var i = 0; i < count; i += Leaf.Block)
            Leaf.Add(scores, at + i, penalties, firstKey + i, scores, at + i, Blocks.Length(i, count));
    }

    /// <summary>Turns the scores of the keys that a query sees into probabilities; returns false if it sees no
    /// key.</summary>
    /// <param name="row">The row.</param>
    /// <param name="at">The score of key 0.</param>
    /// <param name="sizes">The sizes of the attention.</param>
    /// <param name="q">The query.</param>
    /// <param name="penalties">The penalties of keys, or empty.</param>
    [MethodImpl(AggressiveOptimization)]
    public static bool TrySoftmax(
        ArrayView<float> row, long at, AttentionSizes sizes, int q, ArrayView<float> penalties)
    {
        var (first, count) = (sizes.FirstKey(q), sizes.EndKey(q) - sizes.FirstKey(q));
        Hide(row, at + first, penalties, first, count);
        var largest = Leaf.Largest(row, at + first, count);
        if (largest == float.NegativeInfinity)
            return false;
        var scale = 1f / Leaf.Exponentials(row, at + first, largest, count);
        for (var i = 0; i < count; i += Leaf.Block)
            Leaf.Scale(row, at + first + i, scale, row, at + first + i, Blocks.Length(i, count));
        return true;
    }

    /// <summary>Turns a whole row of scores into probabilities: 0 for keys that the query does not see, uniform if it
    /// sees no key.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Finish(
        ArrayView<float> row, long at, AttentionSizes sizes, int q, ArrayView<float> penalties)
    {
        Fill(0, row, at, sizes.FirstKey(q));
        Fill(0, row, at + sizes.EndKey(q), sizes.Keys - sizes.EndKey(q));
        if (!TrySoftmax(row, at, sizes, q, penalties))
            Fill(1f / sizes.Keys, row, at, sizes.Keys);
    }

    /// <summary>Sets neighbouring numbers, block by block.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Fill(float value, ArrayView<float> row, long at, int count)
    {
        for (var i = 0; i < count; i += Leaf.Block)
            Leaf.Fill(value, row, at + i, Blocks.Length(i, count));
    }
}
