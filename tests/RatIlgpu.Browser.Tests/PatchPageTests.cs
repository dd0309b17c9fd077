using System.Buffers.Binary;
using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class PatchPageTests(Chromium chromium) : PageTests(chromium)
{
    // By layer, position and head: L1H2 at 4 raises the metric most, L2H0 at 5 lowers it.
    static readonly PatchSheet Places = SamplePatches.Activation(["position", "head"], at => at switch
    {
        [1, 4, 2] => 3,
        [2, 5, 0] => -1.5,
        _ => 0.01 * at[1],
    });

    // A key after its query has no patch.
    static readonly PatchSheet Pattern = SamplePatches.Activation(
        ["position", "head", "key"],
        at => at[3] > at[1] ? null : at is [2, 5, 1, 3] ? 2 : 0.001 * (at[0] + at[2]));

    static readonly PatchSheet Paths = SamplePatches.Paths(3, 4, (from, to) => (from, to) switch
    {
        ({ Layer: 0, Head: 1 }, { Layer: 1, Head: 2 }) => 4,
        ({ Layer: 0, Head: 1 }, { Layer: 2, Head: 3 }) => -2,
        ({ Layer: 1, Head: 2 }, { Layer: 2, Head: 0 }) => 1,
        _ => 0.001,
    });

    static readonly PatchSheet Pairs = SamplePatches.Heads(at => at[1], at => -at[1], at => at[0]);

    [Fact]
    public void A_hovered_cell_shows_its_three_numbers_and_a_click_keeps_its_place()
    {
        Show(Places);
        Hover(0, row: 1, column: 4);
        Assert.Equal("cell", Find("#info").GetDomAttribute("data-kind"));
        Assert.Equal(
            ["L1H2 at 4 \u2068·Mary\u2069", "3.0000", "75.0 %", "4.0000", "5.0000", "1.0000"], Details());
        Mouse().Click().Perform();
        Assert.Equal("1.4.-", Data("sel"));
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("true", Find(".pos[data-i='4']").GetDomAttribute("aria-pressed"));
        Assert.Equal(["L1", "4 \u2068·Mary\u2069"], Details());
        Assert.Equal("Head by position of L1", Find("#pane-title-1").Text);
        Hover(0, 1, 4);
        Mouse().Click().Perform();
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void Escape_lets_all_places_go()
    {
        Show(Places);
        Hover(1, 2, 4);
        Mouse().Click().Perform();
        Assert.Equal("-.4.2", Data("sel"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void A_cell_without_a_patch_says_why()
    {
        Show(Pattern);
        Assert.Equal(["Layer by head, strongest of all positions and keys",
            "Position by key, strongest of all layers and heads"], All(".pane h3").Select(title => title.Text));
        Hover(1, row: 2, column: 3);
        Assert.Equal("none", Find("#info").GetDomAttribute("data-kind"));
        Assert.Contains("the key comes after the query", Find("#info").Text, StringComparison.Ordinal);
        Show(Paths);
        Hover(1, row: 0, column: 0);
        Assert.Contains("not in a later layer than the source", Find("#info").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_is_picked_shows_its_queries_and_keys()
    {
        Show(Pattern);
        Hover(0, row: 2, column: 1);
        Mouse().Click().Perform();
        Assert.Equal("2.-.1.-", Data("sel"));
        Assert.Equal("Position by key of L2, H1", Find("#pane-title-1").Text);
        Hover(1, row: 5, column: 3);
        Assert.Equal("L2H1 at 5 \u2068·to\u2069 on 3 \u2068·John\u2069", Details().First());
        Mouse().Click().Perform();
        Assert.Equal("2.5.1.3", Data("sel"));
    }

    [Fact]
    public void A_source_that_is_clicked_lights_its_destinations()
    {
        Show(Paths);
        Click(".nd[data-node='1'] rect");
        Assert.Equal("0.1.-.-", Data("sel"));
        Assert.Equal("on", Find(".nd[data-node='1']").GetDomAttribute("data-state"));
        Assert.Equal("Destinations of paths from L0H1", Find("#pane-title-1").Text);
        Assert.All(All(".ln[data-state='on']"), line => Assert.Equal(1, Number(line) / 12));
        Assert.Equal(8, All(".ln[data-state='on']").Count);
        Click(".nd[data-node='6'] rect");
        Assert.Equal("0.1.1.2", Data("sel"));
        Assert.Equal("L0H1 → L1H2", Details().First());
        Click(".nd[data-node='0'] rect");
        Assert.Equal("0.0.-.-", Data("sel"));
        Click(".nd[data-node='0'] rect");
        Assert.Equal("", Data("sel"));

        static int Number(IWebElement line) => int.Parse(
            line.GetDomAttribute("data-edge")!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_curve_is_as_wide_as_its_effect_and_dashed_if_it_lowers_the_metric()
    {
        Show(Paths);
        var index = 1 * 12;
        Assert.Equal("7.00", Find($".ln[data-edge='{index + 6}']").GetDomAttribute("stroke-width"));
        Assert.Equal("4.10", Find($".ln[data-edge='{index + 11}']").GetDomAttribute("stroke-width"));
        Assert.Equal("minus", Find($".ln[data-edge='{index + 11}']").GetDomAttribute("data-sign"));
        Assert.NotEqual("none", Find($".ln[data-edge='{index + 11}']").GetCssValue("stroke-dasharray"));
        Assert.Equal("none", Find($".ln[data-edge='{index + 6}']").GetCssValue("stroke-dasharray"));
    }

    [Fact]
    public void The_slider_says_how_many_curves_are_drawn()
    {
        Show(Paths);
        Assert.Equal(24, All(".ln").Count);
        Click("#edges");
        Script<object?>("document.getElementById('edges').focus()");
        Press(Keys.Home);
        Assert.Single(All(".ln"));
        Press(Keys.ArrowRight, Keys.ArrowRight);
        Assert.Equal(3, All(".ln").Count);
        Assert.Equal("3", Find("#edges-shown").Text);
    }

    [Fact]
    public void The_matrix_of_all_paths_picks_a_path()
    {
        Show(Paths, "#v=matrix");
        Assert.Equal("Sources by destinations", Find("#pane-title-0").Text);
        Hover(0, row: 1, column: 6);
        Assert.Equal("L0H1 → L1H2", Details().First());
        Mouse().Click().Perform();
        Assert.Equal("0.1.1.2", Data("sel"));
    }

    [Fact]
    public void Known_cells_have_the_colour_of_their_effect()
    {
        Show(Places);
        Assert.All(PixelOf(0, 1, 4).Zip([0x00, 0x49, 0x91]), part => Assert.InRange(part.First - part.Second, -1, 1));
        Assert.All(PixelOf(0, 2, 5).Zip([0xea, 0x81, 0x4f]), part => Assert.InRange(part.First - part.Second, -1, 1));
    }

    [Fact]
    public void The_other_numbers_are_shown_with_their_own_scale()
    {
        Show(Places);
        Assert.Equal(("-3.0000", "3.0000"), (Find("#legend-low").Text, Find("#legend-high").Text));
        Click("button[data-set='number'][value='recovery']");
        Assert.Equal("recovery", Data("number"));
        Assert.Equal(("-75.0 %", "75.0 %"), (Find("#legend-low").Text, Find("#legend-high").Text));
        Press("m");
        Assert.Equal("metric", Data("number"));
        Assert.Equal(("-2.0000", "4.0000"), (Find("#legend-low").Text, Find("#legend-high").Text));
    }

    [Fact]
    public void Without_a_difference_of_the_metric_there_is_no_recovery()
    {
        Show(Places with { Pairs = [Places.Pairs[0] with { CleanMetric = 1 }] }, "#m=recovery");
        Assert.Contains("there is no recovery", Find(".notice").Text, StringComparison.Ordinal);
        Hover(0, 1, 4);
        Assert.Contains("so there is no recovery", Find("#info").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_pairs_have_mean_spread_and_each()
    {
        Show(Pairs);
        Assert.Equal("mean", Data("pair"));
        Hover(0, row: 2, column: 2);
        Assert.Equal(
            ["L2H2", "0.6667 ± 2.3094", "14.4 % ± 47.9 %", "1.6667 ± 2.3094", "6.0000 ± 1.0000", "1.0000 ± 0.0000",
                "3 of 3"],
            Details());
        Click("button[data-set='stat'][value='spread']");
        Assert.Equal("3.2146", Find("#spread-high").Text);
        Mouse().MoveToElement(Find("h1")).Click().Perform();
        Press("}");
        Assert.Equal("0", Data("pair"));
        Assert.False(Find("#stats").Displayed);
        Hover(0, 2, 2);
        Assert.Equal(["L2H2", "2.0000", "50.0 %", "3.0000", "5.0000", "1.0000"], Details());
        Press("{", "{");
        Assert.Equal("2", Data("pair"));
    }

    [Fact]
    public void Prompts_stand_one_above_the_other_with_their_differences_marked()
    {
        Show(Places);
        var tops = All(".pos[data-i='4'] .t").Select(token => token.Location.Y).ToArray();
        Assert.True(tops[0] < tops[1]);
        Assert.Equal(["·John", "·Mary"], All(".pos[data-i='4'] .t").Select(token => token.Text));
        Assert.Equal(["4"], All(".pos[data-differs]").Select(column => column.GetDomAttribute("data-i")));
        Assert.Equal(["5"], All(".pos[data-measured]").Select(column => column.GetDomAttribute("data-i")));
        Assert.Equal("6", All(".pos[data-i='4'] .t")[1].GetDomAttribute("data-v"));
        Assert.Equal(
            "logit of \u2068·Mary\u2069 − \u2068·John\u2069 at position 5: clean 5.0000, corrupted 1.0000",
            Find("#measured").Text);
    }

    [Fact]
    public void The_list_has_the_largest_effects_of_the_kept_places()
    {
        Show(Places);
        Assert.Equal("20 of 72", Find("#of").Text);
        Assert.Equal("L1H2 at 4 \u2068·Mary\u2069\n+3.0000\n75.0 %", All("#largest button")[0].Text);
        Find("#axis-0").SendKeys("L2");
        Assert.Equal("2.-.-", Data("sel"));
        Assert.Equal("L2H0 at 5 \u2068·to\u2069\n-1.5000\n-37.5 %", All("#largest button")[0].Text);
        Click("#largest li:first-child button");
        Assert.Equal("2.5.0", Data("sel"));
        Assert.Single(All("#largest [aria-pressed='true']"));
    }

    [Fact]
    public void Search_marks_tokens_of_both_prompts_and_Enter_keeps_the_next()
    {
        Show(Places);
        Click("#q");
        Press("John", Keys.Enter);
        Assert.Equal("2 found", Find("#hits").Text);
        Assert.Equal("-.3.-", Data("sel"));
        Press(Keys.Enter);
        Assert.Equal("-.4.-", Data("sel"));
    }

    [Fact]
    public void Keys_alone_reach_cells_heads_and_tokens()
    {
        Show(Paths);
        Script<object?>("document.querySelector('#pane-0 .heat-body').focus()");
        Press(Keys.ArrowRight, Keys.ArrowRight, Keys.Enter);
        Assert.Equal("0.1.-.-", Data("sel"));
        Script<object?>("document.querySelector('.nd').focus()");
        Press(Keys.ArrowRight, Keys.ArrowDown, Keys.Enter);
        Assert.Equal("0.1.1.1", Data("sel"));
        Press("v");
        Assert.Equal("matrix", Data("view"));
        Show(Places);
        Script<object?>("document.querySelector('.pos').focus()");
        Press(Keys.ArrowRight, Keys.End, Keys.ArrowLeft, Keys.Space);
        Assert.Equal("-.4.-", Data("sel"));
        Press("?");
        Assert.True(Find("#help").Displayed);
    }

    [Fact]
    public void An_address_gives_the_same_state_and_ignores_what_it_does_not_know()
    {
        Show(Paths, "#n=0.1.-.-&m=recovery&v=matrix&e=7&t=dark");
        Assert.Equal(
            ("0.1.-.-", "recovery", "matrix", "dark"), (Data("sel"), Data("number"), Data("view"), Data("theme")));
        Assert.Equal("7", Find("#edges").GetDomProperty("value"));
        Press("m");
        Until(() => Driver.Url.Contains("m=metric", StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(("0.1.-.-", "metric", "matrix"), (Data("sel"), Data("number"), Data("view")));
        foreach (var wrong in (string[])["#n=9.1.-.-&m=size&v=3d&e=0", "#n=0.1&e=x", "#n=<img>.1.2.3", "#n=-1.0.0.0"])
        {
            Show(Paths, wrong);
            Assert.Equal(("", "effect", "maps"), (Data("sel"), Data("number"), Data("view")));
        }
    }

    [Fact]
    public void Files_have_what_is_shown()
    {
        Show(Paths, "", new() { Json = "{\"kind\": \"patch\"}\n" });
        var drawing = XDocument.Parse(Exported("svg", "patch"));
        Assert.Equal(24, drawing.Descendants().Count(part => part.Attribute("data-edge") is not null));
        Assert.Contains(
            "Destinations, by the strongest path into each", drawing.Descendants().Select(part => part.Value));
        var picture = Export("png", "patch");
        Assert.True(BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)) > 800);
        Assert.Equal("{\"kind\": \"patch\"}\n", Exported("json", "patch"));
        var table = Exported("csv", "patch").Split("\r\n");
        Assert.Equal("\ufeffsource_layer,source_head,layer,head,metric,effect,recovery", table[0]);
        Assert.Equal(48 + 2, table.Length);
        Assert.Contains("0,1,1,2,5,4,1", table);
    }

    [Fact]
    public void The_table_of_the_mean_has_spreads_and_its_own_name()
    {
        Show(Pairs);
        Assert.False(Find("#export-json").Displayed);
        var table = Exported("csv", "patch-mean").Split("\r\n");
        Assert.StartsWith("\ufefflayer,head,metric,effect,recovery,metric_spread", table[0], StringComparison.Ordinal);
        Press("}");
        Assert.Contains("2,2,3,2,0.5", Exported("csv", "patch-1").Split("\r\n"));
    }

    [Fact]
    public void Hostile_tokens_are_text_and_formulas_stay_text_in_the_table()
    {
        var hostile = SamplePatches.Tokens(
            ["<img src=x onerror=alert(1)>", "=1+1", "</script>", "שלום", "\u202e", ""]);
        var pair = Places.Pairs[0] with { Clean = hostile, Corrupted = hostile };
        Show(
            Places with { Pairs = [pair] }, "",
            new() { Title = "</title><img>", ModelName = "<svg onload=alert(1)>" });
        Assert.Equal(
            hostile.SelectMany(token => new[] { TokenGlyphs.Show(token, 60), TokenGlyphs.Show(token, 60) }),
            Script<IReadOnlyCollection<object>>(
                "return [...document.querySelectorAll('.pos .t')].map((token) => token.textContent)"));
        Hover(0, 1, 0);
        Assert.Contains("<img", Find("#info").Text, StringComparison.Ordinal);
        Assert.Contains(",'=1+1,", Exported("csv", "patch"), StringComparison.Ordinal);
        Assert.Empty(All("img, iframe, object, [onload], [onerror]"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void All_paths_of_a_model_of_24_layers_and_14_heads_can_be_looked_at()
    {
        Show(SamplePatches.Paths(24, 14, SamplePatches.PathEffect), "#v=matrix");
        Assert.Equal(24, All(".ln").Count);
        Click("button[data-set='view'][value='maps']");
        Hover(0, row: 3, column: 5);
        Mouse().Click().Perform();
        Assert.Equal("3.5.-.-", Data("sel"));
        Assert.Equal(12, All(".ln[data-state='on']").Count);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void The_page_makes_no_request_and_works_in_a_sandboxed_frame()
    {
        AssertAlone(() => Show(Paths));
        var page = File.ReadAllText(Folder.Path("page.html"));
        InSandbox(page, () =>
        {
            Click("button[data-set='view'][value='matrix']");
            Assert.Equal("matrix", Data("view"));
        });
    }

    [Theory]
    [InlineData("print")]
    [InlineData("forced")]
    [InlineData("dark")]
    public void Other_media_show_the_page(string kind)
    {
        Show(Paths);
        Emulate(kind == "print" ? "print" : "", kind == "dark" ? "dark" : "light", forcedColors: kind == "forced");
        Assert.True(Find("#heat-0 canvas").Displayed);
        Assert.Equal(kind != "print", Find(".tools").Displayed);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Without_script_the_table_of_effects_is_there()
    {
        Driver.ExecuteCdpCommand("Emulation.setScriptExecutionDisabled", new() { ["value"] = true });
        try
        {
            Load(PatchPage.Render(Places, null).Html);
            Assert.Contains("does not", Find("noscript").Text, StringComparison.Ordinal);
            Click("#table summary");
            Assert.Contains("L1H2 at 4", Find("#table tbody tr").Text, StringComparison.Ordinal);
        }
        finally
        {
            Driver.ExecuteCdpCommand("Emulation.setScriptExecutionDisabled", new() { ["value"] = false });
        }
    }

    void Show(PatchSheet sheet, string address = "", PatchPageOptions? options = null) =>
        Open(PatchPage.Render(sheet, options), address);

    void Hover(int pane, int row, int column)
    {
        var (x, y) = CentreOfCell($"#heat-{pane}", row, column);
        Mouse().MoveToLocation((int)x, (int)y).Perform();
    }

    IEnumerable<int> PixelOf(int pane, int row, int column)
    {
        var (x, y) = CentreOfCell($"#heat-{pane}", row, column);
        return Script<IReadOnlyCollection<object>>("""
            const canvas = document.querySelector(`#heat-${arguments[0]} canvas`);
            const { left, top } = canvas.getBoundingClientRect();
            const [x, y] = [(arguments[1] - left - 9) * devicePixelRatio, (arguments[2] - top - 9) * devicePixelRatio];
            return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
            """, pane, x, y).Select(part => Convert.ToInt32(part, CultureInfo.InvariantCulture));
    }

    IEnumerable<string> Details() => All("#info dd").Select(value => value.Text);
}
