namespace RatIlgpu.Ilgpu;

static class GatedLinearOneThreadKernel
{
    /// <summary>One thread per share of the outputs: both products, then <c>result = silu(x·gateᵀ) ⊙ x·upᵀ</c>, row
    /// by row.</summary>
    public static void Run(
        ArrayView<float> x, ArrayView<byte> gate, ArrayView<byte> up, TiledProduct product, ArrayView<float> scratch,
        ArrayView<float> ups, ArrayView<float> result)
    {
        var outputs = (int)product.Strides.Result;
        var (first, count) = Share.Columns(outputs);
        var at = first * product.Strides.Weight;
        product.Compute(x, 0, gate, at, count, false, Share.Of(scratch), result, first);
        product.Compute(x, 0, up, at, count, false, Share.Of(scratch), ups, first);
        for (var row = 0; row < product.Rows; row++)
            for (var i = 0; i < count; i += Leaf.Block)
            {
                var from = (long)row * outputs + first + i;
                Leaf.SwiGlu(result, from, ups, from, result, from, Blocks.Length(i, count));
            }
    }
}

static class ProjectHeadsOneThreadKernel
{
    /// <summary>One thread per share of the pairs of all heads: queries, keys and values, and the rotation of queries
    /// and keys.</summary>
    public static void Run(
        ArrayView<float> x, HeadOperands query, HeadOperands key, HeadOperands value, ArrayView<float> angles,
        HeadUnits units, ArrayView<float> scratch)
    {
        var own = Share.Of(scratch);
        query.Compute(x, 0, units, angles, own);
        key.Compute(x, query.Heads, units, angles, own);
        value.Compute(x, query.Heads + key.Heads, units, ArrayView<float>.Empty, own);
    }
}

/// <summary>The pairs of heads that a share takes at a time; a parameter of kernels.</summary>
struct HeadUnits
{
    /// <summary>The pairs of a head.</summary>
    public int Half;

    /// <summary>The pairs of a unit, which divide <see cref="Half"/>.</summary>
    public int Pairs;

    /// <summary>The heads of queries, keys and values together.</summary>
    public int Heads;

    /// <summary>Makes the units of heads of a size.</summary>
    public static HeadUnits Of(int headSize, int heads)
    {
        // Whole vectors, since a pair behind the last whole vector of a row is rounded in another way.
        var half = headSize / 2;
        return new() { Half = half, Pairs = half % 16 == 0 ? 16 : half, Heads = heads };
    }
}

/// <summary>The weights and the result of a projection to heads; a parameter of kernels.</summary>
struct HeadOperands
{
    public ArrayView<byte> Weight;
    public BiasView Bias;
    public TiledProduct Product;
    public int Heads;

    /// <summary><c>[rows, heads, headSize]</c>.</summary>
    public ArrayView<float> Result;

    /// <summary>Computes the units of this share, and rotates them if there are angles.</summary>
    /// <param name="x"><c>[rows, inputs]</c>.</param>
    /// <param name="firstHead">The heads of other projections before these.</param>
    /// <param name="units">The units of all projections.</param>
    /// <param name="angles"><c>[rows, headSize]</c>, or empty.</param>
    /// <param name="scratch">Memory for the product.</param>
    public readonly void Compute(
        ArrayView<float> x, int firstHead, HeadUnits units, ArrayView<float> angles, ArrayView<float> scratch)
    {
        var half = units.Half;
        var all = (long)units.Heads * half / units.Pairs;
        var before = (long)firstHead * half;
        var pair = (int)IntrinsicMath.Max(0, Share.First(all) * units.Pairs - before);
        var end = (int)IntrinsicMath.Min((long)Heads * half, Share.End(all) * units.Pairs - before);
        while (pair < end)
        {
            var (head, m) = (pair / half, pair % half);
            var whole = m == 0 ? (end - pair) / half : 0;
            if (whole > 0)
            {
                // Whole heads are neighbouring columns.
                Columns(x, head * 2 * half, whole * 2 * half, scratch);
                Rotate(head, whole, 0, half, half, angles);
                pair += whole * half;
            }
            else
            {
                var count = IntrinsicMath.Min(half - m, end - pair);
                Columns(x, head * 2 * half + m, count, scratch);
                Columns(x, head * 2 * half + half + m, count, scratch);
                Rotate(head, 1, m, count, half, angles);
                pair += count;
            }
        }
    }

    readonly void Columns(ArrayView<float> x, int first, int count, ArrayView<float> scratch)
    {
        Bias.Store(Product.Rows, first, count, (int)Product.Strides.Result, Result);
        Product.Compute(
            x, 0, Weight, first * Product.Strides.Weight, count, Bias.Numbers.Length != 0, scratch, Result, first);
    }

    readonly void Rotate(int firstHead, int heads, int m, int count, int half, ArrayView<float> angles)
    {
        if (angles.Length == 0)
            return;
        for (var row = 0L; row < Product.Rows; row++)
            for (var head = firstHead; head < firstHead + heads; head++)
                RotatedPairs.Rotate(
                    Result, row * Product.Strides.Result + (head * 2 * half + m), angles, row * 2 * half + m, Result,
                    half, count);
    }
}
