using System.Globalization;
using System.Text.RegularExpressions;

namespace RatIlgpu.Browser.Tests;

/// <summary>How the page looks to readers of different needs.</summary>
public sealed partial class LookTests(Chromium chromium) : PageTests(chromium)
{
    const double LeastContrast = 4.5;

    [Theory]
    [InlineData("light", "rgb(246, 247, 249)")]
    [InlineData("dark", "rgb(15, 17, 20)")]
    public void A_page_follows_the_system_and_its_text_can_be_read(string scheme, string ground)
    {
        Open();
        Emulate("", scheme, reduceMotion: true);
        Assert.Equal(ground, Style("html", "background-color"));
        string[] texts = [".nd .token", ".legend", ".facts dt", "#info dt", "button[aria-pressed=true]"];
        foreach (var selector in texts)
            Assert.True(ContrastOf(selector) >= LeastContrast, $"{selector} in {scheme}: {ContrastOf(selector):F2}");
        for (var step = 1; step <= 7; step++)
        {
            Script<object?>("document.querySelector('.t').dataset.h = arguments[0]", step);
            Assert.True(ContrastOf(".t") >= LeastContrast, $"heat {step} in {scheme}: {ContrastOf(".t"):F2}");
        }
    }

    [Fact]
    public void The_reader_may_choose_otherwise_than_the_system()
    {
        Open(address: "#t=dark");
        Assert.Equal("rgb(15, 17, 20)", Style("html", "background-color"));
    }

    [Fact]
    public void On_paper_there_are_no_controls_and_all_of_the_text()
    {
        Open(address: "#t=dark");
        Emulate("print", "dark");
        Assert.Equal("none", Style(".tools", "display"));
        Assert.Equal("visible", Style(".tokens", "overflow"));
        Assert.Equal("rgb(246, 247, 249)", Style("html", "background-color"));
        Assert.True(Number("document.querySelector('#table table').getBoundingClientRect().height") > 50);
    }

    [Fact]
    public void Colours_of_the_system_replace_those_of_the_page()
    {
        Open();
        Emulate("", forcedColors: true, reduceMotion: true);
        Assert.Single(All(".ln").Select(line => line.GetCssValue("stroke")).Distinct());
    }

    [Fact]
    public void Nothing_moves_for_whoever_wants_no_motion()
    {
        Open();
        Assert.Equal("0s", Style(".ln", "transition-duration"));
        Emulate("");
        Assert.NotEqual("0s", Style(".ln", "transition-duration"));
    }

    string Style(string selector, string property) =>
        Script<string>(
            "return getComputedStyle(document.querySelector(arguments[0])).getPropertyValue(arguments[1])", selector,
            property);

    // Between the colour of a text and the first ground behind it that is not transparent.
    double ContrastOf(string selector)
    {
        var colours = Script<IReadOnlyCollection<object>>("""
            const element = document.querySelector(arguments[0]);
            const style = getComputedStyle(element);
            let behind = element;
            while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
            return [element instanceof SVGElement ? style.fill : style.color, getComputedStyle(behind).backgroundColor];
            """, selector).Cast<string>().Select(Luminance).ToArray();
        return (Math.Max(colours[0], colours[1]) + 0.05) / (Math.Min(colours[0], colours[1]) + 0.05);
    }

    // WCAG 2.2, relative luminance.
    static double Luminance(string colour)
    {
        var parts = Numbers().Matches(colour)
            .Select(part => double.Parse(part.Value, CultureInfo.InvariantCulture) / 255)
            .Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4)).ToArray();
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Numbers();
}
