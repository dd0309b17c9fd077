namespace RatIlgpu.Analysis.Tests;

public sealed class DelimiterClassesTests
{
    static readonly string[] Signs =
        [").", ",\n", ".\n\n", "\n\n", "  ", "!=", "->", "();", " (", "a.", " the", "…"];

    static readonly Tokenizer Tokenizer = WholeWords.Load(Signs);

    static readonly DelimiterClasses Classes = DelimiterClasses.Of(Tokenizer, 400);

    [Theory]
    [InlineData(").", DelimiterClass.SentenceEnd)]
    [InlineData(".\n\n", DelimiterClass.SentenceEnd)]
    [InlineData("…", DelimiterClass.SentenceEnd)]
    [InlineData(",\n", DelimiterClass.Comma)]
    [InlineData("();", DelimiterClass.Comma)]
    [InlineData("\n\n", DelimiterClass.Newline)]
    [InlineData("  ", DelimiterClass.None)]
    [InlineData("!=", DelimiterClass.Operator)]
    [InlineData("->", DelimiterClass.Operator)]
    [InlineData(" (", DelimiterClass.BracketOrQuote)]
    [InlineData("\"", DelimiterClass.BracketOrQuote)]
    [InlineData("a.", DelimiterClass.None)]
    [InlineData(" the", DelimiterClass.None)]
    public void A_token_has_the_class_of_its_signs(string text, DelimiterClass kind)
    {
        var id = Enumerable.Range(0, Tokenizer.Count).Last(id => Tokenizer.Token(id).Text == text);
        Assert.Equal(kind, Classes[id]);
    }

    // The bytes of ASCII, and of the merged tokens those above.
    [Fact]
    public void The_scan_finds_every_token_of_a_class()
    {
        Assert.Equal(['\n', '\r', Id("\n\n")], Classes.Ids(DelimiterClass.Newline));
        Assert.Equal(['!', '.', '?', Id(")."), Id(".\n\n"), Id("…")], Classes.Ids(DelimiterClass.SentenceEnd));
        Assert.Equal([',', ':', ';', Id(",\n"), Id("();")], Classes.Ids(DelimiterClass.Comma));
        Assert.Equal(
            ['%', '&', '*', '+', '-', '/', '<', '=', '>', '^', '|', '~', Id("!="), Id("->")],
            Classes.Ids(DelimiterClass.Operator));
    }

    [Fact]
    public void A_special_token_and_a_row_without_a_token_are_no_delimiters()
    {
        Assert.Equal(DelimiterClass.None, Classes[WholeWords.EndOfText]);
        Assert.Equal(DelimiterClass.None, Classes[399]);
        Assert.Equal(DelimiterClass.None, Classes[-1]);
    }

    [Fact]
    public void Without_a_tokenizer_nothing_is_a_delimiter() =>
        Assert.Empty(DelimiterClasses.Of(WholeWords.Numbers(16), 16).Ids(DelimiterClass.Operator));

    [Fact]
    public void A_token_continues_a_word_where_letters_meet()
    {
        Assert.True(Classes.ContinuesWord('a', 'b'));
        Assert.True(Classes.ContinuesWord(Id(" the"), 'y'));
        Assert.False(Classes.ContinuesWord('a', Id(" the")));
        Assert.False(Classes.ContinuesWord('.', 'b'));
        Assert.False(Classes.ContinuesWord('a', -1));
        Assert.True(Classes.StartsWithSpace(Id(" the")));
        Assert.False(Classes.StartsWithSpace('a'));
    }

    static int Id(string text) => WholeWords.EndOfText + 1 + Array.IndexOf(Signs, text);
}
