using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RatIlgpu.Properties;

/// <summary>Texts of every script, and texts that are none.</summary>
static class TokenizerTexts
{
    static readonly string[] Telling =
    [
        " ", "  ", "\t", "\r", "\n", "\r\n", "\u0085", "\u00A0", "\u2003", "\u2028", "\u3000", "'", "'s", "'LL",
        "'Re", "'\u017F", "\u017F",
        "s", "T", "the", " store", "Mary", "7", "²", "Ⅷ", "𝟙", ".", "!?", "<", "<|", "|>", "\u0338", "<|im_start|>",
        "<|im_end|>", "<|endoftext|>", "\0", "\u007F", "e\u0301", "é", "\u0323", "\u0301", "Å", "\u212B", "ﬁ",
        "\u0958", "\u0344",
        "\u1100", "\u1161", "\u11A8", "가", "각", "日本", "\uF900", "العربية", "\u200F", "עִבְרִית", "हिन्दी", "ไทย",
        "𝒜", "𐍈", "𠀀",
        "\U0002F800", "\U00011131\U00011127", "\U00016D63\U00016D67", "😀", "👩\u200D👩\u200D👧",
        "👍🏽", "🇩🇰", "\u200D", "\uFE0F", "\uFFFD", "\uE000", "\uFFFE", "\uFFFF",
    ];

    static readonly Gen<string> AnyRune = Gen.OneOf(
            Gen.Choose(0, 0x24F), Gen.Choose(0x250, 0xD7FF), Gen.Choose(0xE000, 0xFFFF), Gen.Choose(0x10000, 0x1FFFF),
            Gen.Choose(0x20000, 0x10FFFF))
        .Select(value => new Rune(value).ToString());

    static readonly Gen<string> Piece = Gen.OneOf(
        Gen.Elements(Telling),
        Gen.Elements(Telling),
        AnyRune,
        AnyRune.Where(rune => rune != "\uFFFE").Select(rune => rune.Normalize(NormalizationForm.FormD)));

    static readonly Gen<string> HalfPair = Gen.Choose(0xD800, 0xDFFF).Select(unit => ((char)unit).ToString());

    /// <summary>Texts in which every surrogate has its other half.</summary>
    public static class WellFormed
    {
        public static Arbitrary<string> Texts { get; } =
            Arb.From(Piece.ListOf().Select(string.Concat), text => Smaller([.. Runes(text)]));
    }

    /// <summary>Arbitrary UTF-16 units.</summary>
    public static class Any
    {
        public static Arbitrary<string> Texts { get; } = Arb.From(
            Gen.OneOf(Piece, HalfPair).ListOf().Select(string.Concat),
            text => Smaller([.. text.Select(unit => unit.ToString())]));
    }

    /// <summary>Returns a well-formed text in form C; .NET normalises all but U+FFFE, which no character composes
    /// with.</summary>
    public static string FormC(string text) =>
        string.Join('\uFFFE', text.Split('\uFFFE').Select(part => part.Normalize(NormalizationForm.FormC)));

    static IEnumerable<string> Runes(string text) => text.EnumerateRunes().Select(rune => rune.ToString());

    static IEnumerable<string> Smaller(string[] pieces)
    {
        if (pieces.Length > 1)
        {
            yield return string.Concat(pieces[..(pieces.Length / 2)]);
            yield return string.Concat(pieces[(pieces.Length / 2)..]);
        }

        for (var i = 0; i < pieces.Length; i++)
            yield return string.Concat([.. pieces[..i], .. pieces[(i + 1)..]]);
        for (var i = 0; i < pieces.Length; i++)
            if (pieces[i] != "a")
                yield return string.Concat([.. pieces[..i], "a", .. pieces[(i + 1)..]]);
    }
}
