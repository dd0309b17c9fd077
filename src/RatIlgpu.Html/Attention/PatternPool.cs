namespace RatIlgpu.Html;

/// <summary>Makes a pooled pattern of rows that come one after the other; the whole pattern is never held.</summary>
/// <param name="shape">The cells.</param>
/// <param name="tier">The side of the map and the number of strongest keys, in [1, 255].</param>
/// <param name="factors">The codes of the factors of the keys for each weighting; null for no factors.</param>
sealed class PatternPool(PatternShape shape, PatternTier tier, ImmutableArray<ushort[]?> factors)
{
    readonly PatternMap map = new(shape, tier);
    readonly byte[] counts = new byte[shape.Tokens];
    readonly List<ushort> keys = [];
    readonly List<ushort> codes = [];
    readonly ImmutableArray<uint[]> sums = [.. factors.Select(_ => new uint[shape.Tokens])];
    readonly StrongestKeys strongest = new(tier.Strongest);

    /// <summary>Adds the codes of the next query, in the order of its keys.</summary>
    public void Add(int query, ReadOnlySpan<ushort> row)
    {
        map.Add(query, row);
        foreach (var (weighting, of) in factors.Index())
            sums[weighting][query] = SumOf(row, of);
        strongest.Find(row);
        foreach (var (key, code) in strongest.InOrder())
        {
            keys.Add(key);
            codes.Add(code);
        }

        counts[query] = (byte)strongest.Count;
    }

    public PooledPattern ToPattern() => new()
    {
        Shape = shape,
        Side = tier.SideFor(shape),
        Strongest = tier.Strongest,
        Map = map.ToRoots(),
        Counts = counts,
        Keys = [.. keys],
        Codes = [.. codes],
        Sums = sums,
    };

    static uint SumOf(ReadOnlySpan<ushort> row, ushort[]? factors)
    {
        var sum = 0u;
        if (factors is null)
            foreach (var code in row)
                sum += code;
        else
            for (var key = 0; key < row.Length; key++)
                sum += PatternCode.Weighted(row[key], factors[key]);
        return sum;
    }
}

/// <summary>Finds the strongest keys of a query.</summary>
/// <param name="most">The largest number of keys.</param>
sealed class StrongestKeys(int most)
{
    // A code above the place of its key from the end, so that of equal codes the first key is stronger. As a heap, with
    // the weakest key at its root.
    readonly uint[] heap = new uint[most];

    public int Count { get; private set; }

    /// <summary>Finds the keys of a row whose codes are the largest and not zero.</summary>
    public void Find(ReadOnlySpan<ushort> row)
    {
        Count = 0;
        for (var key = 0; key < row.Length; key++)
        {
            var entry = ((uint)row[key] << 16) | (uint)(ushort.MaxValue - key);
            if (row[key] == 0 || (Count == most && entry < heap[0]))
                continue;
            if (Count < most)
                Raise(Count++, entry);
            else
                Lower(entry);
        }
    }

    /// <summary>Returns the keys with their codes, by key.</summary>
    public IEnumerable<(ushort Key, ushort Code)> InOrder() => heap.Take(Count)
        .Select(entry => ((ushort)(ushort.MaxValue - (ushort)entry), (ushort)(entry >> 16))).Order();

    void Raise(int place, uint entry)
    {
        for (; place > 0 && heap[(place - 1) / 2] > entry; place = (place - 1) / 2)
            heap[place] = heap[(place - 1) / 2];
        heap[place] = entry;
    }

    // Puts an entry in the place of the weakest.
    void Lower(uint entry)
    {
        var place = 0;
        for (var child = 1; child < Count; child = (2 * place) + 1)
        {
            if (child + 1 < Count && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= entry)
                break;
            heap[place] = heap[child];
            place = child;
        }

        heap[place] = entry;
    }
}
