using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>Tokens of writing that runs from right to left, in sentences that run from left to right.</summary>
public sealed class DirectionTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_path_is_printed_from_the_target_on_whichever_way_its_tokens_run()
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
            """, new[] { "אחת", "ארבע", "שלוש", "עולם" } as object).Select(Convert.ToDouble).ToArray();
        Assert.Equal(places.Order(), places);
        Assert.Equal(4, places.Distinct().Count());
    }

    [Fact]
    public void A_tip_and_the_name_of_a_bar_keep_the_direction_of_a_token_to_itself()
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
