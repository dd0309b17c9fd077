using OpenQA.Selenium.Interactions;

namespace RatIlgpu.Browser.Tests;

public sealed class AddressTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void An_address_opens_the_state_it_names()
    {
        Open(address: "#n=n15&c=position&w=attention&m=attention&t=dark&q=Mary");
        Assert.Equal(["n15", "position", "dark"], new[] { "sel", "cols", "theme" }.Select(Data));
        Assert.Equal("2 found", Find("#hits").Text);
        Assert.Equal("true", Find("button[data-set='width'][value='attention']").GetDomAttribute("aria-pressed"));
    }

    [Fact]
    public void Selection_columns_and_zoom_survive_a_reload()
    {
        Open();
        Click("button[data-set='cols'][value='position']");
        Click(".nd[data-node='4'] rect");
        Click("#zoom-in");
        Until(() => Driver.Url.Contains("z=", StringComparison.Ordinal));
        var scale = Find("#flow").GetDomAttribute("data-k");
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(["n4", "position"], new[] { "sel", "cols" }.Select(Data));
        Assert.Equal(scale, Find("#flow").GetDomAttribute("data-k"));
    }

    [Fact]
    public void The_scroll_position_of_a_zoomed_diagram_survives_a_reload()
    {
        Open();
        for (var i = 0; i < 4; i++)
            Click("#zoom-in");
        Until(() => Driver.Url.Contains("z=", StringComparison.Ordinal));
        var before = Driver.Url;
        new Actions(Driver)
            .ScrollFromOrigin(new WheelInputDevice.ScrollOrigin { Element = Find("#canvas") }, -150, 0).Perform();
        Until(() => Driver.Url != before);
        var left = Number("document.getElementById('canvas').scrollLeft");
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(left, Number("document.getElementById('canvas').scrollLeft"), 1.0);
    }

    [Theory]
    [InlineData("#n=n99999&b=77&c=sideways&z=nan,1,2")]
    [InlineData("#n=<img src=x onerror=alert(1)>&t=%00")]
    [InlineData("#%E0%A4%A")]
    public void Invalid_values_in_the_address_are_ignored(string address)
    {
        Open(address: address);
        Assert.Equal(["", "", "hops"], new[] { "sel", "beam", "cols" }.Select(Data));
    }
}
