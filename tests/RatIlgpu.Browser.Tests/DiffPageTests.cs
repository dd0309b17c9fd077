using System.Text.Json;
using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of two checkpoints, read by pointer and keys.</summary>
public sealed class DiffPageTests(Chromium chromium) : PageTests(chromium)
{
    static readonly CheckpointDiff Sample = SampleDiff.Of();

    [Fact]
    public void The_page_makes_no_request_and_logs_nothing() => AssertAlone(() => OpenDiff());

    [Fact]
    public void Heads_are_large_enough_for_a_finger()
    {
        Resize(390, 844, isTouched: true);
        OpenDiff();
        Assert.All(All(".by-role button, .ranks tbody button"), button => Assert.Equal(44, button.Size.Height));
    }

    [Fact]
    public void A_head_that_is_clicked_shows_all_its_numbers()
    {
        OpenDiff();
        ClickCell("grid", 2, 5, 8);
        Assert.Equal("2.5", Data("sel"));
        Assert.Equal("L2H5", Plain("Head"));
        Assert.Equal("1", Plain("Key/value head"));
        var head = Sample.Texts!.Heads[(2 * 8) + 5];
        Assert.Equal(
            FormattableString.Invariant($"{head.Mean.JensenShannon:F4}, most 0.6000"),
            Plain("Jensen-Shannon divergence"));
        // The change of its block is 2 · 6 / 4 of 4; more directions than are looked for.
        Assert.Equal("75.00 %, rank > 64", Plain("Output"));
        // It reads the second key head, of which the change is 2 · 2 / 4 of 4.
        Assert.Equal("25.00 %, rank 2 (effective 1.5)", Plain("Key"));
        ClickCell("grid", 2, 5, 8);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void A_weight_is_kept_in_its_matrix()
    {
        OpenDiff();
        ClickCell("matrix", 1, 1, 12);
        Assert.Equal("w1.1", Data("sel"));
        Assert.Equal("64 × 32", Plain("Shape"));
        Assert.Equal("BF16 → F32", Plain("Format"));
        Assert.Equal("> 64", Plain("Rank of the change"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
        Assert.Equal("0.9000", Plain("Layer 1"));
    }

    [Fact]
    public void A_cell_has_the_colour_of_the_chosen_number()
    {
        OpenDiff();
        foreach (var (id, number) in new (string, Func<int, int, double?>)[]
        {
            ("js", (layer, head) => Sample.Texts!.Heads[(layer * 8) + head].Mean.JensenShannon),
            ("output", (layer, head) => Sample.BlockOf(new(layer, head), WeightPart.Output)!.Value.Relative),
            ("score-previous", (layer, head) => Sample.Scores!.Changes.Single(change =>
                change.Head == new HeadIndex(layer, head) && change.ScoreId == "previous").Difference),
        })
        {
            Find($"#measure option[value='{id}']").Click();
            Assert.Equal(id, Data("measure"));
            var numbers = Enumerable.Range(0, 32).Select(head => number(head / 8, head % 8)!.Value).ToList();
            var (most, signed) = (numbers.Max(Math.Abs), id.StartsWith("score", StringComparison.Ordinal));
            foreach (var (layer, head) in new[] { (0, 3), (1, 2), (3, 7) })
                Assert.Equal(
                    Ramp(numbers[(layer * 8) + head] / most, signed), Pixel(layer, head, 4, 8),
                    (one, other) => one.Zip(other).All(pair => Math.Abs(pair.First - pair.Second) <= 1));
        }
    }

    [Fact]
    public void Heads_are_listed_by_the_size_of_the_chosen_number()
    {
        OpenDiff();
        Find("#measure option[value='score-previous']").Click();
        string[] expected =
        [
            .. Sample.Scores!.Changes.Where(change => change.ScoreId == "previous")
                .OrderByDescending(change => Math.Abs(change.Difference)).Select(change => $"{change.Head}"),
        ];
        Assert.Equal(expected.Take(20), Listed());
        ScrollTo("#more");
        Click("#more");
        Assert.Equal(expected, Listed());
        ScrollTo("#rows tr:nth-child(3) button");
        Click("#rows tr:nth-child(3) button");
        Assert.Equal(expected[2], Plain("Head"));
        Assert.EndsWith(", differs", Plain("B − A"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_was_not_measured_is_no_number()
    {
        OpenDiff("#m=score-induction&n=0.0");
        Assert.Equal("L0H0", Plain("Head"));
        Assert.Equal("gained in B", Plain("Previous token"));
        Assert.DoesNotContain("L0H0", Listed());
        Assert.Equal(31, Script<long>("return Number(document.querySelector('#more').textContent.match(/\\d+/)[0])"));
    }

    [Fact]
    public void A_token_tells_its_divergence_and_what_both_models_predict()
    {
        OpenDiff();
        Assert.Equal("7", Token(4).GetDomAttribute("data-h"));
        Assert.NotNull(Token(4).GetDomAttribute("data-on"));
        Assert.Null(Token(5).GetDomAttribute("data-on"));
        ScrollTo("#toks");
        Mouse().MoveToElement(Token(4)).Click().Perform();
        Assert.Equal("t0.4", Data("sel"));
        Assert.Equal("2.0000 nats", Plain("KL(A ‖ B)"));
        Assert.Contains("·Mary", Plain("A predicts"), StringComparison.Ordinal);
        Assert.EndsWith("75.0 % → 12.5 %", Plain("A predicts"), StringComparison.Ordinal);
        Find("#text option[value='2']").Click();
        Assert.Equal(("2", ""), (Data("text"), Data("sel")));
        Assert.NotNull(Token(2).GetDomAttribute("data-on"));
    }

    [Fact]
    public void A_prediction_of_the_table_opens_its_text()
    {
        OpenDiff();
        ScrollTo("[data-at='1.3']");
        Click("[data-at='1.3']");
        Assert.Equal(("t1.3", "1"), (Data("sel"), Data("text")));
        Assert.Equal("true", Token(3).GetDomAttribute("aria-current"));
    }

    [Fact]
    public void A_role_that_was_lost_opens_its_head()
    {
        OpenDiff();
        Click(".by-role button[data-n='3.7']");
        Assert.Equal("L3H7", Plain("Head"));
        Assert.Equal("true", Find(".by-role button[data-n='3.7']").GetDomAttribute("aria-pressed"));
    }

    [Fact]
    public void Keys_reach_heads_numbers_and_texts()
    {
        OpenDiff();
        Script<object?>("document.querySelector('#grid .heat-body').focus()");
        Press(Keys.ArrowDown, Keys.ArrowDown, Keys.ArrowRight, Keys.Enter);
        Assert.Equal("1.1", Data("sel"));
        Press("]");
        Assert.Equal("1.2", Data("sel"));
        Press("[", "[");
        Assert.Equal("1.0", Data("sel"));
        Press(".");
        Assert.Equal("moved", Data("measure"));
        Press(",", ",");
        Assert.Equal("score-previous", Data("measure"));
        Press("}");
        Assert.Equal("1", Data("text"));
        Press("/", "L3H2", Keys.Enter);
        Assert.Equal("3.2", Data("sel"));
        Assert.Equal("1 found", Find("#hits").Text);
    }

    [Fact]
    public void The_address_reopens_the_same_view_and_what_names_nothing_is_ignored()
    {
        OpenDiff("#m=output&n=t2.7&c=root&x=1");
        Assert.Equal(
            ("output", "t2.7", "root", "2"), (Data("measure"), Data("sel"), Data("scale"), Data("text")));
        OpenDiff("#m=none&n=t9.9&c=x&x=77");
        Assert.Equal(("js", "", "linear", "0"), (Data("measure"), Data("sel"), Data("scale"), Data("text")));
        OpenDiff("#n=w9.1");
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void Numbers_are_exported_as_tables_data_and_pictures()
    {
        OpenDiff("#m=output");
        var table = Exported("csv", "diff").Split("\r\n");
        Assert.Equal("\ufeffhead,layer,number,js,moved,query,key,value,output,query-bias,key-bias,value-bias,"
            + "score-induction,score-previous", table[0]);
        Assert.Equal(32 + 2, table.Length);
        Assert.Equal(DiffJson.Write(Sample), Exported("json", "diff"));
        using var json = JsonDocument.Parse(Exported("json", "diff"));
        Assert.Equal("diff", json.RootElement.GetProperty("kind").GetString());
        var picture = System.Xml.Linq.XDocument.Parse(Exported("svg", "diff"));
        Assert.Contains(picture.Descendants(), one => one.Value.Contains("Output, relative change",
            StringComparison.Ordinal));
        Assert.True(Export("png", "diff").Length > 1000);
    }

    [Fact]
    public void Hostile_tokens_and_names_stay_text()
    {
        Open(DiffPage.Render(SampleDiff.Hostile()));
        Assert.Empty(All("img"));
        Assert.Equal("</script><img·src=x·onerror=alert(1)>", Token(0).Text);
        Assert.StartsWith("\"'><img·src=x>", Token(1).Text, StringComparison.Ordinal);
        Find("#measure optgroup:last-child option:last-child").Click();
        Assert.Equal("score-" + SampleDiff.HostileId, Data("measure"));
        ClickCell("grid", 2, 5, 8);
        Assert.Equal("L2H5", Plain("Head"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Equal_models_without_texts_and_scores_work()
    {
        AssertAlone(() => Open(DiffPage.Render(SampleDiff.Equal())));
        Assert.Equal("query", Data("measure"));
        ClickCell("grid", 1, 1, 8);
        Assert.Equal("0", Plain("Query"));
        Press("}", ".", "]");
        Assert.Null(Data("error"));
    }

    void OpenDiff(string address = "") => Open(DiffPage.Render(Sample), address);

    string[] Listed() => [.. All("#rows button").Select(button => button.GetDomProperty("textContent")!)];

    // Without the marks around token texts.
    string Plain(string term) =>
        Detail(term).Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal);

    void ClickCell(string map, int row, int column, int columns) => ClickAt(CellAt(map, row, column, 4, columns));
}
