using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads the merges of a tokenizer, the earliest first, and refuses those that cannot be.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="vocabulary">The tokens that merge.</param>
sealed class MergeReader(string file, VocabularyBuilder vocabulary)
{
    /// <summary>Gets the merges read so far.</summary>
    public MergeTable Table { get; } = new();

    /// <summary>Adds a merge written as two tokens with a space between them.</summary>
    /// <exception cref="InvalidDataException">It is no merge.</exception>
    public void Add(ReadOnlySpan<char> line)
    {
        var space = line.IndexOf(' ');
        if (space < 1 || space == line.Length - 1 || line[(space + 1)..].Contains(' '))
            throw Unfit(line, "expected two tokens with a space between them");
        Add(line[..space], line[(space + 1)..]);
    }

    /// <summary>Adds a merge of two tokens.</summary>
    /// <exception cref="InvalidDataException">A token is not in the vocabulary, or the merge was there
    /// before.</exception>
    public void Add(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var result = string.Concat(left, right);
        if (!Table.Add(Find(left, left, right), Find(right, left, right), Find(result, left, right)))
            throw Unfit($"{left} {right}", "which an earlier merge is too");
    }

    int Find(ReadOnlySpan<char> token, ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var id = vocabulary.Find(token);
        if (id < 0)
            throw Unfit($"{left} {right}", $"but {Refusal.Quote(token.ToString())} is not in the vocabulary");
        return id;
    }

    InvalidDataException Unfit(ReadOnlySpan<char> merge, string fault) =>
        Refusal.Of(file, $"merge {Table.Count} is {Refusal.Quote(merge.ToString())}, {fault}.");
}
