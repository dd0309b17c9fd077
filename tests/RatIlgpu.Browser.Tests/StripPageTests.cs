using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Text;

namespace RatIlgpu.Browser.Tests;

/// <summary>What holds of pages that have the tokens of a prompt beside bars and a matrix.</summary>
public abstract class StripPageTests(Chromium chromium) : PageTests(chromium)
{
    /// <summary>Holds that an address opens a state, and that the page has it again after a reload.</summary>
    /// <param name="page">The page.</param>
    /// <param name="address">The address.</param>
    /// <param name="expected">The state.</param>
    /// <param name="state">Returns the state of the page.</param>
    protected void AssertOpens(HtmlPage page, string address, string expected, Func<string> state)
    {
        Open(page, address);
        Assert.Equal(expected, state());
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(expected, state());
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    /// <summary>Holds that the tokens of <see cref="SampleTrace.Hostile"/> are shown as text.</summary>
    /// <param name="choose">Chooses something that names tokens in the details, and holds that they are text.</param>
    protected void AssertHostile(Action choose)
    {
        Assert.Equal(
            SampleTrace.Hostile.Select((word, id) => TokenGlyphs.Show(new TokenText(id, word, []), 400)),
            Texts("#toks .t"));
        choose();
        Mouse().MoveToElement(Find(".t[data-i='1']")).Perform();
        Assert.StartsWith("\u2068<!--\u2069 1", Find("#tip").Text, StringComparison.Ordinal);
        AssertUnharmed();
    }

    /// <summary>Holds that one token is found, and that Enter keeps it.</summary>
    /// <param name="word">What is looked for.</param>
    /// <param name="kept">The name of the token.</param>
    protected void AssertFinds(string word, string kept)
    {
        Press("/");
        Press(word);
        Assert.Equal("1 found", Find("#hits").Text);
        Press(Keys.Enter);
        Assert.Equal(kept, Data("sel"));
    }

    /// <summary>Holds that a page is no wider than its screen, and that fingers can hit its controls.</summary>
    protected void AssertFits(int width)
    {
        Assert.InRange(Number("document.documentElement.scrollWidth"), 0, width);
        Assert.Empty(width > 500 ? [] : Script<IReadOnlyCollection<object>>("""
            return [...document.querySelectorAll('button, select, input, summary')]
              .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 44)
              .map((control) => control.outerHTML.slice(0, 80));
            """));
    }
}
