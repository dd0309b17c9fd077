using System.Text.RegularExpressions;
using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of attributions, by real input.</summary>
public sealed class AttributionPageTests(Chromium chromium) : StripPageTests(chromium)
{
    static readonly ImmutableArray<AttributionBatch> One = SampleAttribution.Of(SampleAttribution.First);
    static readonly HtmlPage OnePage = AttributionPage.Render(
        One, SampleAttribution.Text, new() { Title = "One logit", Json = "{\"kind\": \"attribute\"}\n" });
    static readonly ImmutableArray<AttributionBatch> Several =
        SampleAttribution.Of(SampleAttribution.Second, SampleAttribution.AtEach);
    static readonly HtmlPage SeveralPage = AttributionPage.Render(Several, SampleAttribution.Text);

    // The components of the first page, the largest first.
    static readonly ImmutableArray<Contribution> Largest =
    [
        .. One[0].Attributions[0][0].Terms.Where(row => row.Term is ResidualTerm.Head)
            .Concat(One[1].Attributions[0][0].Terms.Where(row =>
                row.Term is ResidualTerm.Embedding or ResidualTerm.Mlp))
            .OrderBy(row => -Math.Abs(row.Value)),
    ];

    [Fact]
    public void The_page_is_ready_and_logs_nothing()
    {
        foreach (var page in (HtmlPage[])[OnePage, SeveralPage])
        {
            Open(page);
            Assert.Null(Data("error"));
            Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
        }
    }

    [Fact]
    public void Bars_are_the_rows_of_the_record_the_largest_first_or_in_the_order_of_the_model()
    {
        Open(OnePage);
        Assert.Equal(Largest.Select(row => row.Term.Label).Append("rounding"), Texts("#bars .name"));
        Assert.All(Texts("#bars .value").Zip(Largest), pair => Assert.Equal(
            pair.Second.Value, double.Parse(pair.First, CultureInfo.InvariantCulture), 5e-5));
        Assert.All(All("#bars .track i").Zip(Largest), pair => Assert.Equal(
            pair.Second.Value < 0 ? "less" : "more", pair.First.GetDomAttribute("class")));
        // The longest bar fills its half.
        Assert.Equal(0.5, Number(
            "document.querySelector('#bars i').getBoundingClientRect().width"
            + " / document.querySelector('#bars .track').getBoundingClientRect().width"), 0.01);
        Click("button[data-set='order'][value='model']");
        Assert.Equal(["embed", "L0H0", "L0H1"], Texts("#bars .name").Take(3));
    }

    [Fact]
    public void Rows_that_are_cut_are_summed_and_the_sum_stays_the_logit()
    {
        Open(OnePage);
        Find("#top option[value='10']").Click();
        Assert.Equal(["unaccounted (12)", "rounding"], Texts("#bars .name")[10..]);
        var rest = double.Parse(Texts("#bars .value")[10], CultureInfo.InvariantCulture);
        Assert.Equal(Largest.Skip(10).Sum(row => row.Value), rest, 5e-5);
        var balance = Regex.Match(
            Find("#balance").Text,
            @"^Rows ([-+.\d]+) \+ unaccounted ([-+.\d]+) \+ rounding [-.e\d]+ = logit ([-+.\d]+), error [-.e\d]+\.");
        double[] numbers = [.. balance.Groups.Values.Skip(1)
            .Select(part => double.Parse(part.Value, CultureInfo.InvariantCulture))];
        Assert.Equal(One[0].Attributions[0][0].Measured, numbers[2], 5e-5);
        Assert.Equal(numbers[2], numbers[0] + numbers[1], 2e-4);
    }

    [Fact]
    public void A_component_is_selected_shown_in_detail_and_let_go()
    {
        Open(OnePage);
        var name = Largest[2].Term.Label;
        Click($".bar[data-row='{name}']");
        Assert.Equal((name, "component"), (Data("sel"), Find("#info").GetDomAttribute("data-kind")));
        Assert.Contains("3 of 22", Texts("#info dd"));
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("component", Find("#info").GetDomAttribute("data-kind"));
        Click($".bar[data-row='{name}']");
        Assert.Equal("", Data("sel"));
        Press("]", "]", "[", Keys.Escape, "]");
        Assert.Equal(Largest[0].Term.Label, Data("sel"));
    }

