using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of explanations of attention scores, by real input.</summary>
public sealed class ExplanationPageTests(Chromium chromium) : StripPageTests(chromium)
{
    static readonly ImmutableArray<ScoreAttribution> Two = SampleExplanation.Two;
    static readonly HtmlPage TwoPage = ExplanationPage.Render(
        Two, SampleExplanation.Text, new() { Title = "Two keys" });
    static readonly HtmlPage SeveralPage = ExplanationPage.Render(
        [Two, SampleExplanation.Split], SampleExplanation.Text);

    // The parts of the first page, the largest first, in the reading of the score.
    static readonly ImmutableArray<(string Label, double Sum, double Without)> KeyParts =
    [
        .. Two[0].KeyParts.Zip(Two[0].ByKeyPart, Two[0].AttentionWithout)
            .Select(one => (one.First.Label, one.Second, one.Third)).OrderBy(one => -Math.Abs(one.Second)),
    ];

    static readonly ImmutableArray<(string Label, double Sum)> QueryParts =
    [
        .. Two[0].QueryParts.Zip(Two[0].ByQueryPart).Select(one => (one.First.Label, one.Second))
            .OrderBy(one => -Math.Abs(one.Second)),
    ];

    [Fact]
    public void The_page_is_ready_and_logs_nothing()
    {
        foreach (var page in (HtmlPage[])[TwoPage, SeveralPage])
        {
            AssertAlone(() => Open(page));
            Assert.Null(Data("error"));
        }
    }

    [Fact]
    public void Bars_are_the_sums_of_the_record_the_largest_first_or_in_the_order_of_the_model()
    {
        Open(TwoPage);
        Assert.Equal(KeyParts.Select(one => one.Label), Texts("#key-bars .name"));
        Assert.Equal(
            KeyParts.SelectMany(one => new[] { one.Sum, one.Without }), Numbers("#key-bars .value"), Near);
        Assert.Equal(QueryParts.Select(one => one.Label), Texts("#query-bars .name"));
        Assert.Equal(QueryParts.Select(one => one.Sum), Numbers("#query-bars .value"), Near);
        Assert.All(All("#query-bars .track i").Zip(QueryParts), pair => Assert.Equal(
            pair.Second.Sum < 0 ? "less" : "more", pair.First.GetDomAttribute("class")));
        Click("button[data-set='order'][value='model']");
        Assert.Equal(Two[0].KeyParts.Select(part => part.Label), Texts("#key-bars .name"));
        Assert.Equal(Two[0].QueryParts.Select(part => part.Label), Texts("#query-bars .name"));
    }

    [Fact]
    public void A_pair_is_kept_by_mouse_and_its_number_is_that_of_the_record()
    {
        Open(TwoPage);
        var (row, column, value) = Strongest();
        ClickAt(Cell(row, column));
        var name = $"{QueryParts[row].Label}@{KeyParts[column].Label}";
        Assert.Equal((name, "pair"), (Data("sel"), Find("#info").GetDomAttribute("data-kind")));
        Assert.Equal(value, Shown(Detail("The pair adds")), 5.001e-5);
        Assert.Equal($"1 of {Two[0].Pairs.Length}", Detail("Rank by size"));
        Assert.Equal(KeyParts[column].Sum, Shown(Detail("The part of the key adds")), 5.001e-5);
        Assert.StartsWith(
            $"{QueryParts[row].Label} · {KeyParts[column].Label}: ", Find("#tip").Text, StringComparison.Ordinal);
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("pair", Find("#info").GetDomAttribute("data-kind"));
        ClickAt(Cell(row, column));
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void The_strongest_pair_has_the_last_colour_of_its_sign()
    {
        Open(TwoPage);
        var (row, column, value) = Strongest();
        var colour = ColourAt(Cell(row, column));
        var expected = Convert.FromHexString(Palette.Signed[value > 0 ? ^1 : 0].Light[1..]);
        Assert.All(colour.Zip(expected), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1));
        Assert.Equal($"−{Math.Abs(value):F2}", Find("#domain-low").Text);
    }

