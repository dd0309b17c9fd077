using OpenQA.Selenium;
using RatIlgpu.Html;

namespace RatIlgpu.Browser.Tests;

public sealed class AttentionViewTests(Chromium chromium) : AttentionTests(chromium)
{
    [Fact]
    public void A_cell_has_the_colour_of_its_value_in_matrix_and_thumbnail()
    {
        OpenAttention("#h=1.0");
        Until(() => All(".hd[data-painted]").Count == 4);
        // √.75 of the scale, and nothing.
        AssertColour(RampAt(Math.Sqrt(0.75)), PixelOf("#matrix canvas", 4, 0));
        AssertColour(RampAt(0.5), PixelOf("#matrix canvas", 4, 4));
        AssertColour(RampAt(0), PixelOf("#matrix canvas", 4, 2));
        AssertColour([0xee, 0xf1, 0xf4], PixelOf("#matrix canvas", 2, 4));
        AssertColour(RampAt(Math.Sqrt(0.75)), PixelOf(".hd[data-head='2'] canvas", 4, 0));
        Click("button[data-set=scale][value=linear]");
        AssertColour(RampAt(0.75), PixelOf("#matrix canvas", 4, 0));
        Until(() => All(".hd[data-painted]").Count == 4);
        AssertColour(RampAt(0.75), PixelOf(".hd[data-head='2'] canvas", 4, 0));
    }

    [Fact]
    public void Forced_colours_leave_the_scale_of_matrices()
    {
        OpenAttention("#h=1.0");
        Emulate("", forcedColors: true, reduceMotion: true);
        Driver.Navigate().Refresh();
        Until(() => All(".hd[data-painted]").Count == 4);
        AssertColour(RampAt(Math.Sqrt(0.75)), PixelOf("#matrix canvas", 4, 0));
        AssertColour(RampAt(0), PixelOf("#matrix canvas", 4, 2));
        AssertColour(RampAt(Math.Sqrt(0.75)), PixelOf(".hd[data-head='2'] canvas", 4, 0));
    }

    [Fact]
    public void Large_mode_locks_the_first_head_and_shows_the_matrix_at_full_width()
    {
        OpenAttention(options: new() { Mode = AttentionMode.Large });
        Assert.Equal(("0", "0", "large"), (Data("head"), Data("head-lock"), Data("mode")));
        double Wide(string selector) => Number("document.querySelector(arguments[0]).clientWidth", selector);
        Assert.True(Wide("#matrix") > 1200);
        // Twelve columns at this width.
        Assert.InRange(Wide(".hd"), 80, 110);
        Assert.Contains("\u2068·John\u2069 (3)", All(".heat-rows text").Select(label => label.Text));
        Click("button[data-set=mode][value=small]");
        Assert.InRange(Wide("#matrix"), 400, 500);
    }

