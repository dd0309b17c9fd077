using System.Text.Json;
using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of an atlas, read by pointer and keys.</summary>
public sealed class AtlasPageTests(Chromium chromium) : PageTests(chromium)
{
    const string Watch = """
        new MutationObserver(() => {
          if (document.documentElement?.dataset.ready) window.readyAt ??= performance.now();
        }).observe(document, { subtree: true, attributeFilter: ['data-ready'] });
        """;

    static readonly HeadAtlas Atlas = SampleAtlas.Of();

    [Fact]
    public void The_page_makes_no_request_and_logs_nothing() => AssertAlone(() => OpenAtlas());

    [Fact]
    public void Heads_are_large_enough_for_a_finger()
    {
        Resize(390, 844, isTouched: true);
        OpenAtlas();
        Assert.All(All(".by-role button"), button => Assert.Equal(44, button.Size.Height));
    }

    [Fact]
    public void A_head_is_selected_in_the_matrix_and_shown_everywhere()
    {
        OpenAtlas();
        Click("#matrix td[data-n='1.5']");
        Assert.Equal("1.5", Data("sel"));
        Assert.Equal("L1H5, key/value head 1", Find("#card-title").Text);
        Assert.Equal("ratilgpu heads show L1H5", Find("#command").Text);
        Assert.Equal("L1H5", Detail("Head"));
        Assert.Equal("true", Find("#matrix td[data-n='1.5']").GetDomAttribute("aria-selected"));
        Assert.NotNull(Find(".dot[data-n='1.5']").GetDomAttribute("data-on"));
        Click("#matrix td[data-n='1.5']");
        Assert.Equal("", Data("sel"));
    }

    // Colours are read and matrices painted anew whenever the theme is written.
    [Fact]
    public void A_selection_leaves_the_theme_alone()
    {
        OpenAtlas();
        Script<object?>("""
            window.themes = 0;
            new MutationObserver((all) => window.themes += all.length)
              .observe(document.documentElement, { attributeFilter: ['data-theme'] });
            """);
        Click("#matrix td[data-n='1.5']");
        Assert.Equal("1.5", Data("sel"));
        Assert.Equal(0, Script<long>("return window.themes"));
    }