    [Fact]
    public void A_part_of_the_key_tells_the_attention_without_it_and_what_was_measured()
    {
        Open(TwoPage);
        var part = Two[0].Verification!.Parts.First(one => one.Input == HeadInput.Key);
        Click($".bar[data-row='@{part.Part}']");
        Assert.Equal(($"@{part.Part}", "key"), (Data("sel"), Find("#info").GetDomAttribute("data-kind")));
        var place = Two[0].KeyParts.Items.IndexOf(part.Part);
        Assert.Equal(
            Two[0].AttentionWithout[place], Shown(Detail("without it, at this key alone")), 5.001e-5);
        Assert.Equal(
            Two[0].Verification!.Unchanged.Score - part.Held.Score,
            Shown(Detail("Measured without it: score falls by")), 5.001e-5);
        Assert.True(Find("#measured").Displayed);
        Click(".bar[data-row='embed@']");
        Assert.Equal(("embed@", "query"), (Data("sel"), Find("#info").GetDomAttribute("data-kind")));
        Press(Keys.Escape, "]", "]", "[");
        Assert.Equal($"@{KeyParts[0].Label}", Data("sel"));
    }

    [Fact]
    public void Pointing_outlines_a_part_in_the_matrix_while_another_one_is_kept()
    {
        Open(TwoPage, $"#n=%40{KeyParts[0].Label}");
        Mouse().MoveToElement(Find($".bar[data-row='@{KeyParts[3].Label}']")).Perform();
        Assert.Equal([$"@{KeyParts[3].Label}"], All(".bar[data-over]").Select(bar => bar.GetDomAttribute("data-row")));
        var width = Number("document.querySelector('.heat-body').getBoundingClientRect().width") / KeyParts.Length;
        Assert.Equal(3 * width, Number("document.querySelector('.heat-column').offsetLeft"), 1.0);
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal(0, Number("document.querySelector('.heat-column').offsetLeft"), 1.0);
        Assert.Equal($"@{KeyParts[0].Label}", Data("sel"));
    }

    [Fact]
    public void Both_readings_are_shown_and_change_by_button_and_key()
    {
        Open(TwoPage);
        Assert.Equal("here", Data("reading"));
        Click("button[data-set='reading'][value='others']");
        Until(() => Data("reading") == "others");
        Assert.Equal(Sorted(Two[2].ByKeyPart), Numbers("#key-bars .value:nth-child(3)"), Near);
        Assert.Contains(
            "others: the score less the mean score of the other keys", Find("#facts").Text, StringComparison.Ordinal);
        Assert.StartsWith($"{Two[2].Pairs.Length} pairs ", Find("#balance").Text, StringComparison.Ordinal);
        Press(",");
        Until(() => Data("reading") == "here");
        Press(".");
        Until(() => Data("reading") == "others");
    }

    [Fact]
    public void Keys_are_chosen_by_picker_table_text_and_keyboard()
    {
        Open(TwoPage);
        Press(")");
        Until(() => Data("link") == "1.L2H1.7.5");
        Assert.Equal(Sorted(Two[1].ByKeyPart), Numbers("#key-bars .value:nth-child(3)"), Near);
        // Only the first key was measured.
        Assert.False(Find("#measured").Displayed);
        Click(".t[data-i='2']");
        Until(() => Data("link") == "1.L2H1.7.2");
        Find("#key option[value='1.L2H1.7.5']").Click();
        Until(() => Data("link") == "1.L2H1.7.5");
        Click("button[data-link='1.L2H1.7.2']");
        Until(() => Data("link") == "1.L2H1.7.2");
        Assert.Equal("true", Find("button[data-link='1.L2H1.7.2']").GetDomAttribute("aria-pressed"));
    }