    [Fact]
    public void Numbers_that_do_not_fit_into_their_cells_are_left_out()
    {
        OpenAttention(
            SampleAttention.Large(1, 1, 16, new() { Mode = AttentionMode.Large, Theme = PageTheme.Light }), "#h=0.0");
        Script<object?>(
            """
            const draw = CanvasRenderingContext2D.prototype.fillText;
            window.drawn = [];
            CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
              window.drawn.push(text);
              draw.call(this, text, ...at);
            };
            """);
        Script<object?>("document.querySelector('#matrix').style.width = '440px'");
        Until(() => Script<bool>("return window.drawn.includes('1')"));
        Assert.DoesNotContain(
            Script<IReadOnlyCollection<object>>("return window.drawn"),
            text => ((string)text).Contains('…', StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_of_one_head_shows_it_at_once()
    {
        OpenAttention(SampleAttention.Large(1, 1, 6));
        Assert.Equal(("0", "small", "L0H0"), (Data("head"), Data("mode"), Find("#shown").Text));
        Press(Keys.Escape);
        Until(() => Data("head") == "");
    }

    [Fact]
    public void Layers_are_chosen_in_their_order_whatever_the_order_of_heads()
    {
        var builder = new AttentionPageBuilder { HeadOrder = [SampleAttention.Heads[2], SampleAttention.Heads[0]] };
        SampleAttention.AddTo(builder, 0, 2);
        OpenAttention(builder.ToPage());
        Assert.Equal(["", "0", "1"], All("select[name=layer] option").Select(one => one.GetDomAttribute("value")));
        Press(".");
        Assert.Equal("0", Data("layer"));
        Press(".");
        Assert.Equal("1", Data("layer"));
    }

    [Fact]
    public void Only_thumbnails_in_view_are_painted()
    {
        OpenAttention(SampleAttention.Large(layers: 24, heads: 14, tokens: 40));
        Until(() => All(".hd[data-painted]").Count >= 14);
        Assert.InRange(All(".hd[data-painted]").Count, 14, 200);
        Assert.Equal(336, All(".hd").Count);
        Assert.Equal(24, All("#heads section").Count);
        Script<object?>("document.querySelector('.hd[data-head=\"335\"]').scrollIntoView()");
        Until(() => Find(".hd[data-head='335']").GetDomAttribute("data-painted") == "1");
    }

    [Fact]
    public void A_layer_can_be_shown_alone_and_a_locked_head_moves_with_it()
    {
        OpenAttention("#h=0.1");
        Press(".");
        Assert.Equal(("0", "1"), (Data("layer"), Data("head-lock")));
        Press(".");
        Assert.Equal(("1", "3"), (Data("layer"), Data("head-lock")));
        Assert.Equal(
            ["2", "3"], All(".hd").Where(head => head.Displayed).Select(head => head.GetDomAttribute("data-head")));
        Press(",", ",");
        Assert.Equal("", Data("layer"));
        Assert.Equal(4, All(".hd").Count(head => head.Displayed));
    }

    [Fact]
    public void There_are_no_lines_without_vectors()
    {
        OpenAttention("#mode=lines");
        Assert.Equal("small", Data("mode"));
        Assert.Equal(
            ["small", "large"], All("button[data-set=mode]").Select(button => button.GetDomAttribute("value")));
    }

    [Fact]
    public void A_row_of_the_table_locks_its_head()
    {
        OpenAttention(SampleAttention.TwoPrompts());
        Click("#table summary");
        Assert.Equal(8, All("#table tbody tr").Count);
        // Of the third head, behind the first query: .25 to itself; .75 to the first.
        Assert.Equal("L1H0 0 0.250 0.150 0.750 Mary 1 Mary 1 0.25000", All("#table tbody tr")[2].Text);
        Click("#table button[data-row='1,2']");
        Assert.Equal(("1", "2"), (Data("seq"), Data("head-lock")));
        Assert.Equal(["1,2"], All("#table [aria-pressed=true]").Select(button => button.GetDomAttribute("data-row")));
    }

    int[] PixelOf(string canvas, int query, int key) =>
        [.. Script<IReadOnlyCollection<object>>("""
            const canvas = document.querySelector(arguments[0]);
            const [x, y] = [arguments[2], arguments[1]].map((at, i) =>
              Math.floor((at + .5) / 6 * [canvas.width, canvas.height][i]));
            return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
            """, canvas, query, key).Select(part => Convert.ToInt32(part, CultureInfo.InvariantCulture))];

    static int[] RampAt(double shade)
    {
        var place = shade * (Palette.Heat.Length - 1);
        var low = Math.Min(Palette.Heat.Length - 2, (int)place);
        var (from, to) = (Parts(Palette.Heat[low].Light), Parts(Palette.Heat[low + 1].Light));
        return [.. from.Zip(to, (one, other) => (int)Math.Round(one + ((other - one) * (place - low))))];
    }

    static int[] Parts(string colour) =>
        [.. Enumerable.Range(0, 3).Select(i => Convert.ToInt32(colour.Substring(1 + (2 * i), 2), 16))];

    static void AssertColour(int[] expected, int[] actual)
    {
        foreach (var (wanted, found) in expected.Zip(actual))
            Assert.InRange(found, wanted - 1, wanted + 1);
    }

    [Fact]
    public void The_rollout_is_that_of_the_chosen_layer_or_of_the_last()
    {
        OpenAttention(SampleAttention.RolledOut());
        Assert.Equal(["max", "mean", "rollout"], All("[data-set=summary]").Select(button =>
            button.GetDomAttribute("value")));
        Click("[data-set=summary][value=rollout]");
        Until(() => Find("#shown").Text == "Rollout of layers 0 to 1");
        // To the next of 65,535 steps.
        Assert.Equal("0.43751", Cell(1, 0));
        Assert.Equal("0.56249", Cell(1, 1));
        Script<object?>("const one = document.querySelector('select[name=layer]'); one.value = '0'; "
            + "one.dispatchEvent(new Event('change', { bubbles: true }))");
        Until(() => Find("#shown").Text == "Rollout of layers 0 to 0");
        Assert.Equal("0.25000", Cell(1, 0));
        AssertClean();

        string Cell(int query, int key)
        {
            OverCell(query, key).Perform();
            Until(() => Data("tok") == query.ToString(CultureInfo.InvariantCulture) && Info.StartsWith(
                "Query", StringComparison.Ordinal) && Info.Contains($"{(key == 0 ? 'a' : 'b')}\u2069 {key}",
                StringComparison.Ordinal));
            return System.Text.RegularExpressions.Regex.Match(Info, @"0\.\d+").Value;
        }
    }
}
