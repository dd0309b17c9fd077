using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

public sealed class TokenizerWordLaws
{
    [Fact]
    public void Words_are_the_matches_of_the_pattern() => Law.Holds(TokenizerTexts.WellFormed, text =>
        Assert.Equal(Matches(text), Words(text)), 2000);

    [Fact]
    public void A_word_alone_is_one_word() => Law.Holds(TokenizerTexts.WellFormed, text =>
        Assert.All(Words(text), word => Assert.Equal([word], Words(word))));

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
