using System.Text.RegularExpressions;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>How the page looks to readers of different needs.</summary>
public sealed partial class LookTests(Chromium chromium) : PageTests(chromium)
{
    // WCAG 2.2, 1.4.3 and 1.4.11.
    const double LeastContrast = 4.5;
    const double LeastOfMarks = 3;

    [Theory]
    [InlineData("light", "auto", "rgb(246, 247, 249)")]
    [InlineData("dark", "auto", "rgb(15, 17, 20)")]
    [InlineData("light", "dark", "rgb(15, 17, 20)")]
    [InlineData("dark", "light", "rgb(246, 247, 249)")]
    public void The_theme_is_that_of_system_or_reader_with_enough_contrast(string scheme, string theme, string ground)
    {
        var trace = SampleTrace.Random(tokens: 60, paths: 20, longest: 6) with { Notices = ["The prompt was cut."] };
        Open(trace, "#q=the&n=n59");
        Emulate("", scheme, reduceMotion: true);
        Find($"#theme option[value='{theme}']").Click();
        Click("#table summary");
        Assert.Equal(ground, Style("html", "background-color"));
        string[] texts =
        [
            "h1", "h2", ".notice", ".facts dt", ".facts dd", ".tools label", ".choice > span", "select", "input",
            "button[aria-pressed=false]", "button[aria-pressed=true]", ".muted", ".legend", "#info dt", "#info dd",
            "#paths .number", "#paths .route", ".chip text", ".nd .token", ".nd .at", "summary", "th", "td", ".t",
            ".t[data-hit]",
        ];
        foreach (var selector in texts)
            Assert.True(ContrastOf(selector) >= LeastContrast, $"{selector}: {ContrastOf(selector):F2}");
        for (var step = 1; step <= 7; step++)
        {
            Script<object?>("document.querySelectorAll('.t').forEach((token) => token.dataset.h = arguments[0])", step);
            Assert.True(ContrastOf(".t") >= LeastContrast, $"heat {step}: {ContrastOf(".t"):F2}");
        }

        Assert.InRange(RingContrast(".t[data-hit]"), LeastOfMarks, 21);
        Assert.InRange(RingContrast(".t[aria-current]"), LeastOfMarks, 21);
    }

    [Fact]
    public void A_chosen_theme_overrides_that_of_the_system()
    {
        Open(address: "#t=dark");
        Assert.Equal("rgb(15, 17, 20)", Style("html", "background-color"));
    }

    [Fact]
    public void A_printed_page_has_no_controls_and_all_of_the_text()
    {
        Open(address: "#t=dark");
        Emulate("print", "dark");
        Assert.Equal("none", Style(".tools", "display"));
        Assert.Equal("visible", Style(".tokens", "overflow"));
        Assert.Equal("rgb(246, 247, 249)", Style("html", "background-color"));
        Assert.True(Number("document.querySelector('#table table').getBoundingClientRect().height") > 50);
    }

    [Fact]
    public void Forced_colours_replace_those_of_the_page()
    {
        Open(SampleTrace.Random(tokens: 60, paths: 20, longest: 6), "#b=1&q=the&n=n59");
        Emulate("", forcedColors: true, reduceMotion: true);
        string Of(string system) => Script<string>("""
            document.body.append(Object.assign(document.createElement('i'), { id: 'probe' }));
            const probe = document.getElementById('probe');
            probe.style.color = arguments[0];
            const colour = getComputedStyle(probe).color;
            probe.remove();
            return colour;
            """, system);
        // Highlighted paths differ in colour, not only in opacity.
        Assert.Equal([Of("Highlight")], Strokes(".ln[data-state=on]"));
        Assert.Equal([Of("CanvasText")], Strokes(".ln[data-state=dim]"));
        Assert.Equal([Of("Canvas")], Strokes("#links .cue"));
        Assert.Equal([Of("Highlight")], Strokes(".nd[data-state=on] rect"));
        Assert.Equal([Of("CanvasText")], Styles(".nd rect", "fill"));
        Assert.Equal(Of("CanvasText"), Style(".t[data-on]", "border-bottom-color"));
        Assert.Equal(Of("Highlight"), Style(".t[data-hit]", "outline-color"));
        Assert.Equal(Of("Highlight"), Style("button[aria-pressed=true]", "background-color"));
        foreach (var selector in new[] { ".chip text", ".nd .token", ".nd .at", ".t", ".legend", "th", "td" })
            Assert.True(ContrastOf(selector) >= LeastContrast, $"{selector}: {ContrastOf(selector):F2}");

        IEnumerable<string> Strokes(string selector) => Styles(selector, "stroke");
    }

    [Fact]
    public void Reduced_motion_turns_transitions_off()
    {
        Open();
        Assert.Equal("0s", Style(".ln", "transition-duration"));
        Emulate("");
        Assert.NotEqual("0s", Style(".ln", "transition-duration"));
    }

    string Style(string selector, string property) => Styles(selector, property).First();

    // The distinct values, in the order of the elements.
    IEnumerable<string> Styles(string selector, string property) => Script<IReadOnlyCollection<object>>("""
        return [...new Set([...document.querySelectorAll(arguments[0])]
          .map((element) => getComputedStyle(element).getPropertyValue(arguments[1])))];
        """, selector, property).Cast<string>();

    // The least contrast between a text and its background: its plate, the chip around it, or the nearest background
    // colour that is not transparent.
    double ContrastOf(string selector)
    {
        var pairs = Script<IReadOnlyCollection<object>>("""
            const ground = (element) => {
              const { backgroundColor } = getComputedStyle(element);
              return backgroundColor === 'rgba(0, 0, 0, 0)' ? ground(element.parentElement) : backgroundColor;
            };
            const behind = (element) => {
              if (!(element instanceof SVGElement)) return ground(element);
              const sign = element.closest('.chip')?.querySelector('rect')
                ?? element.closest('.nd').querySelector('.plate');
              return getComputedStyle(sign).fill;
            };
            const pairs = [...document.querySelectorAll(arguments[0])].map((element) => {
              const style = getComputedStyle(element);
              return [element instanceof SVGElement ? style.fill : style.color, behind(element)].join('|');
            });
            return [...new Set(pairs)];
            """, selector).Cast<string>().Select(pair => pair.Split('|')).ToArray();
        Assert.NotEmpty(pairs);
        return pairs.Min(pair => Contrast(pair[0], pair[1]));
    }

    // The greatest contrast between the rings around a token and the background of the text.
    double RingContrast(string selector) => Colour().Matches(Style(selector, "box-shadow"))
        .Max(ring => Contrast(ring.Value, Style(".text", "background-color")));

    static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    // WCAG 2.2, relative luminance.
    static double Luminance(string colour)
    {
        var parts = Numbers().Matches(colour)
            .Select(part => double.Parse(part.Value, CultureInfo.InvariantCulture) / 255)
            .Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4)).ToArray();
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }

    [GeneratedRegex(@"rgb\([^)]*\)")]
    private static partial Regex Colour();

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Numbers();
}
