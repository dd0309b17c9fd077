using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>What a page says about a selected link: why a head attends along it, and what its number is.</summary>
public sealed class ExplainedLinkTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_selected_link_lists_its_pairs()
    {
        Open(SampleTrace.Explained(SampleTrace.FivePaths()), "#n=e1");
        Assert.Equal("0.75000", Detail("Attention"));
        Assert.Equal("+4.0000", Detail("Attention score"));
        Assert.Equal("+4.0000", Detail("L1H0 · embed"));
        Assert.Equal("-2.0000", Detail("0_mlp_out · L2H13"));
        Assert.Equal("+0.1250", Detail("embed · embed"));
        Assert.Equal("+1.1250", Detail("All other pairs"));
        Assert.Equal("-0.2500", Detail("Position alone"));
        Assert.Single(All("#info dt"), term => term.Text == "Attention");
        // All of it can be seen at once.
        Assert.True(Script<bool>("""
            const card = document.querySelector('.details');
            return card.scrollHeight <= card.clientHeight;
            """));
        Click("#table summary");
        Click("[data-pick='e0']");
        Assert.Equal("+3.0000", Detail("Attention score"));
        Press("[");
        Assert.Equal("", Detail("Attention score"));
    }

    [Fact]
    public void A_link_without_an_explanation_has_none()
    {
        var trace = SampleTrace.Explained(SampleTrace.FivePaths());
        Open(trace with { Explanations = [.. trace.Explanations.Skip(1)] }, "#n=e0");
        Assert.Equal("0.50000", Detail("Attention"));
        Assert.Equal("", Detail("Attention score"));
    }

    [Fact]
    public void Each_view_writes_the_table_that_a_page_of_it_alone_has()
    {
        ImmutableArray<TraceResult> traces =
            [.. SampleTrace.LayersAndHeads().Select(one => SampleTrace.Explained(one) with { Options = one.Options })];
        Open(TracePage.Render(traces));
        Press(",", ">");
        Until(() => (Data("layer"), Data("heads")) == ("3", "1"));
        var shown = Table();
        Open(TracePage.Render(traces.Single(one => one.Layer == 3 && one.Options.Heads.Heads[0] == 1)));
        Assert.Equal(Table(), shown);
        Assert.Contains("L1H0 · embed +4.0000; 0_mlp_out", shown, StringComparison.Ordinal);

        string Table() => Script<string>("""
            return [...document.querySelectorAll('#table tr')].map((row) =>
              [...row.children].map((cell) => cell.textContent.trim()).join('|')).join('\n')
            """);
    }

    [Fact]
    public void The_CSV_has_them_in_columns_of_their_own()
    {
        Open(SampleTrace.Explained(SampleTrace.FivePaths()));
        var lines = Exported("csv").Split("\r\n");
        Assert.EndsWith(",attention_score,position_alone,largest_pairs", lines[0], StringComparison.Ordinal);
        Assert.Contains(
            ",3,-0.25,L1H0 · embed +4.0000; 0_mlp_out · L2H13 -2.0000;", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1366)]
    [InlineData(390)]
    public void Nothing_beside_the_table_is_wider_than_the_page(int width)
    {
        Resize(width, 900);
        Open(SampleTrace.Explained(SampleTrace.FivePaths()), "#n=e1");
        Click("#table summary");
        Assert.Equal(
            Number("document.documentElement.clientWidth"), Number("document.documentElement.scrollWidth"));
    }

    [Fact]
    public void A_weight_is_called_one_wherever_it_is_shown()
    {
        var trace = SampleTrace.Weighted(SampleTrace.Explained(SampleTrace.FivePaths()), AttentionWeights.Info);
        Open(trace, "#n=e1");
        Assert.Equal("0.75000", Detail("Weight (info)"));
        Assert.NotEqual("", Detail("Share × weight (info)"));
        // The attention that is explained is not the number of the link.
        Assert.Equal("0.75000", Detail("Attention"));
        Press("w");
        Click("[data-set=width][value=attention]");
        Assert.Contains("share × weight (info)", Find("#legend").Text, StringComparison.Ordinal);
        Mouse().MoveToElement(Find(".hold[data-edge='1']")).Perform();
        Until(() => Find("#tip").Text.Contains(" · weight (info) 0.75000 · ", StringComparison.Ordinal));
        Open(trace, "#n=n19");
        Assert.NotEqual("", Detail("Weight (info) of target"));
        Assert.NotEqual("", Detail("Weight (info) of itself, not traced"));
        Assert.Equal("", Detail("Target attends to it"));
        var csv = Exported("csv");
        Assert.Contains(",weight_info,path_share,share_x_weight_info,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sides_of_different_weights_name_their_own_numbers()
    {
        Open(ComparePage.Render(
            SampleTrace.FivePaths(), SampleTrace.Weighted(SampleTrace.FivePaths(), AttentionWeights.Value)), "#n=ae1");
        Assert.Equal("0.75000", Detail("Attention in A"));
        Assert.Equal("0.75000", Detail("Weight (value) in B"));
        var csv = Exported("csv", "compare");
        Assert.Contains(",a_attention,a_share,", csv, StringComparison.Ordinal);
        Assert.Contains(",b_weight_value,b_share,", csv, StringComparison.Ordinal);
        Assert.Contains("\"weight_value\": 0.75", Exported("json", "compare"), StringComparison.Ordinal);
    }
}
