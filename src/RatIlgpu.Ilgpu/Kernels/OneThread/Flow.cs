using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Ilgpu;

static class NearnessOneThreadKernel
{
    /// <summary>The keys of a block, whose values share the weights that they read from the cache.</summary>
    public const int Keys = 8;

    /// <summary>One thread per share, every n-th block of keys: how near the part that attention brings from each key
    /// comes to the stream after attention.</summary>
    /// <remarks>The sizes of the product are those of one block of keys and columns.</remarks>
    public static void Run(
        ArrayView<float> pattern, ArrayView<float> value, ArrayView<byte> weight, ArrayView<float> after,
        FlowSizes sizes, TiledProduct product, ArrayView<float> scratch, ArrayView<float> result)
    {
        var own = Share.Of(scratch);
        var blocks = (sizes.Attention.Keys + Keys - 1) / Keys;
        for (var block = Share.Index; block < blocks; block += Share.Count)
        {
            sizes.FirstKey = block * Keys;
            sizes.KeyCount = IntrinsicMath.Min(Keys, sizes.Attention.Keys - sizes.FirstKey);
            for (var i = 0L; i < (long)sizes.Attention.Queries * sizes.KeyCount; i++)
                result[i / sizes.KeyCount * sizes.Attention.Keys + sizes.FirstKey + i % sizes.KeyCount] = 0f;
            for (var column = 0; column < sizes.Width; column += Leaf.Block)
            {
                Write(value, weight, sizes, product, column, own);
                for (var place = 0; place < sizes.KeyCount; place++)
                    Compare(pattern, after, sizes, place, column, own, result);
            }
        }
    }

    /// <summary>The scratch memory that a share needs, in numbers.</summary>
    public static long ScratchCount(int heads) => (long)heads * Keys * Leaf.Block + Leaf.Block + heads;

    // What each head writes of the keys of a block, in a block of columns.
    [MethodImpl(AggressiveOptimization)]
    static void Write(
        ArrayView<float> value, ArrayView<byte> weight, FlowSizes sizes, TiledProduct product, int column,
        ArrayView<float> own)
    {
        product.Rows = sizes.KeyCount;
        for (var head = 0; head < sizes.Attention.Heads; head++)
            product.Compute(
                value, sizes.Attention.KeyAt(sizes.FirstKey, head), weight,
                column * product.Strides.Weight + (long)head * sizes.Attention.HeadSize * product.WeightSize,
                Blocks.Length(column, sizes.Width), false, ArrayView<float>.Empty, own, (long)head * Keys * Leaf.Block);
    }

    [MethodImpl(AggressiveOptimization)]
    static void Compare(
        ArrayView<float> pattern, ArrayView<float> after, FlowSizes sizes, int place, int column, ArrayView<float> own,
        ArrayView<float> result)
    {
        var (attention, columns) = (sizes.Attention, Blocks.Length(column, sizes.Width));
        var (key, mixed) = (sizes.FirstKey + place, (long)attention.Heads * Keys * Leaf.Block);
        var weights = mixed + Leaf.Block;
        var first = IntrinsicMath.Max(0, key - (attention.Keys - attention.Queries));
        for (var q = first; q < attention.Queries; q++)
        {
            for (var head = 0; head < attention.Heads; head++)
                own[weights + head] = pattern[attention.PatternAt(head, q) + key];
            Leaf.Fill(0f, own, mixed, columns);
            for (var head = 0; head < attention.Heads; head += Leaf.Block)
                Leaf.Mix(
                    own, weights + head, own, ((long)head * Keys + place) * Leaf.Block, Keys * Leaf.Block, own, mixed,
                    columns, Blocks.Length(head, attention.Heads));
            result[(long)q * attention.Keys + key] += Leaf.Nearness(
                after, (long)q * sizes.Width + column, own, mixed, columns);
        }
    }
}

static class FlowRowsOneThreadKernel
{
    /// <summary>One thread per share of the queries: divides how near each key comes by the sum of all and of the
    /// stream before, which counts for the query itself.</summary>
    public static void Run(
        ArrayView<float> before, ArrayView<float> after, FlowSizes sizes, ArrayView<float> result)
    {
        var end = Share.End(sizes.Attention.Queries);
        for (var q = Share.First(sizes.Attention.Queries); q < end; q++)
        {
            var (row, own) = (q * sizes.Attention.Keys, sizes.Attention.EndKey((int)q) - 1);
            var stay = Maths.MaxOrNaN(
                0f, Leaf.Nearness(after, q * sizes.Width, before, q * sizes.Width, sizes.Width));
            var sum = stay;
            for (var k = 0; k <= own; k++)
            {
                result[row + k] = Maths.MaxOrNaN(0f, result[row + k]);
                sum += result[row + k];
            }

            for (var k = 0; k <= own; k++)
            {
                var number = result[row + k] + (k == own ? stay : 0f);
                result[row + k] = sum == 0f ? (k == own ? 1f : 0f) : number / sum;
            }
        }
    }
}
