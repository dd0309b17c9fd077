using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class ComponentsPageTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_page_from_a_file_makes_no_request_and_logs_nothing() => AssertAlone(() => Show());

    [Fact]
    public void The_first_figure_shows_the_head_and_key_with_the_most_attention()
    {
        Show();
        Assert.Equal("Score by pairs of components", Find("#figure-title").Text);
        Assert.Equal(["1", "1"], Pickers());
        Hover(row: 0, column: 1);
        Assert.Equal(["L2H1", "·John 3", "0", "1", "-2.50000"], Details().Take(5));
        Assert.Equal("0 · 1: -2.50000", Find("#tip").Text);
    }

    [Fact]
    public void The_first_head_that_is_asked_for_is_shown_first_and_its_drawings_open()
    {
        var report = SampleComponents.Report;
        Open(ComponentsPage.Render(
            report with { Induction = [report.Induction[0] with { Head = new(2, 3) }] }, SampleComponents.Token));
        Assert.Equal(["3", "0"], Pickers());
        Click(".charts summary");
        Assert.True(Script<bool>("return document.querySelector('.chart .dot').getBoundingClientRect().width > 0"));
        Resize(390, 844);
        Assert.True(Script<bool>("return document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public void A_click_keeps_a_cell_and_a_second_one_or_escape_lets_it_go()
    {
        Show();
        Hover(2, 3);
        Mouse().Click().Perform();
        Assert.Equal("2.3", Data("sel"));
        Mouse().Click().Perform();
        Assert.Equal("", Data("sel"));
        Mouse().Click().Perform();
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void A_token_that_is_clicked_is_shown_as_key()
    {
        Show();
        Click(".t[data-i='1']");
        Until(() => Pickers() is ["1", "0"]);
        Assert.Equal("true", Find(".t[data-i='1']").GetDomAttribute("aria-pressed"));
        Click(".t[data-i='0']");
        Assert.Equal(["1", "0"], Pickers());
        Press("/");
        Find("#q").SendKeys("john" + Keys.Enter);
        Until(() => Pickers() is ["1", "1"]);
    }

    [Fact]
    public void Keys_turn_to_the_next_figure_and_matrix()
    {
        Show();
        Press("]");
        Until(() => Data("figure") == "scores");
        Press("[");
        Until(() => Data("figure") == "pairs");
        Press(".");
        Until(() => Pickers() is ["2", "1"]);
        Press("[");
        Until(() => Data("figure") == "weights-output");
        Assert.Equal(["0"], Pickers());
    }

    [Fact]
    public void The_address_leads_back_to_the_figure_the_matrix_and_the_cell()
    {
        Show("#f=co-phi&a=1&n=0.1&s=all");
        Assert.Equal("co-phi", Data("figure"));
        Assert.Equal(["1"], Pickers());
        Assert.Equal("0.1", Data("sel"));
        Assert.Equal(["kv 1", "0", "1", "0.00000"], Details().Take(4));
        Show("#f=nothing&a=9.9&n=99.99");
        Assert.Equal("pairs", Data("figure"));
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void What_has_no_number_says_so()
    {
        Show("#f=activity-query");
        Hover(1, 2);
        Assert.Equal(["1", "L2H2", "none"], Details().Take(3));
    }

    [Fact]
    public void Every_figure_is_exported_as_table_and_picture()
    {
        Show("#f=offsets");
        var rows = Exported("csv", "components-offsets").Trim().Split("\r\n");
        Assert.Equal("offset,head,query term,key term,number", rows[0].Trim('\ufeff'));
        Assert.Equal(1 + (2 * 5 * 9), rows.Length);
        Assert.Equal("1,L2H0,1,bias,1", rows[1 + (((5 + 1) * 9) + 5)]);
        Assert.Equal("svg", XDocument.Parse(Exported("svg", "components-offsets")).Root!.Name.LocalName);
        Assert.Equal("{\"kind\":\"components\"}", Exported("json", "components"));
    }

    [Fact]
    public void A_narrow_page_does_not_scroll_sideways()
    {
        Show();
        Resize(390, 844);
        Assert.True(Script<bool>("return document.documentElement.scrollWidth <= innerWidth"));
    }

    void Show(string address = "") => Open(
        ComponentsPage.Render(
            SampleComponents.Report, SampleComponents.Token, new() { Json = "{\"kind\":\"components\"}" }),
        address);

    void Hover(int row, int column)
    {
        var (x, y) = CentreOfCell("#heat", row, column);
        Mouse().MoveToLocation((int)x, (int)y).Perform();
    }

    string[] Pickers() => [.. All("#pickers select").Select(picker => picker.GetDomProperty("value")!)];

    IEnumerable<string> Details() => All("#info dd").Select(fact => fact.Text);
}