    [Fact]
    public void A_head_is_selected_in_the_scores_the_plot_the_ranks_and_the_list_of_roles()
    {
        OpenAtlas();
        ClickCell(2, 3);
        Assert.Equal("2.3", Data("sel"));
        Script<object?>("document.getElementById('plane').scrollIntoView()");
        var dot = Script<string>("return [...document.querySelectorAll('#dots .dot')].at(-1).dataset.n");
        Mouse().MoveToElement(Find($"#dots [data-n='{dot}']")).Click().Perform();
        Assert.Equal(dot, Data("sel"));
        var ranked = Find("#rows tr:nth-child(3) button");
        Script<object?>("arguments[0].scrollIntoView({ block: 'center' })", ranked);
        Mouse().MoveToElement(ranked).Click().Perform();
        Assert.Equal(ranked.GetDomAttribute("data-n"), Data("sel"));
        Script<object?>("scrollTo(0, 0)");
        Click(".by-role button:last-of-type");
        Assert.Equal(Find(".by-role button:last-of-type").GetDomAttribute("data-n"), Data("sel"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void A_cell_has_the_colour_of_the_chosen_number_of_its_score()
    {
        OpenAtlas();
        foreach (var (score, measure, number) in new (string, string, Func<HeadScore, double?>)[]
        {
            ("first-token", "raw", score => score.Raw), ("first-token", "noFirst", score => score.WithoutFirst),
            ("previous", "noSelf", score => score.WithoutSelf), ("previous", "excess", score => score.Excess),
            ("entropy", "excess", score => score.Raw),
        })
        {
            Find($"#score option[value='{score}']").Click();
            Script<object?>("document.querySelector(`[data-set=measure][value=${arguments[0]}]`).click()", measure);
            Assert.Equal(score, Data("score"));
            var numbers = Atlas.Heads.Select(head => number(head.Scores[score])!.Value).ToList();
            var most = numbers.Max(Math.Abs);
            var signed = numbers.Min() < 0;
            foreach (var (layer, head) in new[] { (0, 3), (1, 2), (3, 7) })
                Assert.Equal(
                    Ramp(numbers[(layer * 8) + head] / most, signed), Pixel(layer, head, 4, 8),
                    (one, other) => one.Zip(other).All(pair => Math.Abs(pair.First - pair.Second) <= 1));
        }
    }

    [Fact]
    public void A_score_that_was_not_measured_is_hatched_and_without_a_dot()
    {
        OpenAtlas(address: "#s=ioi-io&x=ioi-io");
        PointAtCell(0, 1);
        Assert.Equal("–", Detail("Raw"));
        Assert.Equal(Atlas.Heads.Count(head => head.Scores.ContainsKey("ioi-io")), All(".dot[data-n]").Count);
        Assert.Equal("24 of 32 heads", Find("#dots-legend > :last-child").Text);
        Assert.DoesNotContain("L0H1", Find("#rows").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_a_score_does_not_have_cannot_be_chosen()
    {
        OpenAtlas(address: "#s=copy&m=noFirst");
        Assert.False(Find("[data-set=measure][value=noFirst]").Enabled);
        Assert.StartsWith("raw", Find("#legend").Text, StringComparison.Ordinal);
        Find("#score option[value='previous']").Click();
        Assert.True(Find("[data-set=measure][value=noFirst]").Enabled);
        Assert.StartsWith("without first", Find("#legend").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_are_sorted_and_filtered()
    {
        OpenAtlas();
        string[] byExcess =
            [.. Atlas.Heads.OrderByDescending(head => head.Scores["previous"].Excess).Select(head => $"{head.Head}")];
        Assert.Equal(byExcess.Take(25), Ranked());
        ClickButton("#more");
        Assert.Equal(byExcess, Ranked());
        ClickButton("button[data-order=excess]");
        Assert.Equal(byExcess.Reverse(), Ranked());
        Assert.Equal("ascending", Find("[data-column=excess]").GetDomAttribute("aria-sort"));
        ClickButton("button[data-order=head]");
        Assert.Equal(Atlas.Heads.Select(head => $"{head.Head}"), Ranked());
        Find("#layer option[value='2']").Click();
        Assert.Equal(Atlas.Heads.Where(head => head.Head.Layer == 2).Select(head => $"{head.Head}"), Ranked());
        Find("#layer option[value='']").Click();
        Find($"#role option[value='{(int)HeadRole.Induction}']").Click();
        Assert.Equal(
            Atlas.Heads.Where(head => head.Roles.Any(role => role.Role == HeadRole.Induction))
                .Select(head => $"{head.Head}"),
            Ranked());
    }

    [Fact]
    public void Keys_reach_every_head_and_step_through_heads_cards_and_scores()
    {
        OpenAtlas();
        Find("#matrix td[data-n='0.0']").Click();
        Press(Keys.ArrowDown, Keys.ArrowRight, Keys.ArrowRight, Keys.Enter);
        Assert.Equal("1.2", Data("sel"));
        Press(Keys.End, Keys.Space);
        Assert.Equal("1.7", Data("sel"));
        Press("]");
        Assert.Equal("2.0", Data("sel"));
        Press("[", "[");
        Assert.Equal("1.6", Data("sel"));
        Press("}");
        Assert.Contains(Data("sel"), Atlas.Cards.Select(card => $"{card.Head.Layer}.{card.Head.Head}"));
        Press(".");
        Assert.Equal(SampleAtlas.Scores[1].Id, Data("score"));
        Press("m");
        Assert.Equal("noFirst", Data("measure"));
        Script<object?>("document.querySelector('.dot[tabindex=\"0\"]').focus()");
        Press(Keys.ArrowRight);
        var dot = Script<string>("return document.activeElement.dataset.n");
        Press(Keys.Enter);
        Assert.Equal(dot, Data("sel"));
        Assert.Equal(dot, Script<string>("return document.activeElement.dataset.n"));
    }

    [Fact]
    public void Heads_are_found_by_name_and_by_role()
    {
        OpenAtlas();
        Click("#q");
        Press("induction");
        var heads = Atlas.Heads.Where(head => head.Roles.Any(role => role.Role == HeadRole.Induction)).ToList();
        Assert.Equal($"{heads.Count} found", Find("#hits").Text);
        Assert.Equal(heads.Count, All("#matrix td[data-hit]").Count);
        Press(Keys.Enter);
        Assert.Equal($"{heads[0].Head.Layer}.{heads[0].Head.Head}", Data("sel"));
    }

    [Fact]
    public void The_address_reopens_the_same_view()
    {
        var card = Atlas.Cards[1];
        OpenAtlas();
        Click($"#matrix td[data-n='{card.Head.Layer}.{card.Head.Head}']");
        Find("#score option[value='induction']").Click();
        Find("#y option[value='entropy']").Click();
        Find("#colour option[value='layer']").Click();
        Find("#example option[value='2']").Click();
        ClickToken(7);
        Until(() => Driver.Url.Contains("k=7", StringComparison.Ordinal));
        var (before, url) = (Seen(), Driver.Url);
        Driver.Navigate().GoToUrl("about:blank");
        Driver.Navigate().GoToUrl(url);
        Until(() => Data("ready") == "1");
        Assert.Equal(before, Seen());
        Assert.Contains("e=2", url, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_that_name_nothing_are_ignored()
    {
        OpenAtlas(address: "#h=99.0&s=none&e=999&k=9999&m=x&l=77");
        Assert.Equal("", Data("sel"));
        Assert.Equal("previous", Data("score"));
        Assert.NotEmpty(Find("#example-keys").Text);
    }

    [Fact]
    public void An_example_shows_the_keys_of_the_peak_and_of_what_the_pointer_is_on()
    {
        var card = Atlas.Cards[0];
        var (first, third) = (card.Examples[0], card.Examples[2]);
        OpenAtlas();
        Until(() => Data("query") == $"{first.Peak}");
        AssertKeys(first, first.Peak);
        Find("#example option[value='2']").Click();
        Mouse().MoveToElement(Token(11)).Perform();
        Assert.Equal("11", Data("query"));
        AssertKeys(third, 11);
        ClickToken(5);
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("5", Data("query"));
        AssertKeys(third, 5);
    }

    [Fact]
    public void A_head_without_a_full_card_has_a_short_one()
    {
        var other = Atlas.Heads.First(head => Atlas.Cards.All(card => card.Head != head.Head)).Head;
        OpenAtlas(address: $"#h={other.Layer}.{other.Head}");
        Assert.False(Find("#deep").Displayed);
        Assert.True(Find("#no-deep").Displayed);
        Assert.Equal(SampleAtlas.Scores.Length, All("#card-scores [data-score]").Count);
        Assert.NotEmpty(All("#profile path.line"));
    }

    [Fact]
    public void A_point_is_marked_in_all_plots_of_vectors()
    {
        OpenAtlas();
        Assert.Equal(4 * 40, All("#vectors circle").Count);
        var point = Find("#vectors circle[data-point='3']");
        Script<object?>("arguments[0].scrollIntoView({ block: 'center' })", point);
        Script<object?>("arguments[0].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))", point);
        Assert.Equal(4, All("#vectors circle[data-over]").Count);
        ClickButton("[data-set=paint][value=kind]");
        Assert.Contains("punctuation", Find("#vectors-legend").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_card_links_to_the_head_on_the_attention_page()
    {
        Open(AtlasPage.Render(Atlas, new() { AttentionPage = "attention.html" }), "#h=2.1");
        Assert.EndsWith("/attention.html#h=2.1", Find("#open").GetDomProperty("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_are_exported_as_tables_data_and_pictures()
    {
        OpenAtlas(address: "#s=induction");
        var table = Exported("csv", "atlas").Split("\r\n");
        Assert.Equal(1 + Atlas.Heads.Sum(head => head.Scores.Count) + 1, table.Length);
        Assert.StartsWith(
            "\ufeffhead,layer,number,key_value_head,roles,score,raw,", table[0], StringComparison.Ordinal);
        ScrollTo("#export-ranks");
        var ranks = System.Text.Encoding.UTF8.GetString(Download("#export-ranks", "atlas-induction.csv")).Split("\r\n");
        var best = Atlas.Heads.MaxBy(head => head.Scores["induction"].Excess)!;
        Assert.StartsWith($"1,{best.Head},", ranks[1], StringComparison.Ordinal);
        Script<object?>("scrollTo(0, 0)");
        using var data = JsonDocument.Parse(Exported("json", "atlas"));
        var heads = data.RootElement.GetProperty("heads");
        Assert.Equal(32, heads.GetArrayLength());
        Assert.Equal(
            Atlas.Heads[9].Scores["induction"].Excess,
            heads[9].GetProperty("scores").GetProperty("induction").GetProperty("excess").GetDouble(), 5);
        Assert.Equal("induction", heads[10].GetProperty("roles")[0].GetProperty("role").GetString());
        var picture = System.Xml.Linq.XDocument.Parse(Exported("svg", "atlas"));
        Assert.True(picture.Descendants().Count(one => one.Name.LocalName == "rect") > 32);
        Assert.True(Export("png", "atlas").Length > 1000);
    }

    [Fact]
    public void Hostile_tokens_and_names_stay_text()
    {
        Open(AtlasPage.Render(SampleAtlas.Hostile()));
        Assert.Empty(All("img"));
        Assert.Equal("</script><img·src=x·onerror=alert(1)>", Token(0).Text);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void A_model_of_one_head_without_cards_works()
    {
        AssertAlone(() => Open(AtlasPage.Render(SampleAtlas.Of(layers: 1, heads: 1, groups: 1, cards: 0))));
        Click("#matrix td[data-n='0.0']");
        Assert.Equal("0.0", Data("sel"));
        Press("}", "]", ".");
        Assert.Null(Data("error"));
    }

    [Theory]
    [InlineData("light", 1366, 900)]
    [InlineData("dark", 390, 844)]
    public void The_page_fits_its_screen(string theme, int width, int height)
    {
        Resize(width, height, isTouched: width < 500);
        Open(AtlasPage.Render(SampleAtlas.Of(24, 14, 2, cards: 2)), $"#t={theme}");
        Assert.InRange(Number("document.documentElement.scrollWidth"), 0, width);
    }

    [Fact]
    public void A_page_of_336_heads_with_24_full_cards_tells_when_it_is_ready()
    {
        var page = AtlasPage.Render(SampleAtlas.Of(24, 14, 2, cards: 24, tokens: 256, points: 400));
        var watch = (Dictionary<string, object>)Driver.ExecuteCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", new() { ["source"] = Watch })!;
        try
        {
            Open(page);
            TestContext.Current.SendDiagnosticMessage(
                "{0}", FormattableString.Invariant(
                    $"{page.ByteCount:N0} bytes, ready after {Number("window.readyAt"):F0} ms"));
            Assert.Equal(336, All("#matrix td[data-n]").Count);
        }
        finally
        {
            Driver.ExecuteCdpCommand("Page.removeScriptToEvaluateOnNewDocument", watch!);
        }
    }

    void OpenAtlas(string address = "") => Open(AtlasPage.Render(Atlas), address);

    void ClickToken(int position)
    {
        ScrollTo($"#toks .t[data-i='{position}']");
        Mouse().MoveToElement(Token(position)).Click().Perform();
    }

    void ClickButton(string selector)
    {
        ScrollTo(selector);
        Click(selector);
    }

    void AssertKeys(HeadExample example, int query)
    {
        for (var position = 0; position < 24; position++)
        {
            var attention = 0f;
            for (var i = query * HeadExample.KeysPerQuery; i < (query + 1) * HeadExample.KeysPerQuery; i++)
                if (example.Keys[i] == position)
                    attention = example.Attention[i];
            var step = (int)Math.Floor((Math.Sqrt(attention) * 7) + 0.5);
            Assert.Equal(step == 0 ? null : $"{step}", Token(position).GetDomAttribute("data-h"));
        }
    }

    string[] Ranked() => [.. All("#rows button").Select(button => button.GetDomProperty("textContent")!)];

    string[] Seen() =>
    [
        Data("sel")!, Data("score")!, Data("example")!, Data("query")!, Find("#card-title").Text,
        Find("#example-keys").Text, Find("#dots-legend").Text, $"{Find("#y").GetDomProperty("value")}",
    ];

    void PointAtCell(int row, int column)
    {
        var (x, y) = CellAt("grid", row, column, 4, 8);
        Mouse().MoveToLocation((int)x, (int)y).Perform();
    }

    void ClickCell(int row, int column) => ClickAt(CellAt("grid", row, column, 4, 8));
}
