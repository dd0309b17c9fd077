using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of prediction tables, read by pointer and keys.</summary>
public sealed class PredictionPageTests(Chromium chromium) : PageTests(chromium)
{
    static readonly PredictionTableReport Report = SamplePredictions.Report(3);

    [Fact]
    public void The_page_makes_no_request_and_logs_nothing() => AssertAlone(() => OpenTables());

    [Fact]
    public void The_boxes_name_the_position_and_the_one_before_in_words()
    {
        OpenTables();
        Assert.Equal(
            ["When\n0", "·Mary\n1", "·and\n2", "·John\nt−1 = 3", "↵\nt = 4"], All(".box").Select(box => box.Text));
        Assert.Equal(3, All(".box").Select(box => box.GetCssValue("background-color")).Distinct().Count());
        Assert.StartsWith("After t = 4 the model predicts ", Find("#after").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_condition_is_a_row_with_its_tokens_and_the_baseline_has_dashes()
    {
        OpenTables();
        var rows = Report.Prompts[0].Rows;
        Assert.Equal(rows.Select(row => row.Condition.Name), All("#rows tbody th").Select(cell => cell.Text));
        Assert.Equal(
            rows.Select(row => row.IsSame ? "=" : "≠"),
            Script<IReadOnlyCollection<object>>(
                "return [...document.querySelectorAll('.mark')].map((mark) => mark.textContent)").Cast<string>());
        Assert.All(All("#rows tbody:nth-of-type(1) td").Skip(1), cell => Assert.Equal("–", cell.Text));
        for (var place = 1; place < rows.Length; place++)
        {
            var expected = rows[place].Risen.Concat(rows[place].Fallen).Select(one =>
                $"{Shown(one.Id)}\n{Signed(one.Change)}");
            Assert.Equal(expected, All($"#rows tbody:nth-of-type({place + 1}) .tk").Select(cell => cell.Text));
        }

        static string Shown(int id)
        {
            var text = TokenGlyphs.Show(SamplePredictions.Token(id), 30);
            return text.Length > 14 ? text[..13] + "…" : text;
        }

        static string Signed(double number)
        {
            var size = Math.Abs(number);
            var text = size.ToString(size >= 1 ? "F1" : size < 1e-3 ? "0.0e0" : "G2", CultureInfo.InvariantCulture);
            return (number < 0 ? "−" : "+") + text;
        }
    }

    [Fact]
    public void Small_changes_have_two_digits_and_all_digits_on_hover()
    {
        var prompt = Report.Prompts[0];
        var row = prompt.Rows[1] with
        {
            LogitChange = -0.000512345,
            LogProbabilityChange = 0.00623456,
            Divergence = 0.0000123456,
            Risen = [new(100, 0.0678125)],
            Fallen = [new(101, -0.000012345)],
        };
        Open(PredictionPage.Render(
            Report with { Prompts = [prompt with { Rows = [prompt.Rows[0], row] }] }, SamplePredictions.Token));
        Assert.Equal(
            ["−5.1e-4", "+0.0062", "1.2e-5"],
            All("#rows tbody:nth-of-type(2) td[data-full]").Select(cell => cell.Text));
        Assert.Equal(
            ["When\n+0.068", "·Mary\n−1.2e-5"], All("#rows .tk").Select(cell => cell.Text));
        Mouse().MoveToElement(All("#rows .tk")[1]).Perform();
        Assert.EndsWith("#101 · −0.000012345 · L1H3: outputs at t", Find("#tip").Text, StringComparison.Ordinal);
        Mouse().MoveToElement(All("#rows td[data-full]")[0]).Perform();
        Assert.Equal("−0.000512345 · L1H3: outputs at t", Find("#tip").Text);
        Assert.Contains("<td>−5.1e-4<td>&#x2B;0.0062<td>1.2e-5<td>", File.ReadAllText(Folder.Path("page.html")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_rises_and_what_falls_is_in_sight_together()
    {
        Resize(1366, 900);
        Open(PredictionPage.Render(SamplePredictions.Report(top: 20), SamplePredictions.Token));
        foreach (var line in (int[])[1, 2])
        {
            var right = Number(
                $"document.querySelector('#rows tbody:nth-of-type(2) tr:nth-child({line}) .tk').getBoundingClientRect()"
                + ".right");
            Assert.InRange(right, 0, 1366);
        }
    }

    [Fact]
    public void A_token_is_picked_in_all_rows_and_its_changes_are_listed()
    {
        OpenTables();
        var token = Find("#rows tbody:nth-of-type(2) .tk");
        var name = token.GetDomAttribute("data-k")!;
        Click("#rows tbody:nth-of-type(2) .tk");
        Assert.Equal(name, Data("sel"));
        Mouse().MoveToLocation(2, 2).Perform();
        Assert.Equal("token", Find("#info").GetDomAttribute("data-kind"));
        var id = Report.Prompts[0].Rows[1].Risen[0].Id;
        Assert.Equal($"{id}", Find("#info dd:nth-of-type(2)").Text);
        Assert.Equal(
            Report.Prompts[0].Rows.Count(row => row.Risen.Concat(row.Fallen).Any(one => one.Id == id)),
            All("#rows .tk[aria-pressed=true]").Count);
        Click("#rows tbody:nth-of-type(2) .tk");
        Assert.Equal("", Data("sel"));
        Click(".box:nth-child(2)");
        Assert.NotEqual("", Data("sel"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void Keys_reach_every_token()
    {
        OpenTables();
        TabTo(".tk");

        // What falls under a condition is the line below what rises.
        Press(Keys.ArrowRight, Keys.ArrowDown, Keys.ArrowDown, Keys.Enter);
        var place = Find("#rows tbody:nth-of-type(3) tr:first-child td:nth-of-type(7) .tk");
        Assert.Equal(place.GetDomAttribute("data-k"), Data("sel"));
        Press(Keys.ArrowUp, Keys.ArrowUp, Keys.ArrowUp, Keys.ArrowLeft, Keys.Enter);
        Assert.Equal(Find("#rows tbody:nth-of-type(2) .tk").GetDomAttribute("data-k"), Data("sel"));
        Press("}");
        Until(() => Data("prompt") == "2");
        Assert.Equal("binomials 1", Find("#prompt-name").Text);
        Assert.Equal(6, All(".box").Count);
        Press("{", "{");
        Until(() => Data("prompt") == "1");
        Press("/");
        Press("Mary", Keys.Enter);
        Assert.Equal("1 found", Find("#hits").Text);
        Assert.NotEmpty(All(".box[data-hit][data-on]"));
        Press(Keys.Escape, "?");
        Assert.True(Find("#help").Displayed);
    }

    [Fact]
    public void An_address_opens_what_was_seen()
    {
        OpenTables("#n=3&s=3&q=and");
        Assert.Equal(("3", "3"), (Data("sel"), Data("prompt")));
        Assert.NotEmpty(All(".box[data-hit]"));
        Find("#prompt option[value='2']").Click();
        Until(() => Data("prompt") == "2");
        Until(() => Driver.Url.Contains("s=2", StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(("3", "2"), (Data("sel"), Data("prompt")));
        OpenTables("#n=999&s=9");
        Assert.Equal(("", "1"), (Data("sel"), Data("prompt")));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void The_table_scrolls_in_itself_and_keeps_its_conditions_in_sight()
    {
        Resize(390, 844, isTouched: true);
        OpenTables();
        Assert.InRange(Number("document.documentElement.scrollWidth"), 0, 390);
        Assert.True(Script<bool>("""
            const area = document.querySelector('.rows .scroll');
            area.scrollLeft = 10000;
            return area.scrollLeft > 200;
            """));
        var left = Number("document.querySelector('#rows tbody th').getBoundingClientRect().left");
        Assert.InRange(left, 0, 20);
    }

    [Fact]
    public void Hostile_tokens_are_shown_as_text()
    {
        var (report, tokens) = SamplePredictions.Hostile();
        Open(PredictionPage.Render(report, tokens, new() { Title = "</title><img>" }));
        AssertText(report.Prompts[0].Prompt.Ids.Select(id => TokenGlyphs.Show(tokens(id), 400)), ".box bdi");
    }

    [Fact]
    public void Nothing_moves_while_the_pointer_does()
    {
        Resize(1366, 900);
        OpenTables();
        AssertStill("#rows", ((int[])[2, 3, 5]).Select(row => (Action)(() =>
            Mouse().MoveToElement(Find($"#rows tbody:nth-of-type({row}) .tk")).Perform())));
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        OpenTables();
        InSandbox(File.ReadAllText(Folder.Path("page.html")), () =>
        {
            Click("#rows tbody:nth-of-type(2) .tk");
            Assert.NotEqual("", Data("sel"));
        });
    }

    [Fact]
    public void The_exported_files_are_those_of_the_library()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        ImmutableArray<PredictionPrompt> prompts =
        [
            new([.. model.EncodePrompt("When Mary and John")], 3, "names"),
            new([.. model.EncodePrompt(" the store, é")], 2),
        ];
        var components = new AblatedComponents(
            Decomposition.Svd(model.Network, 1, DecompositionKind.MatrixSvd),
            [new(AttentionProjection.Query, 0), new(AttentionProjection.Key, 1, 2, KeyValueScope.QueryHead)]);
        var report = PredictionTable.Run(
            model.Network, prompts, new() { Heads = [new(1, 0)], Top = 4, Masked = [3] },
            _ => [new("without", []) { Components = components }, new("nothing", [])]);
        var origin = new TraceOrigin { Title = "T", Command = "c \"é\"", Version = "1" };
        Open(PredictionPage.Render(
            report, model.Tokenizer.Token, new() { Model = TracedOf(model), Origin = origin }));
        AssertExports(PredictionJson.Write(report, model, origin), "predict");
        var rows = Exported("csv", "predict-prompt1").TrimStart('\ufeff').Split("\r\n");
        Assert.StartsWith(
            "prompt,label,position,condition,name,predicted,predicted_id,logit,probability,same,logit_change,"
            + "log_probability_change,kl_divergence,risen1,risen1_change,", rows[0], StringComparison.Ordinal);
        Assert.Equal(report.Prompts[0].Rows.Length + 2, rows.Length);
        Assert.StartsWith("1,names,3,baseline,baseline, went,", rows[1], StringComparison.Ordinal);
    }

    void OpenTables(string address = "") =>
        Open(PredictionPage.Render(Report, SamplePredictions.Token, SamplePredictions.Told), address);
}
