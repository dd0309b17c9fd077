using System.Net;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests;

public sealed class ExplanationPageTests
{
    static readonly string Html = ExplanationPage.Render(SampleExplanation.Two, SampleExplanation.Text).Html;
    static readonly string SplitHtml = ExplanationPage.Render(SampleExplanation.Split, SampleExplanation.Text).Html;
    static readonly ImmutableArray<ScoreAttribution> OneKey = SampleExplanation.Of(8, new(0, 3), 0, [0], new());

    [Fact]
    public void A_page_needs_nothing_from_outside_and_its_policy_allows_its_own_script_only()
    {
        IsAlone(Html);
        IsAlone(SplitHtml);
    }

    [Fact]
    public void Script_and_style_keep_their_budgets_of_bytes()
    {
        // Of these, the matrix that several kinds of pages have takes 15,000.
        Assert.InRange(Bytes(Between(Html, "<script type=\"module\">", "</script>")), 10_000, 54_000);
        Assert.InRange(Bytes(Between(Html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Fact]
    public void Hostile_tokens_and_names_stay_text()
    {
        var prompts = (ImmutableArray<ScoreAttribution>[])
        [
            SampleExplanation.Of(SampleTrace.Hostile.Length, new(1, 2), 5, [0, 1, 4]),
            SampleExplanation.Of(6, new(1, 2), 5, [2], new() { SplitHeads = true }, verifies: true),
        ];
        var html = Page(SampleTrace.Hostile, "</title><b>", "\"><img>");
        Assert.Equal(Tags(Page(["token"], "title", "name")), Tags(html));
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);

        string Page(string[] words, string title, string name) => ExplanationPage.Render(
            prompts, SampleAttribution.Texts(words), new()
            {
                Title = title,
                Model = new(name, 1, 1),
                Origin = new() { Command = title, Version = name },
                Notices = [name],
            }).Html;
    }

    [Fact]
    public void The_numbers_of_each_view_are_those_of_the_record()
    {
        using var data = PageData.Of(Html);
        var views = data.RootElement.GetProperty("views").EnumerateArray().ToArray();
        Assert.Equal(
            ["here", "others", "here", "others"], views.Select(view => view.GetProperty("reading").GetString()));
        // A page has link after link; the record has reading after reading.
        foreach (var (view, found) in views.Zip((int[])[0, 2, 1, 3], (view, at) => (view, SampleExplanation.Two[at])))
        {
            var numbers = Planes(Html, $"view-{Array.IndexOf(views, view)}");
            Assert.Equal(
                [.. found.ByQueryPart, .. found.ByKeyPart, .. found.AttentionWithout, .. found.Pairs], numbers);
            Assert.Equal(found.Measured, view.GetProperty("measured").GetDouble());
            Assert.Equal(found.Rounding, view.GetProperty("rounding").GetDouble());
            Assert.Equal(found.PositionAlone, view.GetProperty("alone").GetDouble());
            Assert.Equal(found.KeyParts.Select(part => part.Label), Parts(view.GetProperty("keyParts").GetInt32()));
            Assert.Equal(found.QueryParts.Select(part => part.Label), Parts(view.GetProperty("queryParts").GetInt32()));
        }

        var links = data.RootElement.GetProperty("links").EnumerateArray().ToArray();
        Assert.Equal(["1.L2H1.7.2", "1.L2H1.7.5"], links.Select(link => link.GetProperty("name").GetString()));
        Assert.Equal(
            SampleExplanation.Two[0].QueryAttention,
            links[0].GetProperty("row").EnumerateArray().Select(share => share.GetDouble()));

        IEnumerable<string?> Parts(int place) => data.RootElement.GetProperty("parts")[place].EnumerateArray()
            .Select(label => label.GetString());
    }

    [Fact]
    public void Parts_that_are_the_same_are_written_once()
    {
        using var data = PageData.Of(Html);
        Assert.Equal(1, data.RootElement.GetProperty("parts").GetArrayLength());
        using var split = PageData.Of(SplitHtml);
        Assert.Equal(2, split.RootElement.GetProperty("parts").GetArrayLength());
    }

    [Fact]
    public void The_facts_name_the_link_the_reading_and_the_foil()
    {
        Assert.Contains(
            "<dt>Explains<dd>L2H1 from \u2068·the\u2069 7 to \u2068·Mary\u2069 2</div>", Html,
            StringComparison.Ordinal);
        Assert.Matches(@"<dt>Reading<dd>here: the score, -?\d+\.\d{4}</div>", Html);
        Assert.Contains("<dt>Reading<dd>foil: the score less that of \u2068&lt;|endoftext|&gt;\u2069 0, ", SplitHtml,
            StringComparison.Ordinal);
        Assert.Contains("<dt>Heads<dd>split by the token that they read</div>", SplitHtml, StringComparison.Ordinal);
        Assert.Contains("<h1>Attention score</h1>", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pairs_sum_to_the_score_and_position_alone_is_told()
    {
        var found = SampleExplanation.Two[0];
        var balance = WebUtility.HtmlDecode(Between(Html, "id=\"balance\">", "</p>"));
        var match = Regex.Match(
            balance, @"^(\d+) pairs ([-+.\d]+) \+ rounding [-.\de]+ = ([-+.\d]+); position alone ([-+.\d]+)$");
        Assert.Equal(found.Pairs.Length, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(
            [found.Pairs.Sum(), found.Measured, found.PositionAlone],
            match.Groups.Values.Skip(2).Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture)),
            (a, b) => Math.Abs(a - b) <= 5e-5);
    }

    [Fact]
    public void The_table_has_parts_and_pairs_without_script()
    {
        var found = SampleExplanation.Two[0];
        var table = Between(Html, "id=\"table\"", "</table>");
        var rows = Regex.Matches(table, @"<tr><td>(.*?)<td>(.*?)<td>(.*?)<td>(.*?)\n")
            .Select(row => row.Groups.Values.Skip(1).Select(cell => WebUtility.HtmlDecode(cell.Value)).ToArray())
            .ToList();
        Assert.Equal(found.KeyParts.Length + found.QueryParts.Length + 51, rows.Count);
        foreach (var (part, sum, without) in found.KeyParts.Zip(found.ByKeyPart, found.AttentionWithout))
            Assert.Contains(rows.Take(found.KeyParts.Length), row => row is [var name, "", var adds, var left]
                && name == part.Label && Near(adds, sum) && Near(left, without));
        foreach (var pair in found.Top(50))
            Assert.Contains(
                rows,
                row => row[0] == pair.Query.Label && row[1] == pair.Key.Label && Near(row[2], pair.Value));
        var pairs = rows[^51..].Sum(row => double.Parse(row[2], CultureInfo.InvariantCulture));
        Assert.Equal(found.Pairs.Sum(), pairs, 51 * 5e-5);
        Assert.Equal($"{found.Pairs.Length - 50} more", rows[^1][0]);
        Assert.Matches(@"L0H1 &lt;- 2 \u2068·Mary\u2069", Between(SplitHtml, "id=\"table\"", "</table>"));

        static bool Near(string shown, double value) =>
            Math.Abs(double.Parse(shown, CultureInfo.InvariantCulture) - value) <= 5.001e-5;
    }

    [Fact]
    public void Measured_and_attributed_stand_side_by_side()
    {
        var measured = SampleExplanation.Two[0].Verification!;
        var table = Between(Html, "id=\"measured\"", "</section>");
        Assert.Contains(
            "L2H1 from \u2068·the\u2069 7 to \u2068·Mary\u2069 2; logit of \u2068·John\u2069 − \u2068·Mary\u2069 at "
            + "position 7",
            WebUtility.HtmlDecode(table), StringComparison.Ordinal);
        var rows = Regex.Matches(table, @"<tr><td>([^<]*?)<td>([^<]*?)<td>([^<]*?)<td>");
        Assert.Equal("nothing", rows[0].Groups[1].Value);
        foreach (var (row, part) in rows.Skip(1).Zip(measured.Parts))
        {
            Assert.Equal($"{part.Part} of the {(part.Input == HeadInput.Key ? "key" : "query")}", row.Groups[1].Value);
            Assert.Equal(part.Attributed, Number(row.Groups[2].Value), 5.001e-5);
            Assert.Equal(measured.Unchanged.Score - part.Held.Score, Number(row.Groups[3].Value), 5.001e-5);
        }

        Assert.Equal(measured.Parts.Length + 1, rows.Count);
        Assert.DoesNotContain("id=\"measured\"", SplitHtml, StringComparison.Ordinal);

        static double Number(string text) =>
            double.Parse(WebUtility.HtmlDecode(text), CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Controls_are_there_only_if_there_is_a_choice()
    {
        Assert.Contains("data-set=\"reading\" value=\"others\"", Html, StringComparison.Ordinal);
        Assert.Contains("<select id=\"key\">", Html, StringComparison.Ordinal);
        Assert.Contains("data-link=\"1.L2H1.7.5\"", Html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"query\"", Html, StringComparison.Ordinal);
        foreach (var absent in (string[])["data-set=\"reading\"", "id=\"key\"", "id=\"query\"", "id=\"links\""])
            Assert.DoesNotContain(absent, SplitHtml, StringComparison.Ordinal);
        var several = ExplanationPage.Render(
            [SampleExplanation.Two, SampleExplanation.Split], SampleExplanation.Text).Html;
        Assert.Contains("<select id=\"query\">", several, StringComparison.Ordinal);
        Assert.Contains("data-link=\"2.L1H4.5.3.split\"", several, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_says_which_state_of_which_page_shows_the_whole_pattern()
    {
        Assert.Contains("ratilgpu attention --heads L2H1</code>", Html, StringComparison.Ordinal);
        Assert.Contains("attention.html#h=2.1&amp;k=7", Html, StringComparison.Ordinal);
        var several = ExplanationPage.Render(
            [SampleExplanation.Two, SampleExplanation.Split], SampleExplanation.Text).Html;
        using var data = PageData.Of(several);
        Assert.Equal("#h=1.4&k=5&s=1", data.RootElement.GetProperty("links")[2].GetProperty("address").GetString());
    }

    [Fact]
    public void A_gradient_that_vanishes_is_said()
    {
        // A query that sees only itself has all attention there.
        var saturated = SampleExplanation.Of(4, new(1, 0), 0, [0], new() { Reading = ScoreReading.Gradient });
        Assert.Contains(
            "The gradient vanishes where attention is saturated, as here, at 1.0000",
            ExplanationPage.Render(saturated, SampleExplanation.Text).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("The gradient vanishes", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_changed_the_run_is_told() => Assert.Contains(
        "<p class=\"notice\">Without L1H0</p>",
        ExplanationPage.Render(
            SampleExplanation.Two, SampleExplanation.Text, new() { Notices = ["Without L1H0"] }).Html,
        StringComparison.Ordinal);

    [Fact]
    public void The_explanation_is_at_the_top_if_it_is_asked_for()
    {
        Assert.DoesNotContain("explain\" open", Html, StringComparison.Ordinal);
        var html = ExplanationPage.Render(
            SampleExplanation.Two, SampleExplanation.Text, new() { HelpText = true }).Html;
        Assert.Contains("<details class=\"card explain\" open>", html, StringComparison.Ordinal);
        // Only what the page has is explained.
        Assert.Contains("<dt>Against others<dd>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<dt>Gradient<dd>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<dt>Measured<dd>", SplitHtml, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_without_earlier_ones_has_the_embedding_and_the_bias()
    {
        var html = ExplanationPage.Render(OneKey, SampleExplanation.Text).Html;
        using var data = PageData.Of(html);
        Assert.Equal(
            ["embed", "bias"],
            data.RootElement.GetProperty("parts")[0].EnumerateArray().Select(label => label.GetString()));
    }

    [Fact]
    public void What_does_not_belong_on_one_page_is_refused()
    {
        Refused("There is no explanation to show: each prompt needs at least one.");
        Refused("There is no explanation to show: each prompt needs at least one.", []);
        Refused(
            "Prompt 1 has explanations of two prompts: give those of each prompt by themselves.",
            [SampleExplanation.Two[0], SampleExplanation.Split[0]]);
        Refused(
            "L2H1 from 7 to 2 was given twice with the reading Here, expected each reading once.",
            [SampleExplanation.Two[0], SampleExplanation.Two[0]]);
        Refused(
            "The readings Here and Others of L2H1 from 7 to 2 are of different runs, whose scores differ.",
            [SampleExplanation.Two[0], SampleExplanation.Two[2] with { Score = 99 }]);
        Refused(
            "A number of L2H1 is not finite, which has no colour: the weights or the recording are damaged.",
            [SampleExplanation.Two[0] with { Score = double.NaN }]);

        static void Refused(string message, params ImmutableArray<ScoreAttribution>[] prompts) => Assert.Equal(
            message,
            Assert.Throws<ArgumentException>(() => ExplanationPage.Render(prompts, SampleExplanation.Text)).Message);
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_its_size() => Assert.Matches(
        @"^The data of the page take [\d,]+ bytes for 4 readings of its links, and may take 9,000 bytes in all\. "
        + "Explain",
        Assert.Throws<ArgumentException>(() =>
            ExplanationPage.Render(SampleExplanation.Two, SampleExplanation.Text, new() { MaxBytes = 9000 })).Message);

    [Fact]
    public void The_same_explanations_give_the_same_page() => Assert.Equal(
        Html, ExplanationPage.Render([SampleExplanation.Two], SampleExplanation.Text).Html);

    // The script reads the last bytes of all numbers after the first ones of all.
    static double[] Planes(string html, string id)
    {
        var bytes = PageData.Numbers<byte>(Between(html, $"id=\"{id}\">", "</script>"));
        var count = bytes.Length / sizeof(double);
        return [.. Enumerable.Range(0, count).Select(number => BitConverter.ToDouble(
            [.. Enumerable.Range(0, sizeof(double)).Select(part => bytes[(part * count) + number])]))];
    }

    static string[] Tags(string html) => [.. Regex.Matches(html, "</?[a-zA-Z!][^<>]*>")
        .Select(tag => tag.Value.Replace("application/octet-stream", "application/json", StringComparison.Ordinal))];
}
