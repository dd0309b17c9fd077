using System.Text.RegularExpressions;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(TokenizerLaws.Texts.WellFormed), typeof(TokenizerLaws)])]
public sealed partial class TokenizerLaws
{
    static readonly Tokenizer Tokenizer = Tokenizer.Load(DemoModel.Folder);

    static readonly string[] Patterns =
    [
        Pretokenizer.Qwen2Pattern, Pretokenizer.Llama3Pattern, Pretokenizer.MarksPattern, Pretokenizer.Gpt2Pattern,
        Pretokenizer.TekkenPattern,
    ];

    internal static Arbitrary<(string Before, string After)> Sides { get; } = Arb.From(
        from before in Texts.WellFormed.Texts.Generator
        from after in Texts.WellFormed.Texts.Generator
        select (before, after),
        sides => Texts.WellFormed.Texts.Shrinker(sides.before).Select(before => (before, sides.after))
            .Concat(Texts.WellFormed.Texts.Shrinker(sides.after).Select(after => (sides.before, after))));

    internal static Arbitrary<int[]> Ids { get; } = Arb.From(
        Gen.OneOf(Gen.Choose(-2, 1400), Gen.Choose(0, 255), Gen.Choose(int.MinValue, int.MaxValue))
            .ListOf().Select(ids => ids.ToArray()),
        ids => ids.Select((_, i) => ids.Where((_, j) => j != i).ToArray()));

    [Law(1000)]
    public void Tokens_read_back_as_the_form_c_of_what_lies_between_special_tokens(string text) => Assert.Equal(
        string.Concat(Special().Split(text).Select(Texts.FormC)),
        Tokenizer.Decode(Tokenizer.Encode(text).Ids.AsSpan()));

    [Law]
    public void A_text_without_special_tokens_has_the_tokens_of_its_form_c(string text)
    {
        var plain = Special().Replace(text, "");
        Assert.Equal(Tokenizer.Encode(Texts.FormC(plain)).Ids, Tokenizer.Encode(plain).Ids);
    }

    [Law(1000)]
    public void Form_c_is_that_of_the_platform_where_nothing_is_newer_than_Unicode_9(string text)
    {
        var old = string.Concat(text.EnumerateRunes().Where(rune => Texts.IsOld(rune.Value)));
        Assert.Equal(Texts.PlatformFormC(old), NormalizedText.FormC(old));
    }

    [Law]
    public void Form_c_of_a_form_c_is_itself(string text) =>
        Assert.Equal(Texts.FormC(text), Texts.FormC(Texts.FormC(text)));

    [Law]
    public void What_is_newer_than_Unicode_9_stands_as_it_is_between_two_forms_c((string Before, string After) sides)
    {
        foreach (var newer in Texts.Newer)
            Assert.Equal(
                NormalizedText.FormC(sides.Before) + newer + NormalizedText.FormC(sides.After),
                NormalizedText.FormC(sides.Before + newer + sides.After));
    }

    [Law(Arbitrary = [typeof(Texts.Any)])]
    public void Half_a_pair_counts_as_the_replacement_character(string text) =>
        Assert.Equal(Tokenizer.Encode(string.Concat(text.EnumerateRunes())).Ids, Tokenizer.Encode(text).Ids);

    [Law(1000, Arbitrary = [typeof(Texts.Any)])]
    public void Ranges_are_ordered_and_cover_the_text(string text)
    {
        var encoded = Tokenizer.Encode(text);
        Assert.Equal(encoded.Ids.Length, encoded.Ranges.Length);

        var (start, end) = (0, 0);
        foreach (var range in encoded.Ranges)
        {
            Assert.InRange(range.Start, start, end);
            Assert.InRange(range.End, Math.Max(end, range.Start + 1), text.Length);
            (start, end) = (range.Start, range.End);
        }

        Assert.Equal(text.Length, end);
    }

    [Law(Arbitrary = [typeof(Texts.Any)])]
    public void What_stands_apart_keeps_its_exact_place(string text)
    {
        var ranges = Tokenizer.Encode($"1 {text} 1").Ranges;
        Assert.Equal(new TextRange(0, 1), ranges[0]);
        Assert.Equal(new TextRange(text.Length + 3, 1), ranges[^1]);
    }

    [Law]
    public void A_token_of_whole_characters_lies_where_its_text_does(string text)
    {
        var encoded = Tokenizer.Encode(text);
        foreach (var (id, range) in encoded.Ids.Zip(encoded.Ranges))
            if (Tokenizer.Token(id) is { IsPartial: false } token)
                Assert.Contains(
                    token.Text,
                    Texts.FormC(text.Substring(range.Start, range.Length)),
                    StringComparison.Ordinal);
    }

    [Law]
    public void Special_tokens_stand_wherever_their_text_does(string text) =>
        Assert.Equal(
            text.Split("<|im_start|>").Length - 1,
            Tokenizer.Encode(text).Ids.Count(id => id == 1348));

    [Law]
    public void Any_ids_read_as_their_bytes_in_a_row(int[] ids)
    {
        var bytes = ids.Select(Tokenizer.Token)
            .SelectMany(token => token.IsPartial ? [.. token.Bytes] : Encoding.UTF8.GetBytes(token.Text));
        Assert.Equal(Encoding.UTF8.GetString([.. bytes]), Tokenizer.Decode(ids));
    }

    [Law]
    public void Only_an_id_with_a_token_stands_for_something(int[] ids)
    {
        foreach (var id in ids)
            Assert.Equal(Tokenizer.Has(id), Tokenizer.Token(id).Text.Length > 0);
    }

