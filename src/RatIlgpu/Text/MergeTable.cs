using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Merges the symbols of a word into tokens, in O(n log n) for a word of n symbols.</summary>
/// <remarks>Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units, 2016.</remarks>
sealed class MergeTable
{
    const int NoMerge = -1;

    readonly Dictionary<(int Left, int Right), int> ranks = [];
    readonly List<int> results = [];

    /// <summary>Makes a table of merges.</summary>
    /// <param name="file">The file that has the merges, for messages.</param>
    /// <param name="ids">The tokens' ids by their spellings.</param>
    /// <param name="merges">The merges in the order of their ranks.</param>
    /// <exception cref="InvalidDataException">A merge has a token that is not in the vocabulary, or is there
    /// twice.</exception>
    public MergeTable(string file, IReadOnlyDictionary<string, int> ids, IEnumerable<Merge> merges)
    {
        foreach (var merge in merges)
        {
            var rank = results.Count;
            var pair = (Id(merge.Left), Id(merge.Right));
            results.Add(Id(merge.Left + merge.Right));
            if (!ranks.TryAdd(pair, rank))
                throw merge.Unfit(file, rank, "which an earlier merge is too");

            int Id(string spelling) => ids.TryGetValue(spelling, out var id)
                ? id
                : throw merge.Unfit(file, rank, $"but {Refusal.Quote(spelling)} is not in the vocabulary");
        }
    }

    /// <summary>Adds a word's tokens to a list: the leftmost pair of the lowest rank becomes one token, until no pair
    /// merges.</summary>
    /// <param name="word">The tokens of the single symbols.</param>
    /// <param name="tokens">The list.</param>
    public void Encode(ReadOnlySpan<int> word, List<int> tokens)
    {
        var symbols = new Symbol[word.Length + 1];
        for (var at = 0; at < word.Length; at++)
            symbols[at] = new Symbol(word[at], at - 1, at + 1, NoMerge);
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

    // A token of the word, at the position of its first symbol. Rank is that of its pair with the next token.
    record struct Symbol(int Id, int Previous, int Next, int Rank);
}

/// <summary>Two tokens that merge into one.</summary>
/// <param name="Left">The spelling of the first.</param>
/// <param name="Right">The spelling of the second.</param>
readonly record struct Merge(string Left, string Right)
{
    /// <summary>Reads merges that are two spellings with a space between them each.</summary>
    /// <exception cref="InvalidDataException">One is not of that form.</exception>
    public static IEnumerable<Merge> Split(string file, IEnumerable<string> lines)
    {
        foreach (var (rank, line) in lines.Index())
        {
            var space = line.IndexOf(' ');
            if (space < 1 || space == line.Length - 1 || line.IndexOf(' ', space + 1) > 0)
                throw Unfit(file, rank, line, "expected two tokens with a space between them");
            yield return new Merge(line[..space], line[(space + 1)..]);
        }
    }

    /// <summary>Returns the exception that says what is wrong with the merge.</summary>
    public InvalidDataException Unfit(string file, int rank, string fault) =>
        Unfit(file, rank, $"{Left} {Right}", fault);

    static InvalidDataException Unfit(string file, int rank, string line, string fault) =>
        Refusal.Of(file, $"merge {rank} is {Refusal.Quote(line)}, {fault}.");
}
