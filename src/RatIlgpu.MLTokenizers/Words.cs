using RatIlgpu.Text;
using Package = Microsoft.ML.Tokenizers;

namespace RatIlgpu.MLTokenizers;

/// <summary>Cuts texts into special tokens and words.</summary>
/// <remarks>The package's own cutter takes an expression of .NET, to which no letter outside the basic plane is one,
/// and of special tokens that start at one place takes the first named rather than the longest.</remarks>
/// <param name="specials">The special tokens.</param>
sealed class Words(SpecialTokens specials) : Package.PreTokenizer
{
    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        foreach (var (start, end, special) in specials.Cut(text))
            for (int at = start, length; at < end; at += length)
            {
                length = special is null ? Pretokenizer.FirstWord(text.AsSpan(at..end)) : end - start;
                yield return (at, length);
            }
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) =>
        PreTokenize(text.ToString());
}
