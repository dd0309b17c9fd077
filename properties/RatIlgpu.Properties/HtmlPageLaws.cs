using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(HtmlPageLaws)])]
public sealed class HtmlPageLaws
{
    // Strings that a parser of HTML, CSS, JavaScript or JSON treats specially; texts also have any other UTF-16 unit.
    static readonly string[] Pieces =
    [
        "<", ">", "</script>", "<script>", "<!--", "-->", "]]>", "&", "&lt;", "\"", "'", "`", "\\", "/", "=",
        "onerror=", " ", "\n", "\r", "\r\n", "\0", "\u001b", "\u007f", "\u0085", "\u2028", "\ufeff", "\uffff",
        "<img src=x onerror=alert(1)>", "\" autofocus onfocus=\"alert(1)", "javascript:", "</title>", "</bdi>",
        "\u202e", "\u2066", "\u2069", "\u200d", "👩‍🚀", "👩", "\ud83d", "\udc00", "שלום", "e\u0301\u0301\u0301",
    ];

    internal static Arbitrary<string> Texts { get; } = Arb.From(
        Gen.OneOf(Gen.Elements(Pieces), Gen.Choose(0, 0xFFFF).Select(unit => ((char)unit).ToString()))
            .ListOf().Select(pieces => string.Concat(pieces)),
        text => text.Length == 0 ? [] : [text[(text.Length / 2)..], text[..(text.Length / 2)], text[1..], text[..^1]]);

    // Throws on a surrogate without its other half.
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static readonly string HonestPage = Page("token");

    [Law(100)]
    public void No_token_changes_the_structure_of_a_page(string text) =>
        Assert.Equal(Tags(HonestPage), Tags(Page(text)));

    [Law(100)]
    public void No_token_brings_a_raw_angle_bracket(string text) =>
        Assert.Equal(HonestPage.Split('<').Length, Page(text).Split('<').Length);

    [Law(100)]
    public void No_token_brings_a_control_or_half_a_character(string text)
    {
        var page = Page(text);
        Assert.Equal(page, Utf8.GetString(Utf8.GetBytes(page)));
        Assert.DoesNotContain(page.EnumerateRunes(), rune => rune.Value != '\n' && Rune.IsControl(rune));
    }

    [Law(50)]
    public void The_policy_allows_the_script_of_the_page_whatever_its_tokens(string text)
    {
        var page = Page(text);
        Assert.Equal(Policy(HonestPage), Policy(page));
        var script = page.Split("<script type=\"module\">")[1].Split("</script>")[0];
        Assert.Contains($"script-src {Asset.PolicyHash(script)};", Policy(page), StringComparison.Ordinal);
    }

