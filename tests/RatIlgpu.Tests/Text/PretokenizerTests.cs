using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class PretokenizerTests
{
    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("it's I'LL 'tis", "it|'s| I|'LL| '|tis")]
    [InlineData("'\u017Fure", "'\u017F|ure")]
    [InlineData("'rex 'r 'e", "'re|x| '|r| '|e")]
    [InlineData("1234", "1|2|3|4")]
    [InlineData(" 12", " |1|2")]
    [InlineData("(a) !?b", "(a|)| !?|b")]
    [InlineData("\ta\u00A0b", "\ta|\u00A0b")]
    [InlineData("a  b", "a| | b")]
    [InlineData("a   1", "a|  | |1")]
    [InlineData("a  ", "a|  ")]
    [InlineData("a \n \r\n  b", "a| \n \r\n| | b")]
    [InlineData("a.\n\nb", "a|.\n\n|b")]
    [InlineData("\nb", "\n|b")]
    [InlineData("𝒜𝒷 𝟙", "𝒜𝒷| |𝟙")]
    [InlineData("😀𠀀", "😀𠀀")]
    [InlineData("😀😀a", "😀😀|a")]
    public void Cuts_words(string text, string words) => Assert.Equal(words.Split('|'), Words(text));

    static IEnumerable<string> Words(string text)
    {
        while (text.Length > 0)
        {
            var length = Pretokenizer.Qwen2.FirstWord(text);
            yield return text[..length];
            text = text[length..];
        }
    }
}
