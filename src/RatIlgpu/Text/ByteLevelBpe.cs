namespace RatIlgpu.Text;

/// <summary>Merges the bytes of words to tokens.</summary>
/// <remarks>Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units, 2016. It keeps
/// working memory between words: one thread at a time.</remarks>
/// <param name="bytes">The token of each byte, 256 of them.</param>
/// <param name="merges">The pairs that merge.</param>
sealed class ByteLevelBpe(int[] bytes, MergeTable merges)
{
    const int NoMerge = -1;

    // Places in the order of merging: the rank, then the position. A place whose pair has changed since stays in the
    // queue, and is skipped because its rank is another one.
    readonly PriorityQueue<int, long> places = new();
    Symbol[] symbols = [];

    /// <summary>Adds a word's tokens to a list: again and again, the leftmost pair of the lowest rank becomes one
    /// token.</summary>
    /// <param name="word">The bytes.</param>
    /// <param name="ids">Where the tokens go.</param>
    public void Encode(ReadOnlySpan<byte> word, List<int> ids)
    {
        Start(word);
        while (places.TryDequeue(out var at, out var place))
        {
            var rank = (int)(place >> 32);
            if (symbols[at].Rank == rank)
                Merge(at, merges.Result(rank));
        }

        for (var at = 0; at < word.Length; at = symbols[at].Next)
            ids.Add(symbols[at].Id);
    }

    void Start(ReadOnlySpan<byte> word)
    {
        if (symbols.Length <= word.Length)
            symbols = new Symbol[Math.Max(word.Length + 1, symbols.Length * 2)];
        for (var at = 0; at < word.Length; at++)
            symbols[at] = new Symbol(bytes[word[at]], at - 1, at + 1, NoMerge);
        symbols[word.Length] = new Symbol(NoMerge, word.Length - 1, word.Length, NoMerge);
        for (var at = 0; at < word.Length; at++)
            Queue(at);
    }

    void Merge(int at, int result)
    {
        ref var left = ref symbols[at];
        ref var right = ref symbols[left.Next];
        right.Rank = NoMerge;
        (left.Id, left.Next) = (result, right.Next);
        symbols[left.Next].Previous = at;
        Queue(at);
        if (left.Previous >= 0)
            Queue(left.Previous);
    }

    void Queue(int at)
    {
        ref var left = ref symbols[at];
        left.Rank = merges.Rank(left.Id, symbols[left.Next].Id);
        if (left.Rank != NoMerge)
            places.Enqueue(at, ((long)left.Rank << 32) | (uint)at);
    }

    // A token of the word, at the position of its first byte. Rank is that of the pair it makes with the next one.
    record struct Symbol(int Id, int Previous, int Next, int Rank);
}
