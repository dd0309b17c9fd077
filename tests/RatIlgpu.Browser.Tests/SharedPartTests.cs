using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The scripts that pages share, on the pages that use them.</summary>
public sealed class SharedPartTests(Chromium chromium) : PageTests(chromium)
{
    static HtmlPage Compared => ComparePage.Render(
        SampleTrace.FivePaths(), SampleTrace.Of(SampleTrace.Sentence, ([19, 4, 0], [0.5, 0.5])));

    [Fact]
    public void Other_columns_are_shown_whole()
    {
        Open();
        Click("#zoom-in");
        Until(() => Driver.Url.Contains("z=", StringComparison.Ordinal));
        Click("button[data-set='cols'][value='position']");
        Until(() => Driver.Url.EndsWith("#c=position", StringComparison.Ordinal));
    }

    [Fact]
    public void The_ribbons_of_a_picked_link_are_highlighted()
    {
        Open(address: "#n=e0");
        Assert.NotEmpty(All(".ln[data-picked]"));
        Assert.Equal(All(".ln[data-edge='0']").Count, All(".ln[data-picked]").Count);
        Assert.All(All(".ln[data-picked]"), line => Assert.Equal("0", line.GetDomAttribute("data-edge")));
    }

    [Fact]
    public void A_number_finds_the_token_at_this_position()
    {
        Open(address: "#q=15");
        Assert.Equal("1 found", Find("#hits").Text);
        Assert.Equal("15", Assert.Single(All(".t[data-hit]")).GetDomAttribute("data-i"));
    }

    [Fact]
    public void Found_tokens_stay_marked_in_other_columns()
    {
        Open(Compared, "#q=Mary");
        Assert.NotEmpty(All("#flow-a .nd[data-hit]"));
        Click("button[data-set='cols'][value='position']");
        Assert.NotEmpty(All("#flow-a .nd[data-hit]"));
    }

    [Fact]
    public void A_path_of_the_table_is_outlined_in_its_diagram()
    {
        Open(Compared);
        Mouse().MoveToElement(Find("#paths button[data-pick='ap0']")).Perform();
        Assert.NotEmpty(All("#flow-a .ln[data-over]"));
        Assert.All(All("#flow-a .ln[data-over]"), line => Assert.Equal("0", line.GetDomAttribute("data-beam")));
    }

    [Fact]
    public void A_picked_link_stays_picked_in_a_layer_that_has_it_too()
    {
        var layers = SampleTrace.TwoLayers();
        int[] links = [.. layers.Select(trace => trace.Sankey.Links.Index()
            .Single(link => (link.Item.Source, link.Item.Target) == (4, 19)).Index)];
        Assert.NotEqual(links[0], links[1]);
        Open(TracePage.Render(layers), $"#n=e{links[1]}&l=7");
        Press(",");
        Assert.Equal(("3", $"e{links[0]}"), (Data("layer"), Data("sel")));
    }
}
