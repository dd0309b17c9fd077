namespace RatIlgpu.Html;

/// <summary>Finds the strongest keys of a query.</summary>
/// <param name="most">The largest number of keys.</param>
sealed class StrongestKeys(int most)
{
    // As a heap, with the weakest key at its root.
    readonly uint[] heap = new uint[most];
    readonly uint[] byKey = new uint[most];
    readonly StrongKey[] found = new StrongKey[most];

    /// <summary>Finds the keys of a row whose codes are the largest; of equal codes the first key is
    /// stronger.</summary>
    /// <param name="row">The codes.</param>
    /// <param name="least">The smallest code that a key can have, at least 1.</param>
    /// <returns>The keys, ascending; good until the next row.</returns>
    public ReadOnlySpan<StrongKey> In(ReadOnlySpan<ushort> row, ushort least = 1)
    {
        var count = 0;
        for (var key = 0; key < row.Length; key++)
        {
            // A later key needs a larger code than the weakest of a full heap. Many are passed over at a time.
            var wanted = count < most ? least : (heap[0] >> 16) + 1;
            var next = wanted > ushort.MaxValue ? -1 : row[key..].IndexOfAnyInRange((ushort)wanted, ushort.MaxValue);
            if (next < 0)
                break;
            key += next;
            var strength = new StrongKey((ushort)key, row[key]).Strength;
            if (count < most)
                Raise(count++, strength);
            else
                Lower(strength);
        }

        for (var place = 0; place < count; place++)
        {
            var (key, code) = StrongKey.Of(heap[place]);
            byKey[place] = ((uint)key << 16) | code;
        }

        byKey.AsSpan(0, count).Sort();
        for (var place = 0; place < count; place++)
            found[place] = new((ushort)(byKey[place] >> 16), (ushort)byKey[place]);
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
