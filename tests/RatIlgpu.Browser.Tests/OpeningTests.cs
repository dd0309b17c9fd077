using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>What a reader sees first: the target, in letters of a readable size, and controls that stay where they
/// are.</summary>
public sealed class OpeningTests(Chromium chromium) : PageTests(chromium)
{
    // Pixels.
    const double LeastLetters = 11;

    static HtmlPage Long => TracePage.Render(SampleTrace.Random(tokens: 3000, paths: 20, longest: 9));

    [Theory]
    [InlineData(1366, 900)]
    [InlineData(390, 844)]
    public void A_long_prompt_opens_at_its_target_in_the_diagram_and_in_the_text(int width, int height)
    {
        Resize(width, height);
        Open(Long);
        Assert.True(IsSeen(".nd[data-target] rect", "#canvas"));
        Assert.True(IsSeen(".nd[data-target] text", "#canvas"));
        Assert.Equal(0, Number("scrollY"));
        Script<object?>("document.getElementById('toks').scrollIntoView()");
        Until(() => IsSeen(".t[data-i='2999']", "#toks"));
    }

    [Fact]
    public void Both_texts_of_a_comparison_open_at_their_targets()
    {
        var trace = SampleTrace.Random(tokens: 3000, paths: 5, longest: 5);
        Open(ComparePage.Render(trace, trace));
        foreach (var side in new[] { "a", "b" })
        {
            Assert.True(IsSeen($"#flow-{side} .nd[data-target] rect", $"#canvas-{side}"));
            Script<object?>("document.getElementById(arguments[0]).scrollIntoView()", "toks-" + side);
            Until(() => IsSeen($"#toks-{side} .t[data-i='2999']", "#toks-" + side));
        }
    }

    [Theory]
    [InlineData("hops")]
    [InlineData("position")]
    public void On_a_phone_labels_stay_readable_and_no_bar_is_cut(string columns)
    {
        Resize(390, 844, isTouched: true);
        Open(SampleTrace.Random(tokens: 60, paths: 20, longest: 9), "#c=" + columns);
        Assert.InRange(Smallest(), LeastLetters, 40);
        Assert.Empty(Cut());
        Click("#zoom-fit");
        Assert.InRange(Smallest(), LeastLetters, 40);
        Assert.Empty(Cut());
    }

    [Theory]
    [InlineData(1366, false)]
    [InlineData(390, false)]
    [InlineData(1366, true)]
    [InlineData(390, true)]
    public void Nothing_moves_when_tokens_are_found(int width, bool isCompared)
    {
        Resize(width, 844);
        var trace = SampleTrace.Random(tokens: 3000, paths: 5, longest: 5);
        Open(isCompared ? ComparePage.Render(trace, trace) : TracePage.Render(trace));
        var before = Places();
        Click("#q");
        Press("a");
        Assert.NotEqual("", Find("#hits").Text);
        Assert.Equal(before, Places());
    }

    double Smallest() => Number("""
        Math.min(...[...document.querySelectorAll('.nd tspan')].map((text) =>
          parseFloat(getComputedStyle(text).fontSize) * document.getElementById('flow').dataset.k))
        """);

    // The bars above or below what is seen of the diagram; at its sides it scrolls.
    IReadOnlyCollection<object> Cut() => Script<IReadOnlyCollection<object>>("""
        const seen = document.getElementById('canvas').getBoundingClientRect();
        return [...document.querySelectorAll('.nd')].filter((node) => {
          const { top, bottom } = node.querySelector('rect').getBoundingClientRect();
          return top < seen.top - 1 || bottom > seen.bottom + 1;
        }).map((node) => node.dataset.node);
        """);

    IEnumerable<string> Places() => Script<IReadOnlyCollection<object>>("""
        return [...document.querySelectorAll('.tools *:not(#hits), main > *')].map((element) => {
          const { left, top } = element.getBoundingClientRect();
          return `${element.localName} ${left} ${top + scrollY}`;
        });
        """).Cast<string>();

    bool IsSeen(string selector, string region) => Script<bool>("""
        const [mark, area] = [...arguments].map((one) => document.querySelector(one).getBoundingClientRect());
        return mark.top >= area.top - 1 && mark.bottom <= area.bottom + 1
          && mark.left >= area.left - 1 && mark.right <= area.right + 1;
        """, selector, region);
}
