using System.Text.RegularExpressions;

namespace RatIlgpu.Properties;

/// <summary>Holds vocabularies of SentencePiece to their definition.</summary>
[Properties(Arbitrary = [typeof(PieceLaws)])]
public sealed class PieceLaws
{
    static readonly (Tokenizer Tokenizer, bool Leads, bool AfterSpaces)[] Forms =
    [
        (TinyPieces.Load(TinyPieces.Normalizer, null), true, true),
        (TinyPieces.Load(null, TinyPieces.Metaspace("first", split: false)), true, false),
        (TinyPieces.Load(null, TinyPieces.Metaspace("always", split: true)), true, false),
        (TinyPieces.Load(null, TinyPieces.Metaspace("never", split: false)), false, false),
    ];

    static readonly BpeLaws.PlainBpe Plain = new(TinyPieces.Ids, TinyPieces.Merges);

    static readonly Gen<string> Piece =
        Gen.Elements("the", " the", "  ", " ", "▁", "a", "ab", " ab", "e", "h", "\n", "é", "日", "😀", "<0x41>");

    internal static Arbitrary<string> Texts { get; } = Arb.From(
        Gen.OneOf(Piece.ListOf().Select(string.Concat), TokenizerLaws.Texts.WellFormed.Texts.Generator),
        TokenizerLaws.Texts.WellFormed.Texts.Shrinker);

    [Law(1000)]
    public void A_text_reads_back_after_the_space_that_is_put_before_it(string text)
    {
        foreach (var (tokenizer, leads, afterSpaces) in Forms)
            Assert.Equal(
                Spaced(text, leads, afterSpaces), tokenizer.Decode(tokenizer.Encode(text).Ids.AsSpan()));
    }

    [Law(1000)]
    public void Every_text_has_the_tokens_of_plain_byte_pair_encoding(string text)
    {
        foreach (var (tokenizer, leads, afterSpaces) in Forms.Where((_, form) => form != 2))
            Assert.Equal(Plain.Encode(Symbols(Spaced(text, leads, afterSpaces))), tokenizer.Encode(text).Ids);
    }

    [Law(1000)]
    public void Where_spaces_start_words_nothing_merges_across_them(string text)
    {
        var words = Regex.Split(Spaced(text, leads: true, afterSpaces: false), "(?= )").Where(word => word != "");
        Assert.Equal(words.SelectMany(word => Plain.Encode(Symbols(word))), Forms[2].Tokenizer.Encode(text).Ids);
    }

    [Law(1000)]
    public void Ranges_are_ordered_and_cover_the_text(string text)
    {
        foreach (var (tokenizer, _, _) in Forms)
        {
            var (start, end) = (0, 0);
            foreach (var range in tokenizer.Encode(text).Ranges)
            {
                Assert.InRange(range.Start, start, end);
                Assert.InRange(range.End, end, text.Length);
                (start, end) = (range.Start, range.End);
            }

            Assert.Equal(text.Length, end);
        }
    }

    static string Spaced(string text, bool leads, bool afterSpaces)
    {
        var spaced = text.Replace('▁', ' ');
        return leads && spaced != "" && (afterSpaces || spaced[0] != ' ') ? " " + spaced : spaced;
    }

    static IEnumerable<string> Symbols(string text) => text.Replace(' ', '▁').EnumerateRunes()
        .SelectMany(rune => TinyPieces.Ids.ContainsKey(rune.ToString())
            ? [rune.ToString()]
            : Encoding.UTF8.GetBytes(rune.ToString()).Select(value => $"<0x{value:X2}>"));
}
