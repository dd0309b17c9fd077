using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Html;
using RatIlgpu.Html.Trace;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

public sealed class HtmlPageLaws
{
    // Pieces that mean something to a parser of HTML, CSS, JavaScript or JSON, and any other character, whole or not.
    static readonly string[] Pieces =
    [
        "<", ">", "</script>", "<script>", "<!--", "-->", "]]>", "&", "&lt;", "\"", "'", "`", "\\", "/", "=",
        "onerror=", " ", "\n", "\r",
    ];

    static readonly Arbitrary<string> Texts = Law.Cases(
        Gen.OneOf(Gen.Elements(Pieces), Gen.Choose(0, 0xFFFF).Select(unit => ((char)unit).ToString()))
            .ListOf().Select(pieces => string.Concat(pieces)),
        text => text.Length == 0 ? [] : [text[(text.Length / 2)..], text[..(text.Length / 2)], text[1..], text[..^1]]);

    static readonly string[] TagsOfAnHonestPage = Tags(Page("token"));

    [Fact]
    public void No_token_changes_the_structure_of_a_page() => Law.Holds(
        Texts, text => Assert.Equal(TagsOfAnHonestPage, Tags(Page(text))), count: 100);

    [Fact]
    public void Every_token_is_in_the_data_as_it_is() => Law.Holds(
        Texts,
        text =>
        {
            var block = Page(text).Split("id=\"data\">")[1].Split("</script>")[0];
            using var data = JsonDocument.Parse(block);
            Assert.Equal(string.Concat(text.EnumerateRunes()), data.RootElement.GetProperty("tokens")[1].GetString());
        },
        count: 100);

    [Fact]
    public void What_is_shown_can_be_seen() => Law.Holds(Texts, text =>
    {
        var shown = TokenGlyphs.Show(new(1, text, []), int.MaxValue);
        Assert.NotEqual("", shown);
        Assert.DoesNotContain(shown.EnumerateRunes(), rune => Rune.IsControl(rune) || Rune.IsWhiteSpace(rune));
    });

    [Fact]
    public void What_is_shown_is_no_longer_than_asked() => Law.Holds(Texts, text =>
        Assert.InRange(TokenGlyphs.Show(new(1, string.Concat(text.Where(char.IsAsciiLetter)), []), 3).Length, 1, 4));

    static string[] Tags(string html) => [.. Regex.Matches(html, "</?[a-zA-Z!][^<>]*>").Select(tag => tag.Value)];

    static string Page(string token)
    {
        ImmutableArray<TokenText> tokens = [new(1, "a", []), new(2, token, []), new(3, "b", [])];
        return TracePage.Render(new()
        {
            Options = new() { TargetPosition = 2, Layer = 0 },
            Model = new("model", 1, 1),
            Tokens = tokens,
            Paths = [new([2, 1, 0], [0.5, 0.5], -1.386, -0.693)],
            PathWeights = [1],
            Sankey = new([], [new(1, 2, 0.5, 0.5, [0]), new(0, 1, 0.5, 0.5, [0])]),
            PathTexts = [token],
            SelfAttention = ImmutableSortedDictionary<int, double>.Empty,
            TargetAttention = [0.25, 0.5, 0.25],
            Notices = [token],
        }).Html;
    }
}