    [Fact]
    public void A_part_stays_kept_when_another_key_has_it()
    {
        Open(SeveralPage, "#n=%40L0H1");
        Press(")");
        Until(() => Data("link") == "1.L2H1.7.5");
        Assert.Equal("@L0H1", Data("sel"));
        // Heads of the next prompt are split.
        Press("}");
        Until(() => Data("link") == "2.L1H4.5.3.split");
        Assert.Equal(("", "foil"), (Data("sel"), Data("reading")));
        Assert.False(Find("button[data-set='reading'][value='others']").Enabled);
        Assert.Contains(
            Texts("#key-bars .name"), name => name.StartsWith("L0H1 <- 2 \u2068·Mary", StringComparison.Ordinal));
        Click(".t[data-i='1']");
        Assert.NotEqual("", Detail("Read by parts of the key"));
    }

    [Fact]
    public void The_text_has_the_attention_of_the_query_and_marks_query_and_keys()
    {
        Open(TwoPage);
        var shades = All("#toks .t").Select(token =>
            int.Parse(token.GetDomAttribute("data-h") ?? "0", CultureInfo.InvariantCulture));
        Assert.Equal(
            Two[0].QueryAttention.Select(share => (int)Math.Round(7 * Math.Sqrt(share), MidpointRounding.AwayFromZero)),
            shades);
        Assert.Equal("7", Assert.Single(All(".t[aria-current]")).GetDomAttribute("data-i"));
        Assert.Equal("2", Assert.Single(All(".t[data-on]")).GetDomAttribute("data-i"));
        Assert.Equal("5", Assert.Single(All(".t[data-key]")).GetDomAttribute("data-i"));
        Click(".t[data-i='3']");
        Assert.Equal(("3", "token"), (Data("sel"), Find("#info").GetDomAttribute("data-kind")));
        Assert.Equal(Two[0].QueryAttention[3], Shown(Detail("Attention of L2H1 from 7")), 5.001e-5);
        Assert.Equal("attention.html#h=2.1&k=7", Find("#attention-state").Text);
    }

