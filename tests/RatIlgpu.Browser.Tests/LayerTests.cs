using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class LayerTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void Keys_slider_and_address_switch_between_layers()
    {
        Open(TwoLayers());
        Assert.Equal("7", Data("layer"));
        Assert.Equal(2, All("#paths li").Count);
        Press(",");
        Assert.Equal("3", Data("layer"));
        Assert.Equal(5, All("#paths li").Count);
        Script<object?>("document.getElementById('layer').focus()");
        Press(Keys.ArrowRight);
        Assert.Equal("7", Data("layer"));
        Open(TwoLayers(), "#l=3");
        Assert.Equal("3", Data("layer"));
        Assert.Equal("3", Find("#layer-shown").Text);
    }

    [Fact]
    public void Help_opens_and_closes_by_key_and_restores_the_focus()
    {
        Open();
        Script<object?>("document.querySelector('.nd[data-node=\"15\"]').focus()");
        Press("?");
        Assert.True(Find("#help").Displayed);
        Press(Keys.Escape);
        Assert.False(Find("#help").Displayed);
        Assert.Equal("15", Driver.SwitchTo().ActiveElement().GetDomAttribute("data-node"));
    }

    [Theory]
    [InlineData(".nd[data-node='4']", "data-node", "4")]
    [InlineData(".nd[data-node='15']", "data-node", "19")]
    [InlineData("#paths button[data-beam='1']", "data-beam", "1")]
    [InlineData("#paths button[data-beam='4']", "data-node", "19")]
    [InlineData("#table tbody:not([hidden]) button[data-pick='e1']", "data-pick", "e1")]
    public void Switching_the_layer_keeps_the_focus_or_moves_it_to_the_target(
        string selector, string attribute, string value)
    {
        Open(TwoLayers(), "#l=3");
        Script<object?>("document.getElementById('table').open = true");
        Script<object?>("document.querySelector(arguments[0]).focus()", selector);
        Press(".");
        Assert.Equal("7", Data("layer"));
        Assert.Equal(value, Driver.SwitchTo().ActiveElement().GetDomAttribute(attribute));
        Assert.True(Script<bool>("return document.activeElement.checkVisibility()"));
    }

    static HtmlPage TwoLayers() => TracePage.Render(SampleTrace.TwoLayers());
}
