namespace RatIlgpu.Analysis;

/// <summary>Makes the same random numbers on every machine from a seed, the name of a stream and the number of a
/// sequence, so that each sequence can be made alone.</summary>
/// <remarks>SplitMix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014. The start is a
/// hash of seed, name and number by the same mixing.</remarks>
sealed class SeededRandom
{
    const ulong Step = 0x9E3779B97F4A7C15;

    ulong state;

    /// <summary>Starts a generator.</summary>
    /// <param name="seed">The seed of all data.</param>
    /// <param name="stream">The name of a kind of data: kinds with one seed have nothing in common.</param>
    /// <param name="number">The number of a sequence of that kind.</param>
    public SeededRandom(int seed, string stream, int number)
    {
        state = Mix((ulong)seed + Step);
        foreach (var letter in stream)
            state = Mix(state ^ letter) + Step;
        state = Mix(state ^ (uint)number);
    }

    /// <summary>Returns the next 64 bits.</summary>
    public ulong Next() => Mix(state += Step);

    /// <summary>Returns a number from 0 to below a bound, all equally likely.</summary>
    /// <param name="bound">The bound; at least 1.</param>
    /// <remarks>Lemire, Fast random integer generation in an interval, 2019.</remarks>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var range = (ulong)bound;
        var high = Math.BigMul(Next(), range, out var low);
        if (low < range)
            for (var least = unchecked(0 - range) % range; low < least;)
                high = Math.BigMul(Next(), range, out low);
        return (int)high;
    }

    /// <summary>Returns a number from a least to a most one, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>Returns one of some items.</summary>
    public T Choose<T>(ImmutableArray<T> items) => items[Below(items.Length)];

    /// <summary>Returns some of some items, none twice, in random order.</summary>
    /// <param name="items">The items.</param>
    /// <param name="count">The number to draw; at most that of the items.</param>
    public T[] Draw<T>(ImmutableArray<T> items, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, items.Length);
        // Fisher and Yates's shuffle, cut off after the drawn ones; what it moved is noted, and nothing is copied.
        var moved = new Dictionary<int, int>();
        var drawn = new T[count];
        for (var i = 0; i < count; i++)
        {
            var place = Between(i, items.Length - 1);
            drawn[i] = items[moved.GetValueOrDefault(place, place)];
            moved[place] = moved.GetValueOrDefault(i, i);
        }

        return drawn;
    }

    /// <summary>Returns 64 bits in which each bit depends on all bits of a number.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
