using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;

namespace RatIlgpu.Browser.Tests;

public sealed class KeyboardTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void Tab_reaches_the_diagram_and_arrows_lead_from_token_to_token()
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
    public void Letters_find_step_and_clear()
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
    public void Keys_of_the_browser_are_left_to_it_also_on_a_token()
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
        // No keyboard of the driver has this key.
        Script<object?>("""
            document.body.dispatchEvent(new KeyboardEvent('keydown', {
              key: ']', bubbles: true, ctrlKey: true, altKey: true, modifierAltGraph: arguments[0],
            }));
            """, altGraph);
        Assert.Equal(path, Data("beam"));
    }

    [Fact]
    public void Every_control_has_a_name()
    {
        Open();
        var nodes = (Dictionary<string, object>)Driver.ExecuteCdpCommand("Accessibility.getFullAXTree", [])!;
        string[] controls = ["button", "combobox", "searchbox", "slider", "dialog", "toolbar"];
        foreach (Dictionary<string, object> node in (IEnumerable<object>)nodes["nodes"])
            if (!(bool)node["ignored"] && controls.Contains(Value(node, "role")))
                Assert.NotEqual("", Value(node, "name"));

        static string Value(Dictionary<string, object> node, string name) =>
            node.TryGetValue(name, out var found)
            && ((Dictionary<string, object>)found).TryGetValue("value", out var value)
                ? value.ToString()!
                : "";
    }

    string? Focused(string attribute) => Driver.SwitchTo().ActiveElement().GetDomAttribute(attribute);
}
