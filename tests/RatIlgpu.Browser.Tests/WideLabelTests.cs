using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The positions of the labels of a diagram, in the fonts of this browser.</summary>
public sealed class WideLabelTests(Chromium chromium) : PageTests(chromium)
{
    static readonly string[] Wide =
    [
        "internationalization", " 注意力机制的可视化方法与应用研究", " 👩‍🚀👩‍🚀👩‍🚀", " straightforwardness", " שלום",
        "\u202e", "﷽﷽﷽", " неуверенность", "ﷺﷺﷺﷺﷺﷺ", "W",
    ];

    [Theory]
    [InlineData("#c=hops")]
    [InlineData("#c=position")]
    public void Labels_of_wide_tokens_stay_inside_the_drawing_and_do_not_overlap(string address)
    {
        Open(With(SampleTrace.FivePaths(), at => at is 0 or 19 ? Wide[0] : Wide[at % Wide.Length]), address);
        Assert.Empty(Misplaced());
        Open(With(SampleTrace.Random(tokens: 64, paths: 20, longest: 6), at => Wide[at % Wide.Length]), address);
        Assert.Empty(Misplaced());
    }

    [Fact]
    public void Labels_of_two_traces_stay_inside_their_drawings()
    {
        var trace = SampleTrace.FivePaths();
        Open(ComparePage.Render(trace, With(trace, at => Wide[at % Wide.Length])));
        Assert.Empty(Misplaced());
    }

    [Fact]
    public void A_shortened_label_of_the_target_keeps_its_position()
    {
        Open(With(SampleTrace.FivePaths(), at => at == 19 ? Wide[0] : SampleTrace.Sentence[at]));
        var label = Find("[data-node='19'] text").Text;
        Assert.Equal("internationaliz…19", label.Replace(" ", "", StringComparison.Ordinal));
    }

    // The labels that leave the drawing, exceed their room, or overlap a bar or another label. Only widths are
    // measured: the height of a text is that of its font, whose tallest letters the label may not have.
    IReadOnlyCollection<object> Misplaced() => Script<IReadOnlyCollection<object>>("""
        const boxOf = (mark) => {
          const { x, y, width, height } = mark.getBBox();
          const top = mark.localName === 'text' ? mark.y.baseVal[0].value - 12 : y;
          return { left: x, right: x + width, top, bottom: top + (mark.localName === 'text' ? 16 : height) };
        };
        const cross = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5;
        return [...document.querySelectorAll('svg')].filter((svg) => svg.querySelector('.nd')).flatMap((svg) => {
          const labels = [...svg.querySelectorAll('.nd text')];
          const marks = [...labels, ...svg.querySelectorAll('.nd rect')];
          return labels.filter((label) => {
            const { left, right, top, bottom } = boxOf(label);
            return left < 0 || top < 0 || right > svg.viewBox.baseVal.width || bottom > svg.viewBox.baseVal.height
              || right - left > Number(label.dataset.room) + 1
              || marks.some((other) => other !== label && cross(boxOf(label), boxOf(other)));
          }).map((label) => label.textContent);
        });
        """);

    static TraceResult With(TraceResult trace, Func<int, string> text) => SampleTrace.Of(
        Enumerable.Range(0, trace.Tokens.Length).Select(text),
        [.. trace.Paths.Select(path => (path.Positions.ToArray(), path.EdgeAttentions.ToArray()))]);
}