    [Fact]
    public void Hovering_outlines_another_component_while_one_is_selected()
    {
        Open(OnePage, $"#n={Largest[0].Term.Label}");
        var other = Largest[3].Term.Label;
        Mouse().MoveToElement(Find($".bar[data-row='{other}']")).Perform();
        Assert.Equal([other], All(".bar[data-over]").Select(bar => bar.GetDomAttribute("data-row")));
        Assert.Equal(3 * RowHeight, Number("document.querySelector('.heat-row').offsetTop"), 1.0);
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal(0, Number("document.querySelector('.heat-row').offsetTop"), 1.0);
        Assert.Equal(Largest[0].Term.Label, Data("sel"));
    }

    [Fact]
    public void A_cell_is_selected_by_mouse_and_its_number_is_that_of_the_record()
    {
        Open(OnePage);
        var (head, key, value) = Strongest();
        var (x, y) = CellAt(RowOf(head), key);
        ClickAt(x, y);
        Assert.Equal(($"{head}@{key}", "cell"), (Data("sel"), Find("#info").GetDomAttribute("data-kind")));
        Assert.Equal(value, double.Parse(Texts("#info dd")[^1], CultureInfo.InvariantCulture), 5e-5);
        Assert.Equal($"{key}", Assert.Single(All(".t[data-on]")).GetDomAttribute("data-i"));
        Assert.StartsWith($"{head} ← ", Find("#tip").Text, StringComparison.Ordinal);
        ClickAt(x, y);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void The_strongest_cell_has_the_last_colour_of_its_sign()
    {
        Open(OnePage);
        var (head, key, value) = Strongest();
        var (x, y) = CellAt(RowOf(head), key);
        var colour = ColourAt((x, y));
        var expected = Convert.FromHexString(Palette.Signed[value > 0 ? ^1 : 0].Light[1..]);
        Assert.All(colour.Zip(expected), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1));
        Assert.Equal($"−{Math.Abs(value):F2}", Find("#domain-low").Text);
    }

    [Fact]
    public void The_text_has_the_shades_of_the_selected_head_or_of_all()
    {
        Open(OnePage);
        Assert.Equal(Shades(Reads(_ => true)), ShadesOfText());
        Click(".bar[data-row='L1H2']");
        Assert.Equal(Shades(Reads(head => head == new HeadIndex(1, 2))), ShadesOfText());
        Click("button[data-set='unit'][value='sublayer']");
        Click(".bar[data-row='1_attn_out']");
        Assert.Equal(Shades(Reads(head => head.Layer == 1)), ShadesOfText());
        Click(".bar[data-row='1_mlp_out']");
        Assert.All(ShadesOfText(), shade => Assert.Equal(0, shade));
        Assert.Equal("7", Assert.Single(All(".t[aria-current]")).GetDomAttribute("data-i"));
    }

    [Fact]
    public void Streams_are_steps_that_are_not_summed()
    {
        var streams = SampleAttribution.Of([SampleAttribution.First], [AttributionUnit.CumulativeLayer]);
        Open(AttributionPage.Render(streams, SampleAttribution.Text));
        Assert.Equal(["0_pre", "0_mid", "1_pre"], Texts("#bars .name").Take(3));
        Assert.StartsWith("Last row ", Find("#balance").Text, StringComparison.Ordinal);
        Assert.True(Find(".streams").Displayed);
        Assert.False(Find("button[data-set='order']").Enabled);
        var edges = Script<IReadOnlyCollection<object>>("""
            return [...document.querySelectorAll('#bars i')].slice(0, 7).flatMap((bar) => {
              const { left, right } = bar.getBoundingClientRect();
              return [left, right];
            });
            """).Select(edge => Convert.ToDouble(edge, CultureInfo.InvariantCulture)).Chunk(2).ToArray();
        // Each bar begins where the one before ends.
        foreach (var (one, next) in edges.Zip(edges.Skip(1)))
            Assert.True(
                one.Any(edge => next.Any(other => Math.Abs(edge - other) < 1.1)), "A step does not join the next.");
    }

