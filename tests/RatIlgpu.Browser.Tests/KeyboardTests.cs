using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class KeyboardTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void Tab_reaches_the_diagram_and_arrows_move_between_tokens()
    {
        Open();
        for (var steps = 0; Focused("data-node") is null; steps++)
        {
            Assert.True(steps < 40, "Tab does not reach the diagram.");
            Press(Keys.Tab);
        }

        Assert.Equal("19", Focused("data-node"));
        Press(Keys.ArrowLeft);
        var next = Focused("data-node");
        Assert.NotEqual("19", next);
        Press(Keys.Enter);
        Assert.Equal("n" + next, Data("sel"));
        Press(Keys.Space);
        Assert.Equal("", Data("sel"));
        Press(Keys.End);
        Press(Keys.Home);
        Assert.Equal("0", Focused("data-node"));
    }

    [Fact]
    public void Shortcut_keys_search_step_through_paths_and_clear_the_selection()
    {
        Open();
        Press("]");
        Assert.Equal("0", Data("beam"));
        Press("]");
        Assert.Equal("1", Data("beam"));
        Press("[", "[");
        Assert.Equal("4", Data("beam"));
        Press(Keys.Escape);
        Assert.Equal("", Data("beam"));
        Press("/");
        Assert.Equal("q", Focused("id"));
    }

    [Fact]
    public void Shortcuts_of_the_browser_are_not_intercepted()
    {
        Open();
        Script<object?>("addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; })");
        Script<object?>("document.querySelector('.nd[data-node=\"19\"]').focus()");
        foreach (var modifier in new[] { Keys.Alt, Keys.Control, Keys.Meta })
        {
            new Actions(Driver).KeyDown(modifier).SendKeys(Keys.ArrowLeft).KeyUp(modifier).Perform();
            Assert.Equal("19", Focused("data-node"));
            Assert.False(Script<bool>("return window.taken"));
        }

        Press(Keys.ArrowLeft);
        Assert.True(Script<bool>("return window.taken"));
    }

    [Theory]
    [InlineData(true, "0")]
    [InlineData(false, "")]
    public void A_bracket_typed_with_alt_graph_is_a_bracket(bool altGraph, string path)
    {
        Open();
        // The driver cannot press AltGr.
        Script<object?>("""
            document.body.dispatchEvent(new KeyboardEvent('keydown', {
              key: ']', bubbles: true, ctrlKey: true, altKey: true, modifierAltGraph: arguments[0],
            }));
            """, altGraph);
        Assert.Equal(path, Data("beam"));
    }

    [Fact]
    public void Every_control_has_an_accessible_name()
    {
        Open(TracePage.Render(SampleTrace.TwoLayers()));
        Click("#table summary");
        string[] controls = ["button", "combobox", "searchbox", "slider", "table"];
        var names = AccessibleNames(controls);
        Assert.Equal(
            [("combobox", 2), ("searchbox", 1), ("slider", 1), ("table", 1)],
            controls[1..].Select(role => (role, names[role].Count())));
        Assert.Contains("\u2068·Mary\u2069, position 2", names["button"]);
        Assert.Single(names["button"], name => name.StartsWith(
            "\u2068·John\u2069, position 4, share ", StringComparison.Ordinal));
        Assert.Contains("Link 1: \u2068·said\u2069 19 attends to \u2068·a\u2069 12", names["button"]);
        Assert.All(names["button"], name => Assert.DoesNotMatch("^[0-9]+$", name));
        Assert.InRange(names["button"].Count(), 20 + 4 + 5 + 2 + 12, 60);
    }

    [Fact]
    public void Selected_tokens_and_links_have_aria_pressed()
    {
        Open();
        Click("#table summary");
        Click("#table button[data-pick='e2']");
        Assert.Equal(["e2"], All("#table button[aria-pressed='true']").Select(row => row.GetDomAttribute("data-pick")));
        var grounds = All("#table tbody tr").Select(row => row.GetCssValue("background-color")).ToArray();
        Assert.NotEqual(grounds[0], grounds[2]);
        Assert.Equal(2, grounds.Distinct().Count());
        Click(".t[data-i='4']");
        Assert.Empty(All("#table button[aria-pressed='true']"));
        Assert.Equal(["4"], All(".t[aria-pressed='true']").Select(token => token.GetDomAttribute("data-i")));
        Press(Keys.Escape);
        Assert.Equal(20, All(".t[aria-pressed='false']").Count);
    }

    [Fact]
    public void Details_are_rewritten_only_if_the_selection_changes()
    {
        Open();
        Script<object?>("""
            window.written = 0;
            new MutationObserver(() => window.written++)
              .observe(document.getElementById('info'), { childList: true, subtree: true, characterData: true });
            """);
        Click("button[data-set='width'][value='attention']");
        Click("button[data-set='cols'][value='position']");
        Assert.Equal(0, Number("window.written"));
        Click(".t[data-i='4']");
        Assert.Equal(1, Number("window.written"));
    }

    string? Focused(string attribute) => Driver.SwitchTo().ActiveElement().GetDomAttribute(attribute);
}