    [Law]
    public void A_policy_allows_an_asset_whichever_way_its_lines_end(string text)
    {
        var lines = string.Concat(text.Where(letter => letter is not ('<' or '\r')));
        var windows = Asset.Inlinable("x.js", lines.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(Asset.PolicyHash(Asset.Inlinable("x.js", lines)), Asset.PolicyHash(windows));
        Assert.DoesNotContain('\r', windows);
    }

    [Law(100)]
    public void A_page_reads_back_as_the_text_that_is_shown(string text)
    {
        var cells = Regex.Matches(Page(text), "<td><bdi>(.*?)</bdi>").Select(cell => cell.Groups[1].Value);
        var shown = TokenGlyphs.Show(new(2, text, []), 40);
        Assert.Equal(["b", shown, shown, "a"], cells.Select(WebUtility.HtmlDecode));
    }

    [Law(100)]
    public void A_notice_and_a_title_read_back_as_they_can_be_seen(string text)
    {
        var page = Page(text);
        var seen = TokenGlyphs.Line(text, 1000);
        Assert.Equal(seen, Read(page, "<p class=\"notice\">(?!The diagram needs)(.*?)</p>"));
        Assert.Equal(seen, Read(page, "<title>(.*?)</title>"));
        Assert.Equal(seen, Read(page, "<h1>(.*?)</h1>"));
    }

    [Law(100)]
    public void No_token_changes_the_structure_of_a_page_of_two(string text) =>
        Assert.Equal(
            Tags(ComparePage.Render(Trace("token"), Trace("token")).Html),
            Tags(ComparePage.Render(Trace(text), Trace(text), new() { Title = text, NameA = text }).Html));

    [Law(100)]
    public void No_prompt_changes_the_structure_of_a_page_of_several(string text)
    {
        Assert.Equal(Tags(Several("token")), Tags(Several(text)));

        static string Several(string token) =>
            TracePage.Render([Trace("other") with { Interventions = [token] }, Trace(token) with { Prompt = 1 }]).Html;
    }

    [Law(100)]
    public void What_made_a_trace_reads_back_as_it_can_be_seen(string text)
    {
        var page = TracePage.Render(Trace(text)).Html;
        var title = text.Length == 0 ? "Attention trace" : TokenGlyphs.Line(text, 1000);
        Assert.Equal(title, Read(page, "<h1>(.*?)</h1>"));
        Assert.Equal(TokenGlyphs.Line($"ratilgpu {text}", 1000), Read(page, "<code dir=\"ltr\">(.*?)</code>"));
        Assert.Equal($"RatIlgpu {TokenGlyphs.Line(text, 120)}", Read(page, "Made by <bdi>(.*?)</bdi>"));
        Assert.Contains(
            TokenGlyphs.Line(text, 120), Read(page, "<dt>Changed<dd>(.*?)</div>"), StringComparison.Ordinal);
        Assert.Contains(
            TokenGlyphs.Show(new(4, text, []), 24), Read(page, "<dt>Predicts<dd>(.*?)</div>"),
            StringComparison.Ordinal);
    }

    [Law(100)]
    public void Every_token_is_in_the_data_as_it_is(string text) =>
        Assert.Equal(string.Concat(text.EnumerateRunes()), TokenOfData(Page(text)));

    [Law]
    public void What_is_shown_can_be_seen(string text)
    {
        var shown = TokenGlyphs.Show(new(1, text, []), int.MaxValue);
        Assert.NotEqual("", shown);
        Assert.DoesNotContain(shown.EnumerateRunes(), rune => Rune.IsControl(rune) || Rune.IsWhiteSpace(rune));
        // A character that changes the direction of a text would also change that of its neighbours.
        Assert.Equal(-1, shown.AsSpan().IndexOfAnyInRange('\u202a', '\u202e'));
        Assert.Equal(-1, shown.AsSpan().IndexOfAnyInRange('\u2066', '\u2069'));
    }

    [Law]
    public void What_is_shown_ends_after_as_many_characters_as_asked(string text)
    {
        int[] starts = [.. StringInfo.ParseCombiningCharacters(text), text.Length];
        for (var length = 1; length < 5; length++)
        {
            var each = Enumerable.Range(0, Math.Min(length, starts.Length - 1))
                .Select(i => TokenGlyphs.Show(new(1, text[starts[i]..starts[i + 1]], []), 1));
            var rest = starts.Length - 1 > length ? "…" : "";
            var expected = text.Length == 0 ? "∅" : string.Concat(each) + rest;
            Assert.Equal(expected, TokenGlyphs.Show(new(1, text, []), length));
        }
    }

    // Only a long block of data is compressed, so the type of the block may differ.
    static string[] Tags(string html) => [.. Regex.Matches(html, "</?[a-zA-Z!][^<>]*>")
        .Select(tag => tag.Value.Replace("application/octet-stream", "application/json", StringComparison.Ordinal))];

    static string Policy(string html) => Read(html, "Content-Security-Policy\" content=\"(.*?)\"");

    static string Read(string html, string pattern) =>
        WebUtility.HtmlDecode(Regex.Match(html, pattern, RegexOptions.Singleline).Groups[1].Value);

    static string? TokenOfData(string html)
    {
        var block = html.Split("id=\"data\">")[1].Split("</script>")[0];
        // A long block is compressed.
        using var bytes = new MemoryStream(block[0] == '{' ? Encoding.UTF8.GetBytes(block) : Unpacked(block));
        using var data = JsonDocument.Parse(bytes);
        return data.RootElement.GetProperty("tokens")[1].GetString();
    }

    static byte[] Unpacked(string block)
    {
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    static string Page(string token) => TracePage.Render(Trace(token), new() { Title = token }).Html;

    static TraceResult Trace(string token)
    {
        ImmutableArray<TokenText> tokens = [new(1, "a", []), new(2, token, []), new(3, "b", [])];
        return new()
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
            PromptLength = 2,
            Predictions = [new(new(4, token, []), 0.5, 1)],
            Interventions = [token],
            Origin = new() { Title = token, Command = $"ratilgpu {token}", Version = token },
        };
    }
}
