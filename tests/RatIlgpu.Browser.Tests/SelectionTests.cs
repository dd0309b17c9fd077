using OpenQA.Selenium;

namespace RatIlgpu.Browser.Tests;

public sealed class SelectionTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_clicked_token_stays_selected()
    {
        Open();
        Click(".nd[data-node='15'] rect");
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("n15", Data("sel"));
        Assert.Equal("n", Find("#info").GetDomAttribute("data-kind"));
        Assert.Contains("Mary", Find("#info").Text, StringComparison.Ordinal);
        Assert.Equal("true", Find(".nd[data-node='15']").GetDomAttribute("aria-pressed"));
        Assert.Equal(["1", "2"], Lit());
    }

    [Fact]
    public void A_clicked_ribbon_stays_selected()
    {
        Open();
        var (edge, x, y) = PointOnRibbon(beam: 3);
        ClickAt(x, y);
        Mouse().MoveToElement(Find("h1")).Perform();
        Assert.Equal("e" + edge, Data("sel"));
        Assert.Equal("e", Find("#info").GetDomAttribute("data-kind"));
        Assert.Contains("attends to key", Find("#info").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_selected_in_the_list_is_the_only_one_highlighted()
    {
        Open();
        Click("#paths button[data-beam='1']");
        Assert.Equal("1", Data("beam"));
        Assert.Equal(["1"], Lit());
        Assert.Equal("b", Find("#info").GetDomAttribute("data-kind"));
        Click("#paths button[data-beam='1']");
        Assert.Equal("", Data("beam"));
    }

    [Fact]
    public void A_second_click_Escape_or_a_click_on_the_background_clears_the_selection()
    {
        Open();
        Click(".nd[data-node='15'] rect");
        Click(".nd[data-node='15'] rect");
        Assert.Equal("", Data("sel"));
        Click(".nd[data-node='15'] rect");
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
        Click(".nd[data-node='15'] rect");
        var corner = Find("#canvas").Location;
        ClickAt(corner.X + 4, corner.Y + 4);
        Assert.Equal("", Data("sel"));
        Assert.All(All(".ln"), line => Assert.Null(line.GetDomAttribute("data-state")));
    }

    [Fact]
    public void Tokens_of_the_text_and_rows_of_the_table_can_be_selected()
    {
        Open();
        Click(".t[data-i='4']");
        Assert.Equal("n4", Data("sel"));
        Assert.Equal("true", Find(".t[data-i='4']").GetDomAttribute("aria-current"));
        Click("#table summary");
        Click("#table button[data-pick='e2']");
        Assert.Equal("e2", Data("sel"));
    }

    [Fact]
    public void Search_marks_tokens_and_Enter_selects_the_next()
    {
        Open();
        Click("#q");
        Press("Mary", Keys.Enter);
        Assert.Equal(["2", "15"], All(".t[data-hit]").Select(token => token.GetDomAttribute("data-i")));
        Assert.Equal("n2", Data("sel"));
        Assert.Equal("2 found", Find("#hits").Text);
    }

    [Fact]
    public void Hovered_and_focused_tokens_are_outlined_in_every_view()
    {
        Open();
        Click("#table summary");
        Hover(".t[data-i='4']");
        Assert.Equal(["nd4", "t4"], Outlined());
        Hover(".nd[data-node='15'] rect");
        Assert.Equal(["nd15", "t15"], Outlined());
        Hover("#table tbody tr:nth-child(1) td:nth-child(2)");
        Assert.Equal(["ln0", "nd18", "nd19", "t18", "t19"], Outlined());
        Hover("h1");
        Assert.Empty(Outlined());
        Script<object?>("document.querySelector('.nd[data-node=\"4\"]').focus()");
        Assert.Equal(["nd4", "t4"], Outlined());
        Click("button[data-set='cols'][value='position']");
        Assert.Empty(Outlined());
        Assert.Equal("", Data("sel"));
    }

    void Hover(string selector) => Mouse().MoveToElement(Find(selector)).Perform();

    IEnumerable<object> Outlined() => Script<IReadOnlyCollection<object>>("""
        return [...document.querySelectorAll('[data-over]')].map(({ classList, dataset }) =>
          classList[0] + (dataset.node ?? dataset.edge ?? dataset.i)).sort();
        """);

    IEnumerable<string?> Lit() => All(".ln[data-state='on']").Select(line => line.GetDomAttribute("data-beam"))
        .Distinct().Order(StringComparer.Ordinal);

    // A point of the ribbon that no other element covers.
    (string Edge, double X, double Y) PointOnRibbon(int beam)
    {
        var found = Script<IReadOnlyCollection<object>>("""
            for (const line of document.querySelectorAll(`.ln[data-beam="${arguments[0]}"]`))
              for (let part = 0.2; part < 0.9; part += 0.1) {
                const place = line.getPointAtLength(line.getTotalLength() * part).matrixTransform(line.getScreenCTM());
                if (document.elementFromPoint(place.x, place.y) === line) return [line.dataset.edge, place.x, place.y];
              }
            return null;
            """, beam).ToArray();
        return ((string)found[0], Convert.ToDouble(found[1], CultureInfo.InvariantCulture),
            Convert.ToDouble(found[2], CultureInfo.InvariantCulture));
    }
}
