using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class NotebookTests(Chromium chromium) : PageTests(chromium)
{
    // A notebook with rules and a script of its own, around the output of a cell.
    const string Before = """
        <!doctype html><html data-page="notebook"><head><style>
        h1 { font-size: 99px !important } .card { display: none } :root { --surface: red }
        </style></head><body><h1>Notebook</h1>
        """;

    [Fact]
    public void A_page_below_a_cell_starts_and_takes_clicks()
    {
        Show();
        Driver.SwitchTo().Frame(Find("iframe"));
        try
        {
            Until(() => Data("ready") == "1");
            Click(".nd[data-node='15'] rect");
            Assert.Equal("n15", Data("sel"));
        }
        finally
        {
            Driver.SwitchTo().DefaultContent();
        }
    }

    [Fact]
    public void Styles_of_page_and_notebook_do_not_touch_each_other()
    {
        Show();
        const string Size = "getComputedStyle(document.querySelector('h1')).fontSize";
        Assert.Equal("99px", Script<string>("return " + Size));
        Driver.SwitchTo().Frame(Find("iframe"));
        try
        {
            Until(() => Data("ready") == "1");
            Assert.Equal("18px", Script<string>("return " + Size));
            Assert.True(Find(".diagram").Displayed);
        }
        finally
        {
            Driver.SwitchTo().DefaultContent();
        }
    }

    [Fact]
    public void The_frame_has_no_way_into_the_notebook()
    {
        Show();
        Driver.SwitchTo().Frame(Find("iframe"));
        try
        {
            Assert.Equal("null", Script<string>("return origin"));
            Assert.Equal("closed", Script<string>("try { return parent.document.title } catch { return 'closed' }"));
        }
        finally
        {
            Driver.SwitchTo().DefaultContent();
        }
    }

    void Show()
    {
        using var shown = new StringWriter();
        Assert.True(new PageFormatter().Format(TracePage.Render(SampleTrace.FivePaths()), shown));
        Load(Before + shown + "</body></html>");
    }
}
