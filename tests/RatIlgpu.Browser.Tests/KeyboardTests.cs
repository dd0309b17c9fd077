using OpenQA.Selenium;

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