    [Fact]
    public void Keys_of_the_keyboard_alone_reach_pairs_parts_and_tokens()
    {
        Open(TwoPage);
        TabTo(".heat-body");
        Press(Keys.ArrowRight, Keys.ArrowRight, Keys.ArrowDown, Keys.Enter);
        Assert.Equal($"{QueryParts[1].Label}@{KeyParts[1].Label}", Data("sel"));
        TabTo("#key-bars .bar");
        Press(Keys.ArrowDown, Keys.Enter);
        Assert.Equal($"@{KeyParts[1].Label}", Data("sel"));
        TabTo("#query-bars .bar");
        Press(Keys.Enter);
        Assert.Equal($"{QueryParts[0].Label}@", Data("sel"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
        Press("?");
        Assert.True(Find("#help").Displayed);
    }

    [Theory]
    [InlineData("#v=1.L2H1.7.5&r=others&o=model&n=embed%40L0H1", "1.L2H1.7.5 others model embed@L0H1")]
    [InlineData("#v=2.L1H4.5.3.split&n=%40L0H1+%3C-+2", "2.L1H4.5.3.split foil size @L0H1 <- 2")]
    [InlineData("#n=3", "1.L2H1.7.2 here size 3")]
    [InlineData("#v=9.L9H9.1.1&r=x&o=y&n=L9H9%40", "1.L2H1.7.2 here size ")]
    [InlineData("#n=999&t=dark", "1.L2H1.7.2 here size ")]
    [InlineData("#n=%40", "1.L2H1.7.2 here size ")]
    [InlineData("#n=<img src=x onerror=alert(1)>", "1.L2H1.7.2 here size ")]
    public void An_address_opens_the_state_it_names_and_survives_a_reload(string address, string state) =>
        AssertOpens(
            SeveralPage, address, state,
            () => $"{Data("link")} {Data("reading")} {Data("order")} {Data("sel")}");

    [Fact]
    public void A_choice_is_written_to_the_address()
    {
        Open(TwoPage);
        Click("button[data-set='reading'][value='others']");
        Until(() => Data("reading") == "others");
        Press(")");
        // The bars are made anew when the numbers of the other key are there.
        Until(() => Data("link") == "1.L2H1.7.5");
        Click(".bar[data-row='@embed']");
        Until(() => Driver.Url.Contains("n=%40embed", StringComparison.Ordinal));
        Assert.Contains("v=1.L2H1.7.5", Driver.Url, StringComparison.Ordinal);
        Assert.Contains("r=others", Driver.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_exported_JSON_is_that_of_the_library(int prompts)
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var origin = new TraceOrigin { Title = "T", Command = "c \"é\"", Version = "1" };
        string[] texts = ["When Mary and John went", "Mary gave John a drink"];
        ImmutableArray<ScoreAttribution>[] all = [.. texts.Take(prompts).Select(text => Explained(model, text))];
        Open(ExplanationPage.Render(all, model.Tokenizer.Token, new() { Model = TracedOf(model), Origin = origin }));
        AssertExports(Written(ScoreReading.Here), "explanation-here");
        Click("button[data-set='reading'][value='others']");
        Until(() => Data("reading") == "others");
        AssertExports(Written(ScoreReading.Others), "explanation-others");

        string Written(ScoreReading reading) => ScoreAttributionJson.Write(
            [.. all.Select(one => one.Where(found => found.Options.Reading == reading).ToImmutableArray())],
            model, origin);
    }

    [Fact]
    public void Exports_are_whole_files()
    {
        Open(TwoPage);
        var rows = Exported("csv", "explanation-1.L2H1.7.2-here").TrimEnd().Split("\r\n");
        Assert.Equal("\ufefflink,reading,query_part,key_part,adds,attention_without", rows[0]);
        Assert.Equal(1 + KeyParts.Length + QueryParts.Length + Two[0].Pairs.Length, rows.Length);
        var last = rows[^1].Split(',');
        Assert.Equal(["1.L2H1.7.2", "here", "bias", "bias"], last[..4]);
        Assert.Equal(Two[0].Pairs[^1], double.Parse(last[4], CultureInfo.InvariantCulture));
        var drawing = XDocument.Parse(Exported("svg", "explanation-1.L2H1.7.2-here"));
        var texts = drawing.Descendants().Where(part => part.Name.LocalName == "text")
            .Select(part => part.Value).ToList();
        Assert.Contains("part of the query", texts);
        Assert.Contains("Parts of the query", texts);
        Assert.Contains(KeyParts[0].Label, texts);
        Assert.Equal((byte)'P', Export("png", "explanation-1.L2H1.7.2-here")[1]);
    }

    [Theory]
    [InlineData(1366)]
    [InlineData(390)]
    public void The_matrix_of_split_heads_scrolls_and_every_label_can_be_read(int width)
    {
        Resize(width, 844);
        var found = SampleExplanation.Of(30, new(1, 4), 29, [20], new() { SplitHeads = true });
        Open(ExplanationPage.Render(found, SampleExplanation.Text));
        var columns = found[0].KeyParts.Length;
        Assert.True(columns > 100);
        var labels = Script<IReadOnlyCollection<object>>("""
            return [...document.querySelectorAll('.heat-columns text:not(.heat-title)')].map((text) =>
              text.textContent);
            """);
        Assert.Equal(columns, labels.Count);
        Assert.True(Number("document.querySelector('.heat-body').clientWidth") >= 14 * columns);
        Assert.True(Heat("scrollWidth") > Heat("clientWidth") + 300);
        Assert.InRange(Heat("clientHeight"), 200, 700);
        Assert.InRange(Number("document.documentElement.scrollWidth"), 0, width);

        double Heat(string member) => Number($"document.getElementById('heat').{member}");
    }

    [Fact]
    public void Hostile_tokens_are_shown_as_text()
    {
        string[] words = [.. SampleTrace.Hostile];
        var texts = SampleAttribution.Texts(words);
        var found = SampleExplanation.Of(
            words.Length, new(1, 2), 5, [0, 1], new() { SplitHeads = true }, verifies: true);
        Open(ExplanationPage.Render(found, texts, new()
        {
            Title = "<img src=x onerror=alert(1)>",
            Model = new("</script><img src=x>", 1, 1),
        }));
        AssertHostile(() =>
        {
            Click(".t[data-i='3']");
            Assert.Contains(TokenGlyphs.Show(texts(3), 400), Texts("#info dd"));
        });
        XDocument.Parse(Exported("svg", "explanation-1.L1H2.5.0.split-here"));
    }

    [Fact]
    public void A_token_is_found_and_kept()
    {
        Open(TwoPage);
        AssertFinds("John", "4");
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame() => InSandbox(TwoPage.Html, () =>
    {
        Click($".bar[data-row='@{KeyParts[1].Label}']");
        Assert.Equal($"@{KeyParts[1].Label}", Data("sel"));
    });

    [Fact]
    public void Every_control_has_an_accessible_name()
    {
        Open(SeveralPage);
        var found = AccessibleNames("button", "combobox", "searchbox");
        Assert.Equal(3, found["combobox"].Count());
        Assert.Contains(found["button"], name => name.StartsWith("L0H1 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Printed_pages_have_no_controls_and_all_parts()
    {
        Open(TwoPage, "#t=dark");
        Emulate("print", "dark");
        Assert.Equal("none", Find(".tools").GetCssValue("display"));
        Assert.Equal("visible", Find("#key-bars").GetCssValue("overflow-y"));
        Assert.Equal("none", Find("#key-bars").GetCssValue("max-height"));
    }

    [Theory]
    [InlineData("light", 1366)]
    [InlineData("dark", 1366)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public void The_page_fits_the_width_of_its_screen_and_nothing_moves(string theme, int width)
    {
        Resize(width, width < 500 ? 844 : 900, isTouched: width < 500);
        foreach (var (page, name) in new[] { (TwoPage, "two"), (SeveralPage, "several") })
        {
            Open(page, $"#t={theme}&n=%40L1H2");
            AssertFits(width);
            if (width > 500)
                AssertStill(".bar", () => Press(Keys.Escape), () => Press("]"), () => Press(",", "."));
            Picture($"explanation-{name}-{theme}-{width}");
        }
    }

    static ImmutableArray<ScoreAttribution> Explained(LanguageModel model, string text)
    {
        var ids = model.EncodePrompt(text);
        var attributor = new AttentionScoreAttributor(model.Network);
        ScoreAttribution Explain(int key, ScoreReading reading) =>
            attributor.Explain(ids.AsSpan(), new(2, 3), ^1, key, new() { Reading = reading });
        var measured = new ScoreVerifier(model.Network).Verify(Explain(1, ScoreReading.Here), new(ids[1], ids[2]));
        return
        [
            measured, Explain(0, ScoreReading.Here), Explain(1, ScoreReading.Others), Explain(0, ScoreReading.Others),
        ];
    }

    static (int Row, int Column, double Value) Strongest()
    {
        var top = Two[0].Top(1)[0];
        return (
            QueryParts.Select(one => one.Label).ToList().IndexOf(top.Query.Label),
            KeyParts.Select(one => one.Label).ToList().IndexOf(top.Key.Label), top.Value);
    }

    (double X, double Y) Cell(int row, int column) => CellAt("heat", row, column, QueryParts.Length, KeyParts.Length);

    IEnumerable<double> Numbers(string selector) => Texts(selector).Select(Shown);

    static IEnumerable<double> Sorted(ValueArray<double> sums) => sums.OrderBy(sum => -Math.Abs(sum));

    static double Shown(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    static bool Near(double one, double other) => Math.Abs(one - other) <= 5.001e-5;
}
