namespace RatIlgpu.Tracing;

/// <summary>Keeps the best few of many items: those a stable sort, best first, would put in front.</summary>
/// <param name="capacity">How many are kept, at least 1.</param>
sealed class Best<T>(int capacity)
{
    readonly PriorityQueue<T, Rank> worstFirst = new();
    long added;

    /// <summary>Offers an item; of two with the same score the one offered first is the better.</summary>
    public void Add(T item, double score)
    {
        var rank = new Rank(score, added++);
        if (worstFirst.Count < capacity)
            worstFirst.Enqueue(item, rank);
        else
            worstFirst.EnqueueDequeue(item, rank);
    }

    /// <summary>Returns what was kept, best first, and keeps nothing.</summary>
    public T[] Take()
    {
        var items = new T[worstFirst.Count];
        for (var i = items.Length - 1; i >= 0; i--)
            items[i] = worstFirst.Dequeue();
        return items;
    }

    readonly record struct Rank(double Score, long Order) : IComparable<Rank>
    {
        public int CompareTo(Rank other) => Score.CompareTo(other.Score) is not 0 and var byScore
            ? byScore
            : other.Order.CompareTo(Order);
    }
}
