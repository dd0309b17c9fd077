using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of a comparison of attention.</summary>
public sealed class DistancesPageTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void The_page_makes_no_request_and_logs_nothing() => AssertAlone(() => OpenPage());

    [Fact]
    public void Each_head_has_a_row_with_its_attention_and_its_difference_and_all_have_one_range()
    {
        OpenPage();
        Assert.Equal(["L3H0", "L3H1"], All(".row h3").Select(heading => heading.Text));
        Assert.Equal(4, All(".pair svg").Count);
        // Without a change, and two conditions; all with their spread.
        Assert.Equal(
            (3, 3), (All("#attention-L3H0 path.line").Count, All("#attention-L3H0 path.band").Count));
        Assert.Equal(2, All("#difference-L3H0 path.line").Count);
        Assert.Equal(TicksOf("attention-L3H0"), TicksOf("attention-L3H1"));
        Assert.Equal(TicksOf("difference-L3H0"), TicksOf("difference-L3H1"));
        Assert.Equal(
            ["0", "1", "2", "3", "4", "5", "6"],
            All("#attention-L3H1 text[text-anchor=middle]:not(.axis)").Select(tick => tick.Text));
        Assert.Contains("Offset from query", Find("#difference-L3H1").Text, StringComparison.Ordinal);
        Assert.Equal(
            ["without a change", "values of L2H1 zero", "values of L2H3 knock-out"],
            All("#lines .key").Select(key => key.Text));
    }

    [Fact]
    public void More_numbers_than_a_call_takes_arguments_are_drawn()
    {
        // Three lines of each head, with two ends at each distance: a call takes some 125,000 arguments.
        const int Heads = 48, Count = 500;
        Open(AblationPage.Render(Longer(SampleAblation.Distances(Heads), Count), SampleAblation.Token, new()
        {
            Model = SampleAblation.Told.Model,
            MaxBytes = 100 << 20,
        }));
        Assert.Equal(Heads, All(".row h3").Count);
        Assert.Equal(3, All("#attention-L3H47 path.line").Count);
        Assert.Equal(Count, All("#difference-L3H47 .hold").Count);
    }

    [Fact]
    public void A_place_of_a_figure_has_its_numbers_in_the_details()
    {
        OpenPage();
        Mouse().MoveToElement(All("#attention-L3H1 .hold")[2]).Perform();
        Assert.Equal(
            ("L3H1", "2", "0.500 ± 0.125", "0.625 ± 0.125", "0.125 ± 0.125", "4"),
            (Detail("Head"), Detail("Offset"), Detail("Without a change"), Detail("values of L2H1 zero"),
                Detail("Difference"), Detail("Samples")));
        Assert.Equal(3, All("#attention-L3H1 circle").Count);
        Mouse().MoveToElement(All("#difference-L3H0 .hold")[1]).Perform();
        Assert.Equal("L3H0", Detail("Head"));
        Assert.Empty(All("#attention-L3H1 circle"));
    }

    [Fact]
    public void One_condition_alone_can_be_shown_and_the_address_keeps_it()
    {
        OpenPage("#c=1&s=2");
        Assert.Equal(("1", "2"), (Data("condition"), Data("sample")));
        Assert.Equal(2, All("#attention-L3H0 path.line").Count);
        Click("h1");
        Press("[");
        Assert.Equal("0", Data("condition"));
        Find("#condition option[value=all]").Click();
        Assert.Equal(3, All("#attention-L3H0 path.line").Count);
        OpenPage("#c=7&s=9");
        Assert.Equal(("all", "1"), (Data("condition"), Data("sample")));
    }

    [Fact]
    public void The_exported_files_are_those_of_the_command()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var origin = new TraceOrigin { Title = "T", Command = "c \"é\"", Version = "1" };
        Open(AblationPage.Render(SampleAblation.Distances(), model.Tokenizer.Token, new()
        {
            Model = TracedOf(model),
            Origin = origin,
        }));
        AssertExports(AblationJson.Write(SampleAblation.Distances(), model, origin), "ablate");
        var rows = Exported("csv", "ablate").TrimStart('\ufeff').Split("\r\n");
        Assert.Equal(
            "condition,head,offset,before,before_spread,before_count,after,after_spread,after_count,difference,"
            + "difference_spread,difference_count,difference_error", rows[0]);
        Assert.Equal(2 + (2 * 2 * 7), rows.Length);
        Assert.Contains("L3H1: attention, all", Exported("svg", "ablate"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        OpenPage();
        InSandbox(File.ReadAllText(Folder.Path("page.html")), () =>
        {
            Find("#condition option[value='1']").Click();
            Assert.Equal("1", Data("condition"));
        });
    }

    static AttentionComparison Longer(AttentionComparison comparison, int count)
    {
        return comparison with { Heads = [.. comparison.Heads.Select(Head)] };

        HeadDistances Head(HeadDistances head) => head with
        {
            Before = Repeated(head.Before),
            Conditions = [.. head.Conditions.Select(Changed)],
        };

        ChangedDistances Changed(ChangedDistances changed) =>
            new(Repeated(changed.After), Repeated(changed.Difference));

        ValueArray<MeanAndSpread> Repeated(ValueArray<MeanAndSpread> numbers) =>
            [.. Enumerable.Range(0, count).Select(place => numbers[place % numbers.Length])];
    }

    string[] TicksOf(string figure) => [.. All($"#{figure} text[text-anchor=end]").Select(tick => tick.Text)];

    void OpenPage(string address = "") => Open(
        AblationPage.Render(SampleAblation.Distances(), SampleAblation.Token, SampleAblation.Told), address);
}
