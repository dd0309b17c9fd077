using OpenQA.Selenium.Interactions;

namespace RatIlgpu.Browser.Tests;

public sealed class ZoomTests(Chromium chromium) : PageTests(chromium)
{
    double Scale => double.Parse(Find("#flow").GetDomAttribute("data-k")!, CultureInfo.InvariantCulture);

    [Fact]
    public void Buttons_and_keys_zoom_and_fit_the_diagram()
    {
        Open();
        var before = Scale;
        Click("#zoom-in");
        Assert.Equal(before * 1.3, Scale, 0.01);
        Press("-");
        Assert.Equal(before, Scale, 0.01);
        Press("+", "+", "0");
        var room = Number("document.getElementById('canvas').clientWidth");
        Assert.InRange(Number("document.getElementById('flow').getBoundingClientRect().width"), 0, room + 1);
    }

    [Fact]
    public void The_wheel_scrolls_the_page_and_zooms_only_a_focused_diagram()
    {
        Open();
        var before = Scale;
        Wheel(-200);
        Assert.Equal(before, Scale, 0.001);
        Click(".nd[data-node='15'] rect");
        Script<object?>("document.querySelector('.nd[data-node=\"15\"]').focus()");
        Wheel(-200);
        Until(() => Scale > before);
    }

    [Fact]
    public void Dragging_moves_the_diagram_and_selects_nothing()
    {
        Open();
        for (var i = 0; i < 4; i++)
            Click("#zoom-in");
        var before = Number("document.getElementById('canvas').scrollLeft");
        var ground = Find("#canvas");
        Mouse().MoveToElement(ground, 0, 0).ClickAndHold().MoveByOffset(60, 10).MoveByOffset(60, 10)
            .Release().Perform();
        Assert.Equal(120, before - Number("document.getElementById('canvas').scrollLeft"), 2.0);
        Assert.Equal("", Data("sel"));
    }

    void Wheel(int by) => new Actions(Driver)
        .ScrollFromOrigin(new WheelInputDevice.ScrollOrigin { Element = Find("#canvas") }, 0, by).Perform();
}
