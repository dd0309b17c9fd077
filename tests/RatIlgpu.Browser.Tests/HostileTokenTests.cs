using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Text;

namespace RatIlgpu.Browser.Tests;

public sealed class HostileTokenTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void Tokens_that_try_to_be_more_than_text_are_text()
    {
        var endless = new string('a', 1 << 20);
        string[] tokens = [.. SampleTrace.Hostile, endless, "</textarea><svg onload=alert(1)>", " end"];
        int[] all = [.. Enumerable.Range(0, tokens.Length).Reverse()];
        Open(SampleTrace.Of(tokens, (all, [.. Enumerable.Repeat(0.5, all.Length - 1)])));
        var shown = Script<IReadOnlyCollection<object>>(
            "return [...document.querySelectorAll('.t')].map((token) => token.textContent.slice(0, 500))").ToArray();
        Assert.Equal(tokens.Length, shown.Length);
        for (var i = 0; i < tokens.Length; i++)
            Assert.StartsWith(
                TokenGlyphs.Show(new TokenText(1000 + i, tokens[i], []), 300).TrimEnd('…'), (string)shown[i],
                StringComparison.Ordinal);
        Assert.Empty(All("img, iframe, object, svg svg, [onload], [onerror]"));
        Assert.Equal(tokens.Length, All(".nd").Count);
        Assert.Empty(Driver.Manage().Logs.GetLog(OpenQA.Selenium.LogType.Browser));
    }
}
