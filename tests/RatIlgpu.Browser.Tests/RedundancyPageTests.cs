using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The pages of the redundancy test and of the offset sweep.</summary>
public sealed class RedundancyPageTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void The_pages_make_no_request_and_log_nothing()
    {
        AssertAlone(() => OpenTest());
        AssertAlone(() => OpenSweep());
    }

    [Fact]
    public void Seven_bars_have_the_numbers_of_a_layer()
    {
        OpenTest();
        Assert.Equal(7, All("#plot .fill").Count);
        Assert.Contains("none, A and B of own values", Find("#plot").Text, StringComparison.Ordinal);
        Assert.Contains("1.250 ± 0.250", Find("#plot").Text, StringComparison.Ordinal);
        // More than 1 is beyond the dotted line.
        Assert.True(Number("document.querySelector('#plot .fill').getBBox().width")
            > Number("document.querySelector('#plot .dotted').getBBox().x"));
        Find("#layer option[value='3']").Click();
        Assert.Equal(6, All("#plot .fill").Count);
        Assert.Contains("no output", Find("#plot").Text, StringComparison.Ordinal);
        Click("h1");
        Press(",");
        Assert.Equal("2", Data("layer"));
        Click("[data-set=measure][value=cosine]");
        Assert.Contains("0.500 ± 0.125", Find("#plot").Text, StringComparison.Ordinal);
        Mouse().MoveToElement(All("#plot .hold")[1]).Perform();
        Assert.Equal("none, B of all heads", Detail("Comparison"));
        Assert.Equal("3", Detail("Samples"));
    }

    // With a bar below 0, the line of 0 is no longer at the edge, where the names begin.
    [Fact]
    public void No_line_crosses_the_name_or_the_number_of_a_bar()
    {
        var report = SampleAblation.Redundancy();
        Open(AblationPage.Render(
            report with
            {
                Comparisons = [.. report.Comparisons.Select(one => one.Pair == RedundancyPair.Values
                    ? one with { Projection = new(-0.75, 0.25, 3) }
                    : one)],
            },
            SampleAblation.Token, SampleAblation.Told));
        Assert.Single(All("#plot .zero"));
        Assert.Equal(0L, Script<long>("""
            const names = [...document.querySelectorAll('#plot .label')].map((name) => name.getBBox());
            const lines = [...document.querySelectorAll('#plot :is(.rule, .zero, .dotted)')].flatMap((line) =>
              [...line.getAttribute('d').matchAll(/M([-\d.]+) ([-\d.]+)v([-\d.]+)/g)].map((part) => part.map(Number)));
            if (lines.length === 0 || names.length === 0) return -1;
            return lines.filter(([, x, top, size]) => names.some((name) => x > name.x && x < name.x + name.width
              && top < name.y + name.height - 1 && top + size > name.y)).length;
            """));
    }

    [Fact]
    public void A_sweep_has_three_curves_and_a_line_of_the_heads_alone()
    {
        OpenSweep();
        Assert.Equal(4, All("#plot path.line").Count);
        Assert.Equal(6, All("#plot .hold").Count);
        Assert.Single(All("#plot .dotted"));
        Mouse().MoveToElement(All("#plot .hold")[0]).Perform();
        Assert.Equal(
            ("1", "0.250 ± 0.125", "0.500 ± 0.125", "-0.250"),
            (Detail("Distance"), Detail("Values alone"), Detail("Values and heads"), Detail("Difference")));
        Mouse().MoveToElement(All("#plot .hold")[2]).Perform();
        Assert.Equal(("no output", "no output"), (Detail("Values and heads"), Detail("Difference")));
    }

    [Fact]
    public void The_text_of_a_sample_marks_its_position()
    {
        OpenSweep("#s=2");
        Assert.Equal("7", Find(".t[data-changed]").GetDomAttribute("data-i"));
        Press("{");
        Assert.Equal("6", Find(".t[data-changed]").GetDomAttribute("data-i"));
        Click(".t[data-i='4']");
        Assert.Equal("4", Data("sel"));
        Assert.Contains("2 before t", Find("#tip").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_opens_what_was_seen()
    {
        OpenSweep("#s=2&m=cosine&l=3&n=5");
        Assert.Equal(("2", "cosine", "3", "5"), (Data("sample"), Data("measure"), Data("layer"), Data("sel")));
        OpenSweep("#s=7&m=x&l=1&n=99");
        Assert.Equal(("1", "projection", "2", ""), (Data("sample"), Data("measure"), Data("layer"), Data("sel")));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void The_exported_JSON_is_that_of_the_library()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var origin = new TraceOrigin { Title = "T", Command = "c \"é\"", Version = "1" };
        var options = new AblationPageOptions { Model = TracedOf(model), Origin = origin };
        Open(AblationPage.Render(SampleAblation.Redundancy(), model.Tokenizer.Token, options));
        AssertExports(AblationJson.Write(SampleAblation.Redundancy(), model, origin), "ablate");
        Open(AblationPage.Render(SampleAblation.Sweep(), model.Tokenizer.Token, options));
        AssertExports(AblationJson.Write(SampleAblation.Sweep(), model, origin), "ablate");
        var rows = Exported("csv", "ablate").TrimStart('\ufeff').Split("\r\n");
        Assert.StartsWith(
            "layer,offset,values_projection,values_projection_spread,", rows[0], StringComparison.Ordinal);
        Assert.Equal(14, rows.Length);
        Assert.Contains("Distance o of the values, in tokens", Exported("svg", "ablate"), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_components_are_taken_out_the_pages_speak_of_them_and_their_JSON_names_them()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var components = new AblatedComponents(
            Decomposition.Svd(model.Network, 2, DecompositionKind.MatrixSvd), [new(AttentionProjection.Query, 0)]);
        AblationPageOptions options = new() { Model = TracedOf(model) };
        var sweep = SampleAblation.Sweep() with { Components = components };
        Open(AblationPage.Render(sweep, model.Tokenizer.Token, options));
        Assert.Equal("Values by distance, with components and without", Find("h1").Text);
        Assert.Equal(
            ["values alone", "values and components", "difference", "components alone"],
            All("#lines .key").Select(key => key.Text));
        Assert.Equal("L2 query component 0", Detail("Components"));
        Assert.Equal("0.500 ± 0.125", Detail("Without the components alone"));
        AssertExports(AblationJson.Write(sweep, model), "ablate");
        var test = SampleAblation.Redundancy() with { Components = components };
        Open(AblationPage.Render(test, model.Tokenizer.Token, options));
        Assert.Equal("Redundancy of components and values", Find("h1").Text);
        AssertExports(AblationJson.Write(test, model), "ablate");
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        OpenTest();
        InSandbox(File.ReadAllText(Folder.Path("page.html")), () =>
        {
            Click("[data-set=measure][value=cosine]");
            Assert.Equal("cosine", Data("measure"));
        });
    }

    void OpenTest(string address = "") => Open(
        AblationPage.Render(SampleAblation.Redundancy(), SampleAblation.Token, SampleAblation.Told), address);

    void OpenSweep(string address = "") =>
        Open(AblationPage.Render(SampleAblation.Sweep(), SampleAblation.Token, SampleAblation.Told), address);
}