    [Law(2000)]
    public void Words_are_the_matches_of_the_pattern(string text) =>
        Assert.All(Patterns, pattern => Assert.Equal(Matches(text, pattern), Words(text, pattern)));

    [Law]
    public void A_word_alone_is_one_word(string text) =>
        Assert.All(
            Words(text, Pretokenizer.Qwen2Pattern),
            word => Assert.Equal([word], Words(word, Pretokenizer.Qwen2Pattern)));

    [GeneratedRegex(@"(<\|endoftext\|>|<\|im_start\|>|<\|im_end\|>)")]
    internal static partial Regex Special();

    static List<string> Words(string text, string pattern)
    {
        var (words, pretokenizer) = (new List<string>(), Pretokenizer.Of(pattern)!);
        for (var at = 0; at < text.Length; at += words[^1].Length)
            words.Add(text.Substring(at, pretokenizer.FirstWord(text.AsSpan(at))));
        return words;
    }

    // Finds words with the regular expressions of .NET. They do not know characters outside the basic plane, nor the
    // other case of the long s: a character of the same category stands in for each.
    static List<string> Matches(string text, string pattern)
    {
        var runes = text.EnumerateRunes().ToArray();
        var seen = string.Concat(runes.Select(rune => rune.IsBmp ? (char)rune.Value : StandIn(rune)));
        var withLongS = pattern.Replace("(?i:'s|", "(?i:'s|'\u017F|", StringComparison.Ordinal);
        return [.. Regex.Matches(seen, withLongS, RegexOptions.CultureInvariant)
            .Select(word => string.Concat(runes.Skip(word.Index).Take(word.Length)))];
    }

    static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => 'Ж',
        UnicodeCategory.LowercaseLetter => 'ж',
        <= UnicodeCategory.OtherLetter => 'א',
        <= UnicodeCategory.EnclosingMark => '\u0301',
        <= UnicodeCategory.OtherNumber => '½',
        _ => '€',
    };

    /// <summary>Texts of many scripts, and texts with unpaired surrogates.</summary>
    internal static class Texts
    {
        static readonly string[] Telling =
        [
            " ", "  ", "\t", "\r", "\n", "\r\n", "\u0085", "\u00A0", "\u2003", "\u2028", "\u3000", "'", "'s", "'LL",
            "'Re", "'\u017F", "\u017F",
            "s", "T", "the", " store", "Mary", "HTTP", "ǅ", "ʰ", "𐐀", "𐐨", "7", "2026", "²", "Ⅷ", "𝟙",
            ".", "/", "!?", "<", "<|", "|>", "\u0338",
            "<|im_start|>", "<|im_end|>", "<|endoftext|>", "\0", "\u007F", "e\u0301", "é", "\u0323", "\u0301", "Å",
            "\u212B", "ﬁ", "\u0958", "\u0344",
            "\u1100", "\u1161", "\u11A8", "가", "각", "日本", "\uF900", "العربية", "\u200F", "עִבְרִית", "हिन्दी", "ไทย",
            "𝒜", "𐍈", "𠀀",
            "\U0002F800", "\U00011131\U00011127", "\u1DF9", "\u07FD", "\u0C3C", "\U00011935\U00011930",
            "\U00016D63\U00016D67", "😀", "👩\u200D👩\u200D👧",
            "👍🏽", "🇩🇰", "\u200D", "\uFE0F", "\uFFFD", "\uE000", "\uFFFE", "\uFFFF",
        ];

        static readonly Gen<string> AnyRune = Gen.OneOf(
                Gen.Choose(0, 0x24F), Gen.Choose(0x250, 0xD7FF), Gen.Choose(0xE000, 0xFFFF),
                Gen.Choose(0x10000, 0x1FFFF), Gen.Choose(0x20000, 0x10FFFF))
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

        /// <summary>Marks, letters and a composition that came after Unicode 9.</summary>
        public static readonly string[] Newer =
            ["\u1DF9", "\u07FD", "\u0C3C", "\u0898", "\u1AC1", "\U00011938", "\U00011930", "\U0001E130", "\U0001F970"];

        /// <summary>Returns a well-formed text in the form C of Unicode 9, to which what is newer is a bare
        /// letter.</summary>
        public static string FormC(string text) => NormalizedText.FormC(text);

        /// <summary>Tells of some code points that they are as old as Unicode 3.2: of all below U+0220, of Greek, the
        /// scripts of the Far East, and the marks for symbols.</summary>
        public static bool IsOld(int point) => point is < 0x0220 or (>= 0x0300 and <= 0x034F)
            or (>= 0x0391 and <= 0x03A1) or (>= 0x0915 and <= 0x0939) or 0x093C or 0x0958
            or (>= 0x1E00 and <= 0x1E9B) or (>= 0x20D0 and <= 0x20DC)
            or (>= 0x3041 and <= 0x3094) or 0x3099 or (>= 0x4E00 and <= 0x9FA5) or (>= 0x1100 and <= 0x1159)
            or (>= 0x1161 and <= 0x11A2) or (>= 0x11A8 and <= 0x11F9) or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFA2D) or 0xFFFE or (>= 0x1D15E and <= 0x1D164) or (>= 0x2F800 and <= 0x2FA1D);

        /// <summary>Returns a well-formed text in the platform's form C; .NET normalises all but U+FFFE, which no
        /// character composes with.</summary>
        public static string PlatformFormC(string text) =>
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
}
