namespace RatIlgpu.Html;

/// <summary>Finds the strongest keys of a query.</summary>
/// <param name="most">The largest number of keys.</param>
sealed class StrongestKeys(int most)
{
    // As a heap, with the weakest key at its root.
    readonly uint[] heap = new uint[most];
    readonly StrongKey[] found = new StrongKey[most];

    /// <summary>Finds the keys of a row whose codes are the largest and not zero; of equal codes the first key is
    /// stronger.</summary>
    /// <param name="row">The codes.</param>
    /// <returns>The keys, ascending; good until the next row.</returns>
    public ReadOnlySpan<StrongKey> In(ReadOnlySpan<ushort> row)
    {
        var count = 0;
        var key = 0;
        for (; key < row.Length && count < most; key++)
            if (row[key] != 0)
                Raise(count++, new StrongKey((ushort)key, row[key]).Strength);

        // Later keys need a larger code, which is looked for many keys at a time.
        while (count == most && key < row.Length && heap[0] >> 16 < ushort.MaxValue)
        {
            var next = row[key..].IndexOfAnyInRange((ushort)((heap[0] >> 16) + 1), ushort.MaxValue);
            if (next < 0)
                break;
            key += next;
            Lower(new StrongKey((ushort)key, row[key]).Strength);
            key++;
        }

        for (var place = 0; place < count; place++)
            found[place] = StrongKey.Of(heap[place]);
        found.AsSpan(0, count).Sort(static (one, other) => one.Key - other.Key);
        return found.AsSpan(0, count);
    }

    void Raise(int place, uint entry)
    {
        for (; place > 0 && heap[(place - 1) / 2] > entry; place = (place - 1) / 2)
            heap[place] = heap[(place - 1) / 2];
        heap[place] = entry;
    }

    // Puts an entry in the place of the weakest of a full heap.
    void Lower(uint entry)
    {
        var place = 0;
        for (var child = 1; child < heap.Length; child = (2 * place) + 1)
        {
            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= entry)
                break;
            heap[place] = heap[child];
            place = child;
        }

        heap[place] = entry;
    }
}

/// <summary>A key of a query with its code.</summary>
readonly record struct StrongKey(ushort Key, ushort Code)
{
    /// <summary>Gets a number that is larger for a stronger key; of equal codes the first key is stronger.</summary>
    public uint Strength => ((uint)Code << 16) | (uint)(ushort.MaxValue - Key);

    public static StrongKey Of(uint strength) =>
        new((ushort)(ushort.MaxValue - (ushort)strength), (ushort)(strength >> 16));
}
