using System.Xml.Linq;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class FigureTests(Chromium chromium) : PageTests(chromium)
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_static_figure_has_the_lines_and_labels_of_the_page()
    {
        var trace = SampleTrace.Random(tokens: 40, paths: 16, longest: 4);
        Open(trace);
        var drawing = Assert.Single(XDocument.Parse(TracePage.ToSvg(trace)).Descendants(Svg + "g"));
        var lines = drawing.Elements(Svg + "path").Where(path => path.Attribute("stroke-dasharray") is null)
            .Select(path => path.Attribute("d")!.Value).ToArray();
        var onPage = All("#links .ln").Select(line => line.GetDomAttribute("d")!).ToArray();
        Assert.Equal(onPage.Length, lines.Length);
        foreach (var (expected, drawn) in onPage.Zip(lines))
            // A tenth of a pixel that is just between two is rounded up here and down there.
            Assert.All(Numbers(expected).Zip(Numbers(drawn)), pair => Assert.Equal(pair.First, pair.Second, 0.11));
        Assert.Equal(
            All("#nodes text").Select(label => label.GetDomProperty("textContent")),
            drawing.Elements(Svg + "text").Select(label => label.Value));
        Assert.Equal(
            All("#nodes text").Select(label => label.GetDomAttribute("text-anchor")),
            drawing.Elements(Svg + "text").Select(label => label.Attribute("text-anchor")?.Value ?? "start"));
    }

    [Fact]
    public void The_browser_draws_a_static_figure_without_a_complaint()
    {
        var hostile = SampleTrace.Random(30, 9, 5, 1, SampleTrace.Hostile);
        File.WriteAllText(Folder.Path("figure.svg"), TracePage.ToSvg(hostile));
        Driver.Navigate().GoToUrl(new Uri(Folder.Path("figure.svg")).AbsoluteUri);
        Assert.Equal("svg", Script<string>("return document.documentElement.tagName"));
        Assert.True(All("path").Count > 9);
        Assert.Empty(Driver.Manage().Logs.GetLog(OpenQA.Selenium.LogType.Browser));
    }

    static IEnumerable<double> Numbers(string path) => path
        .Split(['M', 'C', ' '], StringSplitOptions.RemoveEmptyEntries)
        .Select(number => double.Parse(number, CultureInfo.InvariantCulture));
}
