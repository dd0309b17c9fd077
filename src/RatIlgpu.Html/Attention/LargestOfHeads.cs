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
    readonly Entry[] merged = new Entry[2 * tier.Strongest];
    readonly uint[] strengths = new uint[2 * tier.Strongest];

    /// <summary>Adds the codes of a query of a head, in the order of its keys. The heads come in their order.</summary>
    public void Add(int head, int query, ReadOnlySpan<ushort> row)
    {
        map.Add(query, row);
        var found = strongest.In(row, LeastOf(rows[query]));
        if (!found.IsEmpty)
            rows[query] = Merged(rows[query], found, (ushort)head);
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
            Keys = [.. all.Select(entry => entry.Of.Key)],
            Codes = [.. all.Select(entry => entry.Of.Code)],
            Sums = [[.. rows.Select(row => (uint)row.Sum(entry => entry.Of.Code))]],
            Winners = [.. all.Select(entry => entry.Head)],
        };
    }

    // A smaller code changes nothing.
    ushort LeastOf(Entry[] row)
    {
        if (row.Length < tier.Strongest)
            return 1;
        var least = ushort.MaxValue;
        foreach (var entry in row)
            least = Math.Min(least, entry.Of.Code);
        return least;
    }

    // Both are in the order of their keys, and so is the result.
    Entry[] Merged(Entry[] before, ReadOnlySpan<StrongKey> found, ushort head)
    {
        var count = 0;
        for (int i = 0, j = 0; i < before.Length || j < found.Length; count++)
            if (j == found.Length || (i < before.Length && before[i].Of.Key < found[j].Key))
                merged[count] = before[i++];
            else if (i == before.Length || found[j].Key < before[i].Of.Key)
                merged[count] = new(found[j++], head);
            else
                merged[count] = found[j++].Code > before[i++].Of.Code ? new(found[j - 1], head) : before[i - 1];

        var least = LeastKept(count);
        var size = Math.Min(count, tier.Strongest);
        var kept = before.Length == size ? before : new Entry[size];
        for (int i = 0, place = 0; i < count; i++)
            if (merged[i].Of.Strength >= least)
                kept[place++] = merged[i];
        return kept;
    }

    uint LeastKept(int count)
    {
        if (count <= tier.Strongest)
            return 0;
        for (var i = 0; i < count; i++)
            strengths[i] = merged[i].Of.Strength;
        strengths.AsSpan(0, count).Sort();
        return strengths[count - tier.Strongest];
    }

    readonly record struct Entry(StrongKey Of, ushort Head);
}
