using System.Text;
using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Html.Tests.Flow;
using RatIlgpu.Tracing;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of flows through all layers, and the page of two flows. A place is 5 times the column, and the
/// position.</summary>
public sealed class FlowPageTests(Chromium chromium) : PageTests(chromium)
{
    static readonly FlowResult Four = SampleFlow.FourPaths();

    static HtmlPage Single => FlowPage.Render(Four);

    static HtmlPage Several => FlowPage.Render(
        [Four, SampleFlow.Of(SampleFlow.Words, [0.25, 0.75], (0.75, [1, 1, 1, 1, 1]), (0.25, [1, 0, 0, 0, 0]))]);

    [Fact]
    public void Loads_nothing_but_itself() => AssertAlone(() => Open(Single));

    [Fact]
    public void A_lane_for_each_token_of_a_path_and_a_head_for_each_layer()
    {
        Open(Single);
        Assert.Equal(["0", "1", "3", "4"], All(".name").Select(name => name.GetDomAttribute("data-i")));
        Assert.Equal(["L0", "L1", "L2", "L3"], All(".column").Select(head => head.Text));
        Assert.Equal(16, All(".ln").Count);
        // The shade of the largest share is the strongest.
        Assert.Equal(
            ["7", "6", "0", "6", "6"], All(".t").Select(token => token.GetDomAttribute("data-h")));
    }

