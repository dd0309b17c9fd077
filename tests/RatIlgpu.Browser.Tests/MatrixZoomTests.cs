using OpenQA.Selenium;

namespace RatIlgpu.Browser.Tests;

public sealed class MatrixZoomTests(Chromium chromium) : AttentionTests(chromium)
{
    string? Zoom => Find("#matrix").GetDomAttribute("data-zoom");

    double Width => Number("document.querySelector('#matrix .heat-body').clientWidth");

    [Fact]
    public void Keys_enlarge_the_cells_inside_the_box_and_fit_them_again()
    {
        OpenAttention(SampleAttention.Large(layers: 2, heads: 4, tokens: 40));
        var (width, box) = (Width, BoxOf("#matrix"));
        FocusMatrix();
        Press("+", "+");
        Assert.Equal("2.25", Zoom);
        // The scroll bars take some of the room.
        Assert.InRange(Width / width, 2.15, 2.25);
        Assert.Equal(box, BoxOf("#matrix"));
        Press("-");
        Assert.Equal("1.50", Zoom);
        Press("0");
        Assert.Null(Zoom);
        // The scroll bars leave in a frame of their own.
        Until(() => (Width, BoxOf("#matrix")) == (width, box));
        AssertClean();
    }

    [Fact]
    public void A_cell_is_at_most_64_pixels_and_a_matrix_is_never_smaller_than_its_box()
    {
        OpenAttention(SampleAttention.Large(layers: 2, heads: 4, tokens: 40));
        FocusMatrix();
        Press("-");
        Assert.Null(Zoom);
        for (var i = 0; i < 20; i++)
            Press("+");
        var columns = All(".tokens .t").Count;
        Assert.Equal(64 * columns, Width, 1.0);
    }

    [Fact]
    public void The_cell_that_is_pointed_at_by_keys_stays_in_sight_when_it_grows()
    {
        OpenAttention(SampleAttention.Large(layers: 2, heads: 4, tokens: 40));
        FocusMatrix();
        Press(Keys.ArrowDown, Keys.ArrowDown, Keys.ArrowDown, Keys.End);
        Press("+", "+", "+", "+");
        Assert.True(Script<bool>("""
            const box = document.querySelector('#matrix').getBoundingClientRect();
            const body = document.querySelector('#matrix .heat-body').getBoundingClientRect();
            const [row, column] = document.querySelector('#matrix').dataset.cell.split(',').map(Number);
            const cell = body.width / document.querySelectorAll('.tokens .t').length;
            const [x, y] = [body.x + (column + .5) * cell, body.y + (row + .5) * cell];
            return x > box.x && x < box.right && y > box.y && y < box.bottom;
            """));
    }

    [Fact]
    public void The_wheel_enlarges_only_with_Ctrl()
    {
        OpenAttention(SampleAttention.Large(layers: 2, heads: 4, tokens: 40));
        Wheel(ctrl: false);
        Assert.Null(Zoom);
        Wheel(ctrl: true);
        Assert.Equal("1.25", Zoom);
    }

    [Fact]
    public void F_gives_the_whole_screen_and_takes_it_back()
    {
        OpenAttention(SampleAttention.Large(layers: 2, heads: 4, tokens: 40));
        FocusMatrix();
        Press("f");
        Until(() => Script<bool>("return document.fullscreenElement?.contains(document.querySelector('#matrix'))"));
        Press("f");
        Until(() => Script<bool>("return document.fullscreenElement === null"));
        AssertClean();
    }

    void FocusMatrix() => Script<object?>("document.querySelector('#matrix .heat-body').focus()");

    void Wheel(bool ctrl) => Driver.ExecuteCdpCommand("Input.dispatchMouseEvent", new()
    {
        ["type"] = "mouseWheel",
        ["x"] = Number("document.querySelector('#matrix .heat-body').getBoundingClientRect().x + 20"),
        ["y"] = Number("document.querySelector('#matrix .heat-body').getBoundingClientRect().y + 20"),
        ["deltaX"] = 0,
        ["deltaY"] = -100,
        ["modifiers"] = ctrl ? 2 : 0,
    });

    (double, double) BoxOf(string selector) => (
        Number("document.querySelector(arguments[0]).offsetWidth", selector),
        Number("document.querySelector(arguments[0]).offsetHeight", selector));
}
