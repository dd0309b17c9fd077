using OpenQA.Selenium.Interactions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page on a phone, by touch.</summary>
public sealed class TouchTests(Chromium chromium) : PageTests(chromium)
{
    const int Width = 390;
    const int Height = 844;

    // Pixels. Controls: the design's minimum; bars: WCAG 2.2, 2.5.8.
    const double LeastControl = 44;
    const double LeastMark = 24;

    [Fact]
    public void A_tap_selects_a_token_and_a_second_tap_clears_it()
    {
        OpenOnPhone();
        var (x, y) = Centre(".nd[data-node='19'] rect");
        Fingers([(x, y)]);
        Assert.Equal("n19", Data("sel"));
        Assert.Equal("n", Find("#info").GetDomAttribute("data-kind"));
        Fingers([(x, y)]);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void Dragging_with_a_finger_moves_the_diagram_and_selects_nothing()
    {
        OpenOnPhone();
        var before = Number("document.getElementById('canvas').scrollLeft");
        var (x, y) = Centre("#canvas");
        Fingers([(x, y), (x + 30, y), (x + 60, y), (x + 90, y)]);
        Until(() => Number("document.getElementById('canvas').scrollLeft") < before - 40);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void A_pinch_zooms_the_diagram()
    {
        OpenOnPhone();
        var before = Number("document.getElementById('flow').dataset.k");
        var (x, y) = Centre("#canvas");
        Fingers([(x - 20, y), (x - 30, y), (x - 40, y)], [(x + 20, y), (x + 30, y), (x + 40, y)]);
        var after = Number("document.getElementById('flow').dataset.k");
        Assert.InRange(after / before, 1.3, 2.1);
        Assert.Equal(1, Number("visualViewport.scale"), 0.01);
        Fingers([(x - 60, y), (x - 40, y), (x - 20, y)], [(x + 60, y), (x + 40, y), (x + 20, y)]);
        Assert.True(Number("document.getElementById('flow').dataset.k") < after);
    }

    [Fact]
    public void Controls_of_several_views_are_large_enough()
    {
        foreach (var traces in new[] { SampleTrace.ThreePrompts(), SampleTrace.LayersAndHeads() })
        {
            Resize(Width, Height, isTouched: true);
            Open(TracePage.Render(traces));
            Assert.Empty(SmallControls());
        }
    }

    [Fact]
    public void Touch_targets_are_large_enough()
    {
        OpenOnPhone();
        Assert.True(Script<bool>("return matchMedia('(pointer: coarse)').matches"));
        Click("#table summary");
        Assert.Empty(SmallControls());
        // A tap up to half the least size beside the middle of a bar hits that bar.
        Assert.Empty(Script<IReadOnlyCollection<object>>("""
            const away = arguments[0] / 2 - 0.5;
            return [...document.querySelectorAll('.nd')].flatMap((node) => {
              node.scrollIntoView({ block: 'center', inline: 'center' });
              const { left, top, width, height } = node.querySelector('rect').getBoundingClientRect();
              return [[-away, 0], [away, 0], [0, -away], [0, away]]
                .map(([x, y]) => document.elementFromPoint(left + width / 2 + x, top + height / 2 + y))
                .filter((hit) => hit?.closest('.nd') !== node)
                .map((hit) => `${node.dataset.node}: ${hit?.outerHTML.slice(0, 60)}`);
            });
            """, LeastMark));
    }

    IReadOnlyCollection<object> SmallControls() => Script<IReadOnlyCollection<object>>("""
        return [...document.querySelectorAll('button, select, input, summary')]
          .filter((control) => control.checkVisibility())
          .map((control) => [control, control.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < arguments[0] || height < arguments[0])
          .map(([control, { width, height }]) => `${control.outerHTML.slice(0, 60)}: ${width} x ${height}`);
        """, LeastControl);

    void OpenOnPhone()
    {
        Resize(Width, Height, isTouched: true);
        Open();
    }

    (double X, double Y) Centre(string selector)
    {
        var place = Script<IReadOnlyCollection<object>>("""
            const { left, top, width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
            return [left + width / 2, top + height / 2];
            """, selector).Select(Convert.ToDouble).ToArray();
        return (place[0], place[1]);
    }

    // Each finger touches at its first point, moves along the others and lifts at its last.
    void Fingers(params (double X, double Y)[][] ways)
    {
        var sequences = ways.Select((way, i) =>
        {
            var finger = new PointerInputDevice(PointerKind.Touch, "finger " + i);
            var sequence = new ActionSequence(finger);
            foreach (var (step, (x, y)) in way.Index())
            {
                sequence.AddAction(finger.CreatePointerMove(
                    CoordinateOrigin.Viewport, (int)x, (int)y, TimeSpan.FromMilliseconds(step == 0 ? 0 : 40)));
                if (step == 0)
                    sequence.AddAction(finger.CreatePointerDown(MouseButton.Touch));
            }

            sequence.AddAction(finger.CreatePointerUp(MouseButton.Touch));
            return sequence;
        });
        Driver.PerformActions([.. sequences]);
    }
}
