namespace RatIlgpu.Devices;

/// <summary>Keeps the k best of many items: the first k of a stable sort, best first.</summary>
/// <param name="capacity">The number of items kept, at least 1.</param>
sealed class TopK<T>(int capacity)
{
    readonly PriorityQueue<T, Rank> worstFirst = new();
    long added;

    /// <summary>Tells whether an item with this score would be kept if it were offered now.</summary>
    public bool Takes(double score) =>
        worstFirst.Count < capacity || (worstFirst.TryPeek(out _, out var worst) && score.CompareTo(worst.Score) > 0);

    /// <summary>Offers an item; of two with the same score the one offered first is the better.</summary>
    public void Add(T item, double score)
    {
        var rank = new Rank(score, added++);
        if (worstFirst.Count < capacity)
            worstFirst.Enqueue(item, rank);
        else
            worstFirst.EnqueueDequeue(item, rank);
    }

    /// <summary>Returns the items kept, best first, and forgets them.</summary>
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
