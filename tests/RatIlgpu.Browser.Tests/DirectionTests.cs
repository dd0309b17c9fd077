using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>Tokens of right-to-left scripts in sentences that read from left to right.</summary>
public sealed class DirectionTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_path_reads_from_its_earliest_token_even_if_its_tokens_are_right_to_left()
    {
        Open(RightToLeft());
        var places = Script<IReadOnlyCollection<object>>("""
            const text = document.querySelector('.route').firstChild;
            return arguments[0].map((token) => {
              const range = document.createRange();
              const start = text.data.indexOf(token);
              range.setStart(text, start);
              range.setEnd(text, start + token.length);
              return range.getBoundingClientRect().left;
            });
            """, new[] { "עולם", "שלוש", "ארבע", "אחת" } as object).Select(Convert.ToDouble).ToArray();
        Assert.Equal(places.Order(), places);
        Assert.Equal(4, places.Distinct().Count());
    }

    [Fact]
    public void Tooltips_and_bar_names_isolate_the_direction_of_a_token()
    {
        Open(RightToLeft());
        Mouse().MoveToElement(Find(".t[data-i='2']")).Perform();
        Assert.StartsWith("\u2068שלוש\u2069 · position 2 · id 1002", Find("#tip").Text, StringComparison.Ordinal);
        Assert.StartsWith(
            "Token \u2068שלוש\u2069 at position 2, ", Find(".nd[data-node='2']").GetDomAttribute("aria-label"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u202e")]
    [InlineData("\u2067")]
    [InlineData("\u202e\u2066\u202b")]
    [InlineData("שלום")]
    public void A_title_turns_nothing_beside_itself(string marks)
    {
        Open(TracePage.Render(RightToLeft(), new() { Title = "plain" }));
        var expected = Places();
        Open(TracePage.Render(RightToLeft(), new() { Title = $"{marks}abc" }));
        var shown = TokenGlyphs.Line($"{marks}abc", 1000);
        Assert.Equal(shown, Script<string>("return document.querySelector('h1').textContent"));
        Assert.Equal(shown, Script<string>("return document.querySelector('title').textContent"));
        Assert.Equal(expected, Places());

        // From the first letter of each text to its last: a text that is turned goes from right to left.
        IEnumerable<string> Places() => Script<IReadOnlyCollection<object>>("""
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (node) =>
              node.data.trim().length < 2 || node.parentElement.closest('h1, script') ? NodeFilter.FILTER_REJECT
                : NodeFilter.FILTER_ACCEPT);
            const left = (node, at) => {
              const range = document.createRange();
              range.setStart(node, at);
              range.setEnd(node, at + 1);
              return range.getBoundingClientRect().left;
            };
            const found = [];
            while (texts.nextNode()) {
              const node = texts.currentNode;
              found.push(`${node.data} ${Math.sign(left(node, node.data.length - 1) - left(node, 0))}`);
            }
            return found;
            """).Cast<string>();
    }

    static TraceResult RightToLeft() =>
        SampleTrace.Of(["עולם", "שתיים", "שלוש", "ארבע", "אחת"], ([4, 3, 2, 0], [0.5, 0.5, 0.5]));
}