    [Fact]
    public void A_clicked_bar_stays_selected_and_tells_its_place()
    {
        Open(Single);
        Click(".nd[data-node='11'] rect");
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("v11", Data("sel"));
        Assert.Equal(("before layer 2", "1, 2", "50 %"), (
            Detail("Place"), Detail("Paths through it"), Detail("Probability of these")));
        Assert.Equal(["0", "1"], Lit());
        Assert.Equal("true", Find(".nd[data-node='11']").GetDomAttribute("aria-pressed"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
        Assert.Empty(Lit());
    }

    [Fact]
    public void A_clicked_token_or_label_lights_its_paths_and_tells_its_share()
    {
        Open(Single);
        Click(".t[data-i='0']");
        Assert.Equal(("n0", "30.0 %", "20 %"), (
            Data("sel"), Detail("Share of the target"), Detail("Of this on drawn paths")));
        Assert.Equal(["1"], Lit());
        Click(".name[data-i='3'] text");
        Assert.Equal("n3", Data("sel"));
        Assert.Equal(["3"], Lit());
        // Its places are lit in the diagram.
        Assert.Equal(["3", "8"], All(".nd[data-state='on']").Select(node => node.GetDomAttribute("data-node")).Order());
    }

    [Fact]
    public void A_clicked_ribbon_tells_its_step()
    {
        Open(Single);
        var place = Script<IReadOnlyCollection<object>>("""
            const line = document.querySelectorAll('.ln[data-beam="1"]')[1];
            const { x, y } = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());
            return [x, y];
            """).Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture)).ToArray();
        ClickAt(place[0], place[1]);
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("e", Find("#info").GetDomAttribute("data-kind"));
        Assert.Equal(("1", "100.0 %"), (Detail("Layer"), Detail("Share of the step")));
        Assert.Contains("When", Detail("From"), StringComparison.Ordinal);
        Assert.Contains("Mary", Detail("To"), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_chosen_by_keys_in_the_list_and_in_the_table()
    {
        Open(Single);
        Press("]", "]");
        Assert.Equal("1", Data("beam"));
        Assert.Equal("20 %", Detail("Probability"));
        Press("[");
        Assert.Equal("0", Data("beam"));
        Click("#paths button[data-beam='3']");
        Assert.Equal(["3"], Lit());
        Script<object?>("document.querySelector('#table').open = true");
        ScrollTo("#table button[data-beam='2']");
        Click("#table button[data-beam='2']");
        Assert.Equal("2", Data("beam"));
        Assert.Equal("true", Find("#table button[data-beam='2']").GetDomAttribute("aria-pressed"));
        ScrollTo("#shares button[data-pick='n1']");
        Click("#shares button[data-pick='n1']");
        Assert.Equal("n1", Data("sel"));
    }

    [Fact]
    public void Arrows_move_between_bars_and_Enter_selects()
    {
        Open(Single);
        TabTo(".nd");
        Assert.Equal("24", Focused());
        Press(Keys.ArrowLeft);
        Assert.Contains(Focused(), (string[])["16", "19"]);
        Press(Keys.ArrowUp);
        Assert.Equal("16", Focused());
        Press(Keys.ArrowDown);
        Assert.Equal("19", Focused());
        Press(Keys.Enter);
        Assert.Equal("v19", Data("sel"));
    }

    [Fact]
    public void The_address_keeps_the_selection_and_ignores_what_is_not_there()
    {
        Open(Single);
        Click(".nd[data-node='11'] rect");
        Until(() => Driver.Url.EndsWith("#n=v11", StringComparison.Ordinal));
        Open(Single, "#n=v11&b=1");
        Assert.Equal(("v11", "1"), (Data("sel"), Data("beam")));
        foreach (var wrong in (string[])["n=v25", "n=e99", "n=n5", "n=x1", "b=4"])
        {
            Open(Single, "#" + wrong);
            Assert.Equal(("", ""), (Data("sel"), Data("beam")));
        }
    }

    [Fact]
    public void Exports_the_picture_the_flow_and_a_table()
    {
        Open(Single);
        Assert.Equal(FlowJson.Write(Four), Exported("json", "flow"));
        var rows = Exported("csv", "flow").Split("\r\n");
        Assert.Equal("\ufeffkind,layer,from_position,from_token,to_position,to_token,share,paths", rows[0]);
        Assert.Equal("token,,1, Mary,4, to,0.25,", rows[2]);
        Assert.Contains("step,3,1, Mary,4, to,0.3,1 2", rows);
        var picture = XDocument.Parse(Encoding.UTF8.GetString(Export("svg", "flow")));
        Assert.Equal(16, picture.Descendants().Count(part => part.Attribute("data-edge") is not null));
        Assert.Contains("·Mary", picture.Descendants().Select(part => part.Value));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Export("png", "flow")[..4]);
    }

    [Fact]
    public void Labels_stay_in_sight_where_a_wide_diagram_is_scrolled()
    {
        Resize(390, 844);
        Open(Single);
        Script<object?>("document.getElementById('canvas').scrollTo(1000, 0)");
        Until(() => Shift() > 0);
        Assert.True(Number("document.querySelector('.name text').getBoundingClientRect().left") >= 0);
        Script<object?>("document.getElementById('canvas').scrollTo(0, 0)");
        Until(() => Shift() == 0);

        double Shift() => Number("document.querySelector('.name').transform.baseVal[0].matrix.e");
    }

    [Theory]
    [InlineData(1366)]
    [InlineData(390)]
    public void A_large_diagram_opens_at_its_first_column_or_at_what_the_address_names(int width)
    {
        var deep = SampleFlow.Deep(layers: 64, tokens: 60, paths: 40);
        var page = FlowPage.Render(deep);
        Resize(width, 844);
        Open(page);
        Assert.True(Canvas("scrollWidth") > Canvas("clientWidth") + 500);
        Assert.Equal((0, 0, 0), (Canvas("scrollLeft"), Canvas("scrollTop"), Number("scrollY")));
        Click("#zoom-in");
        Click("#zoom-fit");
        Assert.Equal((0, 0), (Canvas("scrollLeft"), Canvas("scrollTop")));
        // The target after the last layer, and the first bar of a path.
        Open(page, $"#n=v{(64 * 60) + 59}");
        AssertSeen(".nd[data-state='on'] rect");
        Assert.True(Canvas("scrollLeft") > 500);
        Open(page, "#b=30");
        AssertSeen(".nd[data-state='vis'] rect");
        Assert.Equal(0, Canvas("scrollLeft"));
    }

    [Fact]
    public void Two_large_flows_open_at_their_first_columns()
    {
        var deep = SampleFlow.Deep(layers: 64, tokens: 60, paths: 40);
        Open(ComparePage.Render(deep, deep));
        foreach (var side in (string[])["canvas-a", "canvas-b"])
            Assert.Equal((0, 0), (Canvas("scrollLeft", side), Canvas("scrollTop", side)));
    }

    [Fact]
    public void Other_targets_are_chosen_and_the_tables_follow()
    {
        Open(Several);
        Assert.Equal("4", Data("target"));
        Press("(");
        Until(() => Data("target") == "1");
        Assert.Equal(["0", "1"], All(".name").Select(name => name.GetDomAttribute("data-i")));
        Assert.Equal("2", Script<string>("return document.getElementById('path-count').textContent"));
        Assert.Equal(2, All("#shares tbody tr").Count);
        Assert.Contains("position 1", Find("#facts").Text, StringComparison.Ordinal);
        Assert.StartsWith("{\n  \"metadata\": {\n    \"seq_len\": 5,\n    \"target_pos\": 1,",
            Exported("json", "flow-P1"), StringComparison.Ordinal);
        Open(Several, "#p=1&b=1");
        Assert.Equal(("1", "1"), (Data("target"), Data("beam")));
    }

    [Fact]
    public void Hostile_tokens_stay_text()
    {
        string[] words = ["start", .. SampleTrace.Hostile, "end"];
        var end = words.Length - 1;
        Open(FlowPage.Render(SampleFlow.Of(
            words, [.. words.Select(_ => 1.0 / words.Length)],
            [.. words.Select((_, i) => (1.0 / words.Length, new[] { end, i, i }))])));
        Assert.Equal(words.Length, All(".name").Count);
        Assert.Empty(All("img, iframe, object, b, [onload], [onerror]"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Two_flows_light_their_counterparts_and_are_coloured_by_their_difference()
    {
        var page = ComparePage.Render(Four, SampleFlow.Swapped(), new() { NameA = "a", NameB = "b" });
        AssertAlone(() => Open(page));
        Click("#toks-a .t[data-i='3']");
        Assert.Equal("an3", Data("sel"));
        Assert.Equal(
            ("20.0 %", "50.0 %", "B +30.0 points"),
            (Detail("Share in A"), Detail("Share in B"), Detail("More in")));
        Assert.Equal(["3"], LitOf("a"));
        Assert.Equal(["0"], LitOf("b"));
        Assert.StartsWith("b", Find("#flow-b .ln[data-beam='0']").GetDomAttribute("data-d"), StringComparison.Ordinal);
        Assert.NotNull(Find("#flow-b .name[data-i='3']").GetDomAttribute("data-differs"));
        Click("#flow-a .nd[data-node='11'] rect");
        Assert.Equal("an1", Data("sel"));
        Open(page, "#n=ap0");
        Assert.Contains("–L3→", Detail("Path of A"), StringComparison.Ordinal);
        Assert.Equal(["2"], LitOf("b"));
        var rows = Exported("csv", "compare").Split("\r\n");
        Assert.StartsWith("\ufeffkind,a_layer,a_position,", rows[0], StringComparison.Ordinal);
        Assert.Contains(rows, row => row.StartsWith("step,3,4, to,1, Mary,,", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.StartsWith("path,,,,,,4 1 1 1 1,,0.3,", StringComparison.Ordinal));
    }

    double Canvas(string member, string id = "canvas") => Number($"document.getElementById('{id}').{member}");

    void AssertSeen(string selector) => Assert.True(Script<bool>("""
        const area = document.getElementById('canvas').getBoundingClientRect();
        const { left, right, top, bottom } = document.querySelector(arguments[0]).getBoundingClientRect();
        return left >= area.left && right <= area.right && top >= area.top && bottom <= area.bottom;
        """, selector));

    string Focused() => Script<string>("return document.activeElement.dataset.node ?? ''");

    IEnumerable<string?> Lit() => Beams(".ln[data-state='on']");

    IEnumerable<string?> LitOf(string side) => Beams($"#flow-{side} .ln[data-state='on']");

    IEnumerable<string?> Beams(string selector) => All(selector).Select(line => line.GetDomAttribute("data-beam"))
        .Distinct().Order(StringComparer.Ordinal);
}
