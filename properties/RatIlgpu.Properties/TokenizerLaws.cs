using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(TokenizerTexts.WellFormed), typeof(TokenizerLaws)])]
public sealed class TokenizerLaws
{
    static readonly Tokenizer Tokenizer = Tokenizer.Load(DemoModel.Folder);

    internal static Arbitrary<int[]> Ids { get; } = Arb.From(
        Gen.OneOf(Gen.Choose(-2, 1400), Gen.Choose(0, 255), Gen.Choose(int.MinValue, int.MaxValue))
            .ListOf().Select(ids => ids.ToArray()),
        ids => ids.Select((_, i) => ids.Where((_, j) => j != i).ToArray()));

    [Law(1000)]
    public void Tokens_read_back_as_the_text_in_form_c(string text) =>
        Assert.Equal(TokenizerTexts.FormC(text), Tokenizer.Decode(Tokenizer.Encode(text).Ids.AsSpan()));

    [Law]
    public void A_text_and_its_form_c_have_the_same_tokens(string text) =>
        Assert.Equal(Tokenizer.Encode(TokenizerTexts.FormC(text)).Ids, Tokenizer.Encode(text).Ids);

    [Law(Arbitrary = [typeof(TokenizerTexts.Any)])]
    public void Half_a_pair_counts_as_the_replacement_character(string text) =>
        Assert.Equal(Tokenizer.Encode(string.Concat(text.EnumerateRunes())).Ids, Tokenizer.Encode(text).Ids);

    [Law(1000, Arbitrary = [typeof(TokenizerTexts.Any)])]
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

    [Law(Arbitrary = [typeof(TokenizerTexts.Any)])]
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
                    TokenizerTexts.FormC(text.Substring(range.Start, range.Length)),
                    StringComparison.Ordinal);
    }

    [Law]
    public void Special_tokens_stand_wherever_their_text_does(string text) =>
        Assert.Equal(
            TokenizerTexts.FormC(text).Split("<|im_start|>").Length - 1,
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
    public void Words_are_the_matches_of_the_pattern(string text) => Assert.Equal(Matches(text), Words(text));

    [Law]
    public void A_word_alone_is_one_word(string text) =>
        Assert.All(Words(text), word => Assert.Equal([word], Words(word)));

    static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var at = 0; at < text.Length; at += words[^1].Length)
            words.Add(text.Substring(at, Pretokenizer.FirstWord(text.AsSpan(at))));
        return words;
    }

    // .NET's own engine is the judge. It sees no character outside the basic plane and no other case of the long s:
    // each is replaced by one that it does see, of the same kind.
    static List<string> Matches(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        var seen = string.Concat(runes.Select(rune => rune.IsBmp ? (char)rune.Value : StandIn(rune)));
        var pattern = Pretokenizer.Pattern.Replace("(?i:'s|", "(?i:'s|'\u017F|", StringComparison.Ordinal);
        return [.. Regex.Matches(seen, pattern, RegexOptions.CultureInvariant)
            .Select(word => string.Concat(runes.Skip(word.Index).Take(word.Length)))];
    }

    static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => 'ж',
        <= UnicodeCategory.EnclosingMark => '€',
        <= UnicodeCategory.OtherNumber => '½',
        _ => '€',
    };
}
