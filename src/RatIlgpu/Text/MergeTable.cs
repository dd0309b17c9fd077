using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Merges the bytes of a word into tokens, in O(n log n) for a word of n bytes.</summary>
/// <remarks>Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units, 2016.</remarks>
sealed class MergeTable
{
    const int NoMerge = -1;

    readonly IReadOnlyDictionary<string, int> ids;
    readonly Dictionary<(int Left, int Right), int> ranks = [];
    readonly List<int> results = [];

    /// <summary>Makes a table of merges.</summary>
    /// <param name="file">The file that has the merges, for messages.</param>
    /// <param name="ids">The tokens' ids by their spellings.</param>
    /// <param name="merges">The merges in the order of their ranks, each of two spellings with a space between
    /// them.</param>
    /// <exception cref="InvalidDataException">A merge is not of that form, has a token that is not in the vocabulary,
    /// or is there twice.</exception>
    public MergeTable(string file, IReadOnlyDictionary<string, int> ids, IEnumerable<string> merges)
    {
        this.ids = ids;
        foreach (var merge in merges)
        {
            var rank = results.Count;
            var space = merge.IndexOf(' ');
            if (space < 1 || space == merge.Length - 1 || merge.IndexOf(' ', space + 1) > 0)
                throw Unfit("expected two tokens with a space between them");
            var pair = (Id(merge[..space]), Id(merge[(space + 1)..]));
            results.Add(Id(merge.Remove(space, 1)));
            if (!ranks.TryAdd(pair, rank))
                throw Unfit("which an earlier merge is too");

            int Id(string spelling) => ids.TryGetValue(spelling, out var id)
                ? id
                : throw Unfit($"but {Refusal.Quote(spelling)} is not in the vocabulary");

            InvalidDataException Unfit(string fault) =>
                Refusal.Of(file, $"merge {rank} is {Refusal.Quote(merge)}, {fault}.");
        }
    }

    /// <summary>Adds a word's tokens to a list: the leftmost pair of the lowest rank becomes one token, until no pair
    /// merges.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> tokens)
    {
        var symbols = new Symbol[word.Length + 1];
        for (var at = 0; at < word.Length; at++)
            symbols[at] = new Symbol(ids[word[at].ToString()], at - 1, at + 1, NoMerge);
        symbols[word.Length] = new Symbol(NoMerge, word.Length - 1, word.Length, NoMerge);

        // The priority is the rank, then the position. A pair that changes stays in the queue, and is skipped because
        // its rank has changed.
        var queue = new PriorityQueue<int, long>(word.Length);
        for (var at = 0; at < word.Length; at++)
            Queue(at);
        while (queue.TryDequeue(out var at, out var priority))
            if (symbols[at].Rank == priority >> 32)
                Merge(at);
        for (var at = 0; at < word.Length; at = symbols[at].Next)
            tokens.Add(symbols[at].Id);

        void Merge(int at)
        {
            ref var left = ref symbols[at];
            ref var right = ref symbols[left.Next];
            (left.Id, left.Next) = (results[left.Rank], right.Next);
            right.Rank = NoMerge;
            symbols[left.Next].Previous = at;
            Queue(at);
            if (left.Previous >= 0)
                Queue(left.Previous);
        }

        void Queue(int at)
        {
            ref var left = ref symbols[at];
            left.Rank = ranks.GetValueOrDefault((left.Id, symbols[left.Next].Id), NoMerge);
            if (left.Rank != NoMerge)
                queue.Enqueue(at, ((long)left.Rank << 32) | (uint)at);
        }
    }

    // A token of the word, at the position of its first byte. Rank is that of its pair with the next token.
    record struct Symbol(int Id, int Previous, int Next, int Rank);
}
