using System.Text.RegularExpressions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>What the page shows if it cannot start, or fails later.</summary>
public sealed class FailureTests(Chromium chromium) : PageTests(chromium)
{
    static readonly HtmlPage Compressed = TracePage.Render(SampleTrace.Random(2048, 5, longest: 4));

    [Fact]
    public void A_browser_without_decompression_shows_a_notice_and_the_table()
    {
        var script = (Dictionary<string, object>)Driver.ExecuteCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", new() { ["source"] = "delete window.DecompressionStream" })!;
        try
        {
            Fails(Compressed.Html);
            Assert.Contains("DecompressionStream", Data("error"), StringComparison.Ordinal);
        }
        finally
        {
            Driver.ExecuteCdpCommand("Page.removeScriptToEvaluateOnNewDocument", script!);
        }
    }

    [Fact]
    public void Damaged_data_show_a_notice_and_the_table()
    {
        Fails(Regex.Replace(Compressed.Html, """(id="data">.{40}).{40}""", "$1" + new string('A', 40)));
        Fails(Compressed.Html.Replace("id=\"data\">", "id=\"data\">?", StringComparison.Ordinal));
        var trace = SampleTrace.FivePaths();
        Fails(ComparePage.Render(trace, trace).Html.Replace("id=\"data\">", "id=\"data\">?", StringComparison.Ordinal));
    }

    [Fact]
    public void An_error_after_loading_leaves_the_page_usable()
    {
        Open();
        Script<object?>("setTimeout(() => { throw new Error('late'); })");
        Until(() => Driver.Manage().Logs.GetLog(OpenQA.Selenium.LogType.Browser).Count > 0);
        Assert.Null(Data("error"));
    }

    [Fact]
    public void An_observer_that_loops_before_the_page_is_ready_is_no_failure()
    {
        var script = (Dictionary<string, object>)Driver.ExecuteCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", new()
            {
                // A page reads its data after it has begun to listen, and before it is ready.
                ["source"] = "const real = JSON.parse; JSON.parse = (text) => { JSON.parse = real; "
                    + "dispatchEvent(new ErrorEvent('error', { message: "
                    + "'ResizeObserver loop completed with undelivered notifications.' })); return real(text); };",
            })!;
        try
        {
            Open();
            Assert.Null(Data("error"));
            Assert.NotNull(Data("ready"));
        }
        finally
        {
            Driver.ExecuteCdpCommand("Page.removeScriptToEvaluateOnNewDocument", script!);
        }
    }

    void Fails(string html)
    {
        Load(html);
        Until(() => Data("error") is not null);
        var notice = Assert.Single(All("[role='alert']")).Text;
        Assert.StartsWith("The script of this page cannot run here (", notice, StringComparison.Ordinal);
        Assert.EndsWith("). The table below works.", notice, StringComparison.Ordinal);
        Assert.True(Find("#table table").Displayed);
        Assert.False(Find(".tools").Displayed);
        Assert.Null(Data("ready"));
    }
}
