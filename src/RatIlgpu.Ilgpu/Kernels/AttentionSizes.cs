namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of an attention, and the places of its numbers in memory; a parameter of kernels.</summary>
struct AttentionSizes
{
    public int Queries;
    public int Keys;
    public int Heads;
    public int KeyHeads;
    public int HeadSize;
    public int Window;

    /// <summary>The factor of every score.</summary>
    public float Scale;

    /// <summary>Makes the sizes of an attention.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>.</param>
    /// <param name="window">The number of last keys that a query sees, itself included.</param>
    public static AttentionSizes Of(Shape query, Shape key, int window = int.MaxValue) => new()
    {
        Queries = query[0],
        Keys = key[0],
        Heads = query[1],
        KeyHeads = key[1],
        HeadSize = query[2],
        Window = window,
        Scale = 1 / MathF.Sqrt(query[2]),
    };

    /// <summary>Makes the sizes of a pattern without queries and keys.</summary>
    /// <param name="pattern"><c>[heads, queries, keys]</c>.</param>
    /// <param name="window">The number of last keys that a query sees, itself included.</param>
    public static AttentionSizes Of(Shape pattern, int window) =>
        new() { Queries = pattern[1], Keys = pattern[2], Heads = pattern[0], KeyHeads = pattern[0], Window = window };

    /// <summary>The first key that a query may see: the rule of <see cref="Visibility.FirstKey"/>, which a kernel
    /// cannot call.</summary>
    public readonly int FirstKey(int query)
    {
        var position = Keys - Queries + query;
        return Window > position ? 0 : position - Window + 1;
    }

    /// <summary>The key after the last that a query may see.</summary>
    public readonly int EndKey(int query) => Keys - Queries + query + 1;

    /// <summary>The place of a query of one head.</summary>
    public readonly long QueryAt(int query, int head) => ((long)query * Heads + head) * HeadSize;

    /// <summary>The place of the key or value that a query head reads.</summary>
    public readonly long KeyAt(int key, int head) => ((long)key * KeyHeads + head / (Heads / KeyHeads)) * HeadSize;

    /// <summary>The place of the row of a query in the pattern of one head.</summary>
    public readonly long PatternAt(int head, int query) => ((long)head * Queries + query) * Keys;

    /// <summary>Returns whether a query sees a key; the mask is 0 for each hidden key, or empty if none is.</summary>
    public readonly bool Sees(ArrayView<float> keyMask, int query, int key) =>
        key >= FirstKey(query) && key < EndKey(query) && (keyMask.Length == 0 || keyMask[key] != 0f);

    /// <summary>The score of a query and a key from the first to the last that the query may see; −∞ if the mask
    /// hides the key.</summary>
    public readonly float Score(
        ArrayView<float> queries, ArrayView<float> keys, ArrayView<float> keyMask, int query, int head, int key)
    {
        if (keyMask.Length != 0 && keyMask[key] == 0f)
            return float.NegativeInfinity;
        var (x, y) = (QueryAt(query, head), KeyAt(key, head));
        var (a, b, c, d) = (0f, 0f, 0f, 0f);
        var m = 0;
        for (; m <= HeadSize - 4; m += 4)
        {
            a = Fused.MultiplyAdd(queries[x + m], keys[y + m], a);
            b = Fused.MultiplyAdd(queries[x + m + 1], keys[y + m + 1], b);
            c = Fused.MultiplyAdd(queries[x + m + 2], keys[y + m + 2], c);
            d = Fused.MultiplyAdd(queries[x + m + 3], keys[y + m + 3], d);
        }

        for (; m < HeadSize; m++)
            a = Fused.MultiplyAdd(queries[x + m], keys[y + m], a);
        return (a + b + (c + d)) * Scale;
    }
}

/// <summary>The heads and queries whose rows are computed; a parameter of kernels.</summary>
struct AttentionChoice
{
    /// <summary>The heads, ascending.</summary>
    public ArrayView<int> Heads;

    /// <summary>The query of each row.</summary>
    public ArrayView<int> Queries;

    /// <summary>Not 0 for the maximum over the heads, 0 for the mean.</summary>
    public int IsMaximum;

    /// <summary>The factors of keys.</summary>
    public FactorSource Factors;

    /// <summary>Makes a choice from heads, and queries after them; at least one of each.</summary>
    public static AttentionChoice Of(ArrayView<int> both, int heads) =>
        new() { Heads = both.SubView(0, heads), Queries = both.SubView(heads, both.Length - heads) };
}

/// <summary>The factors of the keys of each head; a parameter of kernels.</summary>
struct FactorSource
{
    /// <summary>The factors, <c>[heads, Stride]</c>; empty for none.</summary>
    public ArrayView<float> Numbers;

    /// <summary>The factors of a head.</summary>
    public int Stride;

    /// <summary>The head of each chosen pattern.</summary>
    public ArrayView<int> Heads;

    /// <summary>The place of the factor of a key and a chosen pattern.</summary>
    public readonly long At(int pattern, int key) => (long)Heads[pattern] * Stride + key;
}
