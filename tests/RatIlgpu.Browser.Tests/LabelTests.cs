using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The labels of the diagram are legible, however many tokens there are.</summary>
public sealed class LabelTests(Chromium chromium) : PageTests(chromium)
{
    static readonly string[] LongWords =
        [" extraordinarily", "Donaudampfschifffahrt", " 人工知能の研究開発", "WWWWWWWWWWWWWWWWWWWW"];

    [Theory]
    [InlineData(1366, 900, "hops")]
    [InlineData(1366, 900, "position")]
    [InlineData(390, 844, "hops")]
    [InlineData(390, 844, "position")]
    public void Labels_overlap_neither_bars_nor_labels_and_are_not_cut_off(int width, int height, string columns)
    {
        Resize(width, height);
        Open(address: "#c=" + columns);
        Assert.Empty(Unreadable());
        (int Longest, string[] Words)[] crowds =
            [(4, SampleTrace.Sentence), (6, LongWords), (12, SampleTrace.Sentence)];
        foreach (var (longest, words) in crowds)
        {
            Open(SampleTrace.Random(tokens: 60, paths: 20, longest, longest, words), "#c=" + columns);
            Assert.Equal(20, All("#paths li").Count);
            Assert.Empty(Unreadable());
        }
    }

    // Boxes may overlap by 3 pixels in height: letters are lower than their box.
    IReadOnlyCollection<object> Unreadable() => Script<IReadOnlyCollection<object>>("""
        const box = (element) => element.getBoundingClientRect();
        const labels = [...document.querySelectorAll('.nd text')];
        const others = [...labels, ...document.querySelectorAll('.nd rect')];
        const cross = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
        const paper = box(document.getElementById('flow'));
        const isCut = ({ left, top, right, bottom }) => left < paper.left || top < paper.top
          || right > paper.right || bottom > paper.bottom;
        return labels.flatMap((label) => [
          ...others.filter((other) => other !== label && cross(box(label), box(other)))
            .map((other) => `${label.textContent} over ${other.textContent || other.parentNode.dataset.node}`),
          ...(isCut(box(label)) ? [`${label.textContent} is cut`] : []),
          ...(label.querySelector('.token').textContent === '' ? [`${label.textContent} says nothing`] : []),
        ]);
        """);
}