    [Fact]
    public void Prompts_positions_and_their_mean_are_chosen_by_picker_table_and_keys()
    {
        Open(SeveralPage);
        Assert.Equal("1.5", Data("view"));
        Press("}");
        Until(() => Data("view") == "2.3");
        Press("(");
        Until(() => Data("view") == "2.2");
        Find("#position option[value='0']").Click();
        Until(() => Data("view") == "2.0");
        Assert.Equal(
            Several[0].Attributions[1][0].Measured.ToString("F4", CultureInfo.InvariantCulture),
            Texts("#facts dd")[1]);
        Find("#prompt option[value='mean']").Click();
        Until(() => Data("view") == "mean");
        Assert.False(Find("#heat").Displayed);
        Assert.Contains("mean another thing", Find(".sources .empty").Text, StringComparison.Ordinal);
        var mean = Several[1].Mean.Single(row => row.Term is ResidualTerm.Embedding).Value;
        Assert.Contains(
            $"{(mean.Mean > 0 ? "+" : "")}{mean.Mean.ToString("F4", CultureInfo.InvariantCulture)} ± "
            + mean.Spread.ToString("F4", CultureInfo.InvariantCulture), Texts("#bars .value"));
        Assert.NotEmpty(All("#bars .spread"));
        Click("button[data-view='2.1']");
        Until(() => Data("view") == "2.1");
        Assert.Equal("true", Find("button[data-view='2.1']").GetDomAttribute("aria-pressed"));
    }

    [Fact]
    public void Positions_against_tokens_are_shown_of_one_head()
    {
        Open(SeveralPage, "#v=2.3&n=L0H1");
        Assert.StartsWith("A row sums to the bar of its component.", Legend(), StringComparison.Ordinal);
        Click("button[data-set='plot'][value='positions']");
        Until(() => Data("plot") == "positions");
        Assert.StartsWith("A row is an explained position:", Legend(), StringComparison.Ordinal);
        Assert.Equal("Read by L0H1 at each position", Find("#sources-title").Text);
        Assert.Equal(4, Texts(".heat-rows text").Count(text => Regex.IsMatch(text, @" \d$")));
        var (x, y) = CellAt(1, 0, 4, 4);
        ClickAt(x, y);
        Until(() => Data("view") == "2.1");
        Assert.Equal("L0H1@0", Data("sel"));
        var value = Several[2].Attributions[1][1].Terms.Single(
            row => row.Term == new ResidualTerm.HeadSource(new(0, 1), 0)).Value;
        Assert.Equal(value, double.Parse(Texts("#info dd")[^1], CultureInfo.InvariantCulture), 5e-5);

        string Legend() => All(".sources .legend").Single(text => text.Displayed).Text;
    }

    [Fact]
    public void Keys_alone_reach_components_cells_and_tokens()
    {
        Open(OnePage);
        for (var steps = 0; Focused("data-row") is null; steps++)
        {
            Assert.True(steps < 40, "Tab does not reach the components.");
            Press(Keys.Tab);
        }

        Press(Keys.ArrowDown, Keys.Enter);
        Assert.Equal(Largest[1].Term.Label, Data("sel"));
        Press(Keys.Tab);
        Assert.Equal("heat-body", Focused("class"));
        Press(Keys.ArrowRight, Keys.ArrowRight, Keys.Enter);
        Assert.Equal($"{Largest[0].Term.Label}@1", Data("sel"));
        Press(Keys.Escape, ".");
        Assert.Equal(("", "sublayer"), (Data("sel"), Data("unit")));
        Press("?");
        Assert.True(Find("#help").Displayed);
    }

