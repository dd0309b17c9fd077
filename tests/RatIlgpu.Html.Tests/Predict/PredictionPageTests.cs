using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Predict;

public sealed class PredictionPageTests
{
    static readonly string Html = Page(SamplePredictions.Report());

    [Fact]
    public void The_same_tables_give_the_same_page() => Assert.Equal(Html, Page(SamplePredictions.Report()));

    [Fact]
    public void A_page_needs_nothing_from_outside_and_its_policy_allows_its_own_script_only() => IsAlone(Html);

    [Fact]
    public void Script_and_style_keep_to_their_budget()
    {
        Assert.InRange(Bytes(Between(Html, "<script type=\"module\">", "</script>")), 10_000, 40_000);
        Assert.InRange(Bytes(Between(Html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Fact]
    public void The_facts_say_which_heads_and_how_they_were_chosen()
    {
        Assert.Contains("<h1>Salt &amp; pepper</h1>", Html, StringComparison.Ordinal);
        Assert.Contains(
            "<dt>Heads<dd>L1H3, L2H11, of all those whose zeroing changes the predictions most</div>", Html,
            StringComparison.Ordinal);
        Assert.Contains(
            "<dt>Heads<dd>L1H3, L2H11</div>", Page(SamplePredictions.Report() with { AreChosen = false }),
            StringComparison.Ordinal);
        Assert.Contains("<dt>Prompts<dd>3</div>", Page(SamplePredictions.Report(3)), StringComparison.Ordinal);
        Assert.Contains(
            "<h1>Predictions without heads and values</h1>",
            PredictionPage.Render(SamplePredictions.Report(), SamplePredictions.Token).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_every_condition_without_script()
    {
        var report = SamplePredictions.Report();
        var rows = Rows(Html, "table");
        Assert.Equal(report.Prompts[0].Rows.Length, rows.Length);
        Assert.Matches("^<td>baseline<td>= <bdi>[^<]+</bdi> [0-9.]+ %<td>–<td>–<td>–<td>–<td>–$", rows[0].TrimEnd());
        var row = report.Prompts[0].Rows[1];
        Assert.StartsWith(
            $"<td>L1H3: outputs at t<td>{(row.IsSame ? '=' : '≠')} <bdi>", rows[1], StringComparison.Ordinal);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"<td>{row.Divergence:F3}<td><bdi>"), rows[1],
            StringComparison.Ordinal);
        Assert.Equal(6, Regex.Count(rows[1], "</bdi> (&#x2B;|−)"));
    }

    [Fact]
    public void Of_several_prompts_there_is_a_table_of_what_each_condition_changes()
    {
        Assert.DoesNotContain("id=\"summary\"", Html, StringComparison.Ordinal);
        var report = SamplePredictions.Report(3);
        var rows = Rows(Page(report), "summary");
        Assert.Equal(6, rows.Length);
        var last = report.Summary()[^1];
        Assert.StartsWith(
            $"<td>all layers: values up to t<td>{last.Changed} of 3<td>", rows[5], StringComparison.Ordinal);
        Assert.Contains(
            $"<td>{PredictionWords.Signed(last.LogProbabilityChange.Mean)}<td>", rows[5], StringComparison.Ordinal);
        Assert.Equal(
            ["1: When Mary and John↵", "2: binomials 1", "3: binomials 2"],
            Regex.Matches(Page(report), "<option value=\"\\d\">([^<]*)").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void A_long_list_of_prompts_says_how_much_its_table_leaves_out()
    {
        var page = Page(SamplePredictions.Report(200, top: 1));
        Assert.Equal(1000, Rows(page, "table").Length);
        Assert.Contains("The first 1,000 of 1,400 predictions, and ", page, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_no_pictures_to_export() => Assert.Equal(
        ["json", "csv"], Regex.Matches(Html, "id=\"export-(\\w+)\"").Select(match => match.Groups[1].Value));

    [Fact]
    public void An_explanation_stands_on_the_page_where_it_is_asked_for()
    {
        Assert.DoesNotContain("class=\"card explain\"", Html, StringComparison.Ordinal);
        Assert.Contains(
            "class=\"card explain\" open",
            Page(SamplePredictions.Report(), SamplePredictions.Told with { HelpText = true }),
            StringComparison.Ordinal);
    }

    // One prediction, of one token: nothing is generated.
    [Fact]
    public void Nothing_on_the_page_speaks_of_generated_text() =>
        Assert.DoesNotContain("generat", Between(Html, "<body>", "<script"), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Hostile_tokens_titles_and_conditions_stay_text()
    {
        var (report, tokens) = SamplePredictions.Hostile();
        var html = PredictionPage.Render(report, tokens, new()
        {
            Title = "</title><b>",
            Model = new("</dd><img>", 1, 1),
        }).Html;
        Assert.Equal(3, Regex.Count(html, "<script"));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
    }

    [Fact]
    public void What_cannot_be_a_page_is_refused()
    {
        Assert.Equal(
            "There is no table, expected one or more.", Refusal(() => Page(SamplePredictions.Report(0))));
        Assert.Matches(
            "^The data of the page take [0-9,]+ bytes for 3 tables with up to 6 tokens that rise and as many that fall "
            + "in a row, and may take 1,000 bytes in all. Choose fewer prompts, heads or tokens, or allow it with "
            + "MaxBytes ",
            Refusal(() => Page(SamplePredictions.Report(3), SamplePredictions.Told with { MaxBytes = 1000 })));
    }

    static string Refusal(Action render) => Assert.Throws<ArgumentException>(render).Message;

    static string[] Rows(string html, string id) =>
        Between(Between(html, $"id=\"{id}\"", "</details>"), "<tbody>", "</tbody>").Trim().Split("\n")
            .Select(row => row.Replace("<tr>", "", StringComparison.Ordinal)).ToArray();

    static string Page(PredictionTableReport report, PredictionPageOptions? options = null) =>
        PredictionPage.Render(report, SamplePredictions.Token, options ?? SamplePredictions.Told).Html;
}
