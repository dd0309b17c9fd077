using Microsoft.ML.Tokenizers;

namespace RatIlgpu.Text;

/// <summary>Merges the bytes of words into tokens.</summary>
/// <remarks>Microsoft.ML.Tokenizers merges the words up to a length, <see cref="MergeTable"/> the longer ones. Any
/// number of threads may use an encoder at once.</remarks>
sealed class BytePairEncoder
{
    /// <summary>The most bytes of a word that the package merges.</summary>
    /// <remarks>The package's time grows with the square of the length (<c>findings/bpe-merge-time.sh</c>).
    /// Measured on an AMD EPYC with Qwen2's vocabulary: a word of 4,000 random letters takes the package 2.5 ms and a
    /// <see cref="MergeTable"/> 0.8 ms, a word of 40,000 letters 150 and 9 ms; making the table takes 90 ms.</remarks>
    public const int LongestForPackage = 4_000;

    readonly BpeTokenizer package;
    readonly Lazy<MergeTable> table;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids;
    readonly int longestForPackage;
    readonly bool ignoresMerges;

    /// <summary>Makes the package's tables.</summary>
    /// <param name="file">The file that has the merges, for messages.</param>
    /// <param name="ids">The tokens' ids by their spellings; every byte has a token.</param>
    /// <param name="merges">The merges in the order of their ranks, each of two spellings with a space between
    /// them.</param>
    /// <param name="longestForPackage">The most bytes of a word that the package merges.</param>
    /// <param name="ignoresMerges">True if a word that is a token is that token, whatever the merges make of
    /// it.</param>
    /// <exception cref="InvalidDataException">A merge is not of that form, has a token that is not in the vocabulary,
    /// or is there twice.</exception>
    public BytePairEncoder(
        string file,
        Dictionary<string, int> ids,
        IEnumerable<string> merges,
        int longestForPackage,
        bool ignoresMerges = false)
    {
        try
        {
            package = BpeTokenizer.Create(new BpeOptions(ids) { Merges = merges, PreTokenizer = new Whole() });
        }
        catch (Exception refused) when (refused is InvalidOperationException or ArgumentException)
        {
            // Says which merge is wrong, and why.
            _ = new MergeTable(file, ids, Merge.Split(file, merges));
            throw new InvalidDataException($"{file}: {refused.Message}", refused);
        }

        table = new Lazy<MergeTable>(() => new MergeTable(file, ids, Merge.Split(file, merges)));
        this.ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        (this.longestForPackage, this.ignoresMerges) = (longestForPackage, ignoresMerges);
    }

    /// <summary>Adds a word's tokens to a list.</summary>
    /// <param name="word">The word's bytes, spelled by <see cref="ByteAlphabet"/>.</param>
    /// <param name="tokens">The list.</param>
    public void Encode(ReadOnlySpan<char> word, List<int> tokens)
    {
        if (ignoresMerges && ids.TryGetValue(word, out var whole))
            tokens.Add(whole);
        else if (word.Length > longestForPackage)
            table.Value.Encode(Bytes(word), tokens);
        else
            tokens.AddRange(package.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
    }

    int[] Bytes(ReadOnlySpan<char> word)
    {
        var bytes = new int[word.Length];
        for (var at = 0; at < bytes.Length; at++)
            bytes[at] = ids[word.Slice(at, 1)];
        return bytes;
    }

    // Is never called, since words come one by one. Without a pretokenizer the package would compile a regular
    // expression.
    sealed class Whole : PreTokenizer
    {
        public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => [(0, text.Length)];

        public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) =>
            [(0, text.Length)];
    }
}
