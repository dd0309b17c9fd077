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

    static TraceResult RightToLeft() =>
        SampleTrace.Of(["עולם", "שתיים", "שלוש", "ארבע", "אחת"], ([4, 3, 2, 0], [0.5, 0.5, 0.5]));
}
