using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;
using RatIlgpu.Html;

namespace RatIlgpu.Browser.Tests;

/// <summary>Opens pages of attention and points at their parts.</summary>
public abstract class AttentionTests(Chromium chromium) : PageTests(chromium)
{
    /// <summary>Opens a page of four heads over six tokens, and waits until its first matrix is shown.</summary>
    protected void OpenAttention(string address = "", AttentionPageOptions? options = null) =>
        OpenAttention(SampleAttention.Page(options), address);

    protected void OpenAttention(HtmlPage page, string address = "")
    {
        Open(page, address);
        Until(() => Data("head") is not null);
        // The pointer of an earlier test can be over a part of this page.
        Leave();
    }

    protected void Hover(string selector) => Mouse().MoveToElement(Find(selector)).Perform();

    /// <summary>Moves the pointer to a place where nothing is.</summary>
    protected void Leave() => Mouse().MoveToLocation(1, 1).Perform();

    /// <summary>Moves the pointer to a cell of the matrix.</summary>
    protected Actions OverCell(int query, int key)
    {
        var (x, y) = CentreOf(query, key);
        return Mouse().MoveToLocation((int)x, (int)y);
    }

    protected (double X, double Y) CentreOf(int query, int key)
    {
        var count = All(".t").Count;
        double Of(string side, string extent, int at) => Number(
            $"document.querySelector('.heat-body').getBoundingClientRect().{side}") + ((at + 0.5) / count
            * Number($"document.querySelector('.heat-body').getBoundingClientRect().{extent}"));
        return (Of("x", "width", key), Of("y", "height", query));
    }

    protected void Await(string name, string value) => Until(() => Data(name) == value);

    protected string[] Shades() =>
        [.. All(".t").Select(token => token.GetDomAttribute("data-h") ?? "")];

    protected string Info => Find("#info").Text.ReplaceLineEndings("|");

    protected void AssertClean() => Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
}
