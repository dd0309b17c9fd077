using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class ComparePageTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_token_selected_in_one_trace_is_highlighted_in_the_other()
    {
        var two = SampleTrace.Of(SampleTrace.Sentence, ([19, 15, 0], [0.5, 0.5]), ([19, 4, 0], [0.25, 0.5]));
        Open(ComparePage.Render(SampleTrace.FivePaths(), two));
        var same = All(".nd[data-node='15']");
        Assert.Equal(2, same.Count);
        new Actions(Driver).MoveToElement(same[0].FindElement(By.TagName("rect"))).Click().Perform();
        Assert.NotEqual("", Data("sel"));
        Assert.All(All(".nd[data-node='15']"), node => Assert.Equal("on", node.GetDomAttribute("data-state")));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Hostile_tokens_are_shown_as_text_on_the_comparison_page()
    {
        int[] all = [.. Enumerable.Range(0, SampleTrace.Hostile.Length).Reverse()];
        var trace = SampleTrace.Of(SampleTrace.Hostile, (all, [.. Enumerable.Repeat(0.5, all.Length - 1)]));
        Open(ComparePage.Render(trace, trace, new() { NameA = SampleTrace.Hostile[0] }));
        Assert.Equal(2 * SampleTrace.Hostile.Length, All(".t").Count);
        Assert.Empty(All("img, iframe, object, [onload], [onerror]"));
    }
}
