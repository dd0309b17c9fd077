using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Html.Trace;

namespace RatIlgpu.Browser.Tests;

public sealed class LayerTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void Keys_the_slider_and_the_address_switch_between_layers()
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
    public void Help_opens_and_closes_by_key_and_gives_the_focus_back()
    {
        Open();
        Script<object?>("document.querySelector('.nd[data-node=\"15\"]').focus()");
        Press("?");
        Assert.True(Find("#help").Displayed);
        Press(Keys.Escape);
        Assert.False(Find("#help").Displayed);
        Assert.Equal("15", Driver.SwitchTo().ActiveElement().GetDomAttribute("data-node"));
    }

    static HtmlPage TwoLayers() => TracePage.Render(SampleTrace.TwoLayers());
}