    [Fact]
    public void Every_control_has_an_accessible_name()
    {
        Open(SeveralPage);
        var found = AccessibleNames("button", "combobox", "searchbox");
        Assert.Equal(4, found["combobox"].Count());
        Assert.Contains(found["button"], name => name.StartsWith("L0H1 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#v=2.1&u=sublayer&o=model&n=1_mlp_out&k=20", "2.1 sublayer model 1_mlp_out 20")]
    [InlineData("#v=mean", "mean head size  0")]
    [InlineData("#v=2.2&m=positions&n=L1H1%402", "2.2 head size L1H1@2 0")]
    [InlineData("#v=9.9&u=x&o=y&n=L9H9&k=7&m=z", "1.5 head size  0")]
    [InlineData("#n=%40999&t=dark", "1.5 head size  0")]
    [InlineData("#n=<img src=x onerror=alert(1)>", "1.5 head size  0")]
    [InlineData("#n=L1H1%40-1", "1.5 head size  0")]
    public void An_address_opens_the_state_it_names_and_survives_a_reload(string address, string state) =>
        AssertOpens(
            SeveralPage, address, state, () =>
                $"{Data("view")} {Data("unit")} {Data("order")} {Data("sel")} {Find("#top").GetDomProperty("value")}");

    [Fact]
    public void A_choice_is_written_to_the_address()
    {
        Open(SeveralPage);
        Click("button[data-set='unit'][value='sublayer']");
        Click(".bar[data-row='embed']");
        Press("}");
        Until(() => Driver.Url.Contains("v=2.3", StringComparison.Ordinal));
        Assert.Contains("u=sublayer", Driver.Url, StringComparison.Ordinal);
        Assert.Contains("n=embed", Driver.Url, StringComparison.Ordinal);
    }

    [Fact]
    public void Exports_are_whole_files()
    {
        Open(OnePage);
        Assert.Equal("{\"kind\": \"attribute\"}\n", Exported("json", "attribution"));
        var rows = Exported("csv", "attribution").TrimEnd().Split("\r\n");
        Assert.Equal("\ufeffview,unit,component,token_position,token,logits,spread", rows[0]);
        Assert.Equal(1 + 22 + 2 + (18 * 8), rows.Length);
        var (head, key, value) = Strongest();
        var cell = rows.Single(row => row.StartsWith($"1.7,head-by-source,{head},{key},", StringComparison.Ordinal));
        Assert.Equal((float)value, float.Parse(cell.Split(',')[^2], CultureInfo.InvariantCulture));
        var drawing = XDocument.Parse(Exported("svg", "attribution"));
        var texts = drawing.Descendants().Where(part => part.Name.LocalName == "text").Select(part => part.Value);
        Assert.Contains(Largest[0].Term.Label, texts);
        Assert.Contains("What components read from each token", texts);
        Assert.Equal((byte)'P', Export("png", "attribution")[1]);
    }

    [Fact]
    public void Exports_of_one_of_several_views_say_which_in_their_names()
    {
        Open(SeveralPage, "#v=2.1");
        Assert.Contains("2.1,head-by-source,L0H0,1,", Exported("csv", "attribution-2.1"), StringComparison.Ordinal);
        Click("#export-json");
        Until(() => Find("#said").Text.StartsWith("No JSON can be made here", StringComparison.Ordinal));
    }

    [Fact]
    public void Hostile_tokens_are_shown_as_text()
    {
        string[] words = [.. SampleTrace.Hostile];
        var texts = SampleAttribution.Texts(words);
        var prompt = new AnalysisPrompt([.. Enumerable.Range(0, words.Length)]) { Target = new(0, 2) };
        Open(AttributionPage.Render(SampleAttribution.Of(prompt, prompt with { Positions = [4, ^1] }), texts, new()
        {
            Title = "<img src=x onerror=alert(1)>",
            ModelName = "</script><img src=x>",
        }));
        AssertHostile(() =>
        {
            Press("}");
            Until(() => Data("view") == $"2.{words.Length - 1}");
            Click(".t[data-i='0']");
            Assert.Contains(TokenGlyphs.Show(texts(0), 400), Texts("#info dd"));
        });
        XDocument.Parse(Exported("svg", $"attribution-2.{words.Length - 1}"));
    }

    [Fact]
    public void A_token_is_found_and_selected()
    {
        Open(OnePage);
        AssertFinds("Mary", "@2");
        Assert.Equal("token", Find("#info").GetDomAttribute("data-kind"));
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        InSandbox(OnePage.Html, () =>
        {
            Click(".bar[data-row='L1H2']");
            Assert.Equal("L1H2", Data("sel"));
        });
    }

    [Fact]
    public void Printed_pages_have_no_controls_and_all_rows_and_forced_colours_are_kept()
    {
        Open(OnePage, "#t=dark");
        Emulate("print", "dark");
        Assert.Equal("none", Find(".tools").GetCssValue("display"));
        Assert.Equal("visible", Find("#bars").GetCssValue("overflow-y"));
        Assert.Equal("rgba(246, 247, 249, 1)", Root.GetCssValue("background-color"));
        Emulate("", forcedColors: true);
        Click(".bar[data-row='L1H2']");
        Assert.Equal(
            Find("button[data-set='order'][value='size']").GetCssValue("background-color"),
            Find(".bar[aria-pressed='true']").GetCssValue("background-color"));
    }

    [Theory]
    [InlineData("light", 1366)]
    [InlineData("dark", 1366)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public void The_page_fits_the_width_of_its_screen(string theme, int width)
    {
        Resize(width, width < 500 ? 844 : 900, isTouched: width < 500);
        foreach (var (page, name) in new[] { (OnePage, "one"), (SeveralPage, "several") })
        {
            Open(page, $"#t={theme}&n=L1H2");
            AssertFits(width);
            var before = Number("document.querySelector('.strip').getBoundingClientRect().top");
            Press(Keys.Escape, "]");
            Assert.Equal(before, Number("document.querySelector('.strip').getBoundingClientRect().top"));
            Picture($"attribution-{name}-{theme}-{width}");
        }
    }

    double RowHeight => Number("document.querySelector('.heat-body').getBoundingClientRect().height") / 22;

    static int RowOf(string name) => Largest.Select(row => row.Term.Label).ToList().IndexOf(name);

    // The middle of a cell, on the screen.
    (double X, double Y) CellAt(int row, int column, int rows = 22, int columns = 8)
    {
        var place = Script<IReadOnlyCollection<object>>("""
            const heat = document.getElementById('heat');
            const body = heat.querySelector('.heat-body');
            const [row, column, rows, columns] = arguments;
            heat.scrollTop = Math.max(0, (row - 4) * body.getBoundingClientRect().height / rows);
            const { left, top, width, height } = body.getBoundingClientRect();
            return [left + (column + .5) * width / columns, top + (row + .5) * height / rows];
            """, row, column, rows, columns).Select(part => Convert.ToDouble(part, CultureInfo.InvariantCulture));
        return (place.First(), place.Last());
    }

    static (string Head, int Key, double Value) Strongest()
    {
        var (term, value) = One[2].Attributions[0][0].Terms
            .Where(row => row.Term is ResidualTerm.HeadSource).MaxBy(row => Math.Abs(row.Value));
        var cell = (ResidualTerm.HeadSource)term;
        return (cell.Index.ToString(), cell.Source, value);
    }

    static double[] Reads(Func<HeadIndex, bool> isRead)
    {
        var sums = new double[8];
        foreach (var (term, value) in One[2].Attributions[0][0].Terms)
            if (term is ResidualTerm.HeadSource one && isRead(one.Index))
                sums[one.Source] += value;
        return sums;
    }

    // As JavaScript rounds.
    static int[] Shades(double[] reads) =>
        [.. reads.Select(read => (int)Math.Floor((6 * read / reads.Max(Math.Abs)) + 0.5))];

    int[] ShadesOfText() =>
    [
        .. All("#toks .t").Select(token => token.GetDomAttribute("data-v") ?? "0")
            .Select(step => int.Parse(step, CultureInfo.InvariantCulture)),
    ];

    string? Focused(string attribute) => Driver.SwitchTo().ActiveElement().GetDomAttribute(attribute);
}
