using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Text;

namespace RatIlgpu.Browser.Tests;

public sealed class HostileTokenTests(Chromium chromium) : PageTests(chromium)
{
    // The text shows longer tokens; the details, the table and the list of paths cut them here.
    const int LongestInDetails = 400;
    const int LongestInTable = 40;
    const int LongestInPath = 18;

    [Fact]
    public void Tokens_with_markup_are_shown_as_text()
    {
        var endless = new string('a', 1 << 20);
        string[] tokens = [.. SampleTrace.Hostile, endless, "</textarea><svg onload=alert(1)>", " end"];
        Open(OnePath(tokens));
        var shown = Script<IReadOnlyCollection<object>>(
            "return [...document.querySelectorAll('.t')].map((token) => token.textContent.slice(0, 500))").ToArray();
        Assert.Equal(tokens.Length, shown.Length);
        for (var i = 0; i < tokens.Length; i++)
            Assert.StartsWith(
                TokenGlyphs.Show(new TokenText(1000 + i, tokens[i], []), 300).TrimEnd('…'), (string)shown[i],
                StringComparison.Ordinal);
        Assert.Equal(tokens.Length, All(".nd").Count);
        AssertUnharmed();
    }

    [Fact]
    public void Details_show_hostile_tokens_as_text()
    {
        var trace = OnePath([.. SampleTrace.Hostile, " end"]);
        Open(trace);
        Click("#table summary");
        for (var i = 0; i < trace.Tokens.Length; i++)
        {
            Click($".t[data-i='{i}']");
            Assert.Equal("n" + i, Data("sel"));
            Assert.Equal(
                TokenGlyphs.Show(trace.Tokens[i], LongestInDetails), Text("#info dd").First());
        }

        var link = trace.Sankey.Links[0];
        Click("#table button[data-pick='e0']");
        Assert.StartsWith(
            $"\u2068{TokenGlyphs.Show(trace.Tokens[link.Target], 23).TrimEnd('…')}", Text("#info dd").First(),
            StringComparison.Ordinal);
        AssertUnharmed();
    }

    [Fact]
    public void The_table_and_the_list_of_paths_show_hostile_tokens_as_text()
    {
        var trace = OnePath([.. SampleTrace.Hostile, " end"]);
        Open(trace);
        Assert.Equal(
            trace.Sankey.Links.SelectMany(link => new[] { link.Target, link.Source })
                .Select(at => TokenGlyphs.Show(trace.Tokens[at], LongestInTable)),
            Text("#table bdi"));
        var route = Assert.Single(Text("#paths .route")).Split(" → ");
        Assert.Equal(trace.Paths[0].Positions.Length, route.Length);
        foreach (var (token, part) in trace.Paths[0].Positions.Reverse().Select(at => trace.Tokens[at]).Zip(route))
            Assert.StartsWith(
                '\u2068' + TokenGlyphs.Show(token, LongestInPath - 1).TrimEnd('…'), part, StringComparison.Ordinal);
        AssertUnharmed();
    }

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>", 1)]
    [InlineData("\"onload=\"alert(1)", 1)]
    [InlineData("שלום", 1)]
    [InlineData("⟨202E⟩", 1)]
    [InlineData("&lt;", 1)]
    [InlineData("∅", 1)]
    [InlineData("%00&n=n1#", 0)]
    public void A_hostile_search_term_stays_text_and_survives_a_reload(string wanted, int count)
    {
        Open(OnePath([.. SampleTrace.Hostile, " end"]));
        Click("#q");
        Press(wanted);
        Assert.Equal($"{count} found", Find("#hits").Text);
        Until(() => Driver.Url.Contains("q=", StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(wanted, Find("#q").GetDomProperty("value"));
        Assert.Equal(count, All(".t[data-hit]").Count);
        Assert.Equal("", Data("sel"));
        AssertUnharmed();
    }

    static TraceResult OnePath(string[] tokens) => SampleTrace.Of(tokens,
        ([.. Enumerable.Range(0, tokens.Length).Reverse()], [.. Enumerable.Repeat(0.5, tokens.Length - 1)]));

    IEnumerable<string> Text(string selector) => Script<IReadOnlyCollection<object>>(
        "return [...document.querySelectorAll(arguments[0])].map((element) => element.textContent)", selector)
        .Cast<string>();
}
