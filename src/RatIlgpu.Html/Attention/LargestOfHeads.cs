namespace RatIlgpu.Html;

/// <summary>Makes the pooled pattern of the largest codes over heads whose rows come one after the other. It holds only
/// a map and the strongest keys of each query: a key that is among the strongest of all heads is among those of the
/// head that has its code.</summary>
/// <param name="shape">The cells.</param>
/// <param name="tier">The side of the map and the number of strongest keys.</param>
sealed class LargestOfHeads(PatternShape shape, PatternTier tier)
{
    readonly PatternMap map = new(shape, tier);
    readonly StrongestKeys strongest = new(tier.Strongest);
    readonly Entry[][] rows = [.. Enumerable.Repeat(Array.Empty<Entry>(), shape.Tokens)];

    /// <summary>Adds the codes of a query of a head, in the order of its keys. The heads come in their order.</summary>
    public void Add(int head, int query, ReadOnlySpan<ushort> row)
    {
        map.Add(query, row);
        strongest.Find(row);
        rows[query] = Merged(rows[query], [.. strongest.InOrder().Select(
            found => new Entry(found.Key, found.Code, (ushort)head))]);
    }

    /// <summary>Returns the pattern; the sum of a query is that of its strongest keys.</summary>
    public PooledPattern ToPattern()
    {
        Entry[] all = [.. rows.SelectMany(row => row)];
        return new()
        {
            Shape = shape,
            Side = tier.SideFor(shape),
            Strongest = tier.Strongest,
            Map = map.ToRoots(),
            Counts = [.. rows.Select(row => (byte)row.Length)],
            Keys = [.. all.Select(entry => entry.Key)],
            Codes = [.. all.Select(entry => entry.Code)],
            Sums = [[.. rows.Select(row => (uint)row.Sum(entry => entry.Code))]],
            Winners = [.. all.Select(entry => entry.Head)],
        };
    }

    // Both are in the order of their keys, and so is the result.
    Entry[] Merged(Entry[] before, Entry[] found)
    {
        var merged = new List<Entry>(before.Length + found.Length);
        var (i, j) = (0, 0);
        while (i < before.Length || j < found.Length)
            if (j == found.Length || (i < before.Length && before[i].Key < found[j].Key))
                merged.Add(before[i++]);
            else if (i == before.Length || found[j].Key < before[i].Key)
                merged.Add(found[j++]);
            else
                merged.Add(found[j++].Code > before[i++].Code ? found[j - 1] : before[i - 1]);

        // The sort is stable: of equal codes the first key stays.
        return merged.Count <= tier.Strongest
            ? [.. merged]
            : [.. merged.OrderByDescending(entry => entry.Code).Take(tier.Strongest).OrderBy(entry => entry.Key)];
    }

    readonly record struct Entry(ushort Key, ushort Code, ushort Head);
}
