using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Diff;

public sealed class DiffPageTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    static readonly CheckpointDiff Sample = SampleDiff.Of();

    static readonly string Html = DiffPage.Render(Sample).Html;

    [Fact]
    public void The_same_comparison_gives_the_same_page() =>
        Assert.Equal(Html, DiffPage.Render(SampleDiff.Of()).Html);

    [Fact]
    public void A_page_needs_nothing_from_outside_and_its_policy_allows_its_own_script_only() => IsAlone(Html);

    [Fact]
    public void The_facts_say_what_was_compared_and_warnings_stand_above_all()
    {
        Assert.Contains("<h1>Qwen2-sample → Qwen2-tuned</h1>", Html, StringComparison.Ordinal);
        Assert.Equal(
            [
                "A", "B", "Heads", "Weights changed", "Texts", "Positions", "Mean KL(A ‖ B)", "Predictions changed",
                "Loss", "Scores that differ",
            ],
            Regex.Matches(Between(Html, "id=\"facts\">", "</dl>"), "<dt>(.*?)<dd>")
                .Select(match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value)));
        Assert.Contains("<dd>36 of 50</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<dd>A 3.5, B 3.25 nats</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<p class=\"notice\">B (Qwen2-tuned) has no tokenizer", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_heads_are_listed_by_what_they_measure()
    {
        var picker = Between(Html, "id=\"measure\">", "</select>");
        Assert.Equal(
            ["Attention on texts", "Weights of heads", "Scores, B − A"],
            Regex.Matches(picker, "<optgroup label=\"(.*?)\">").Select(match => match.Groups[1].Value));
        Assert.Equal(
            [
                "js", "moved", "query", "key", "value", "output", "query-bias", "key-bias", "value-bias",
                "score-induction", "score-previous",
            ],
            Regex.Matches(picker, "<option value=\"(.*?)\">").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void Weights_and_predictions_are_there_without_script()
    {
        var table = Between(Html, "id=\"table\"", "</table>");
        Assert.Equal(1 + Sample.Weights.Length, Regex.Count(table, "<tr>"));
        var row = Between(table + "<tr>", "<code>model.layers.1.Query</code>", "<tr>");
        Assert.Contains(
            "<td>64 × 32<td>BF16 → F32<td>18.75 %<td>0.75<td>4<td>&gt; 64<td>", row, StringComparison.Ordinal);
        var predictions = Between(Html, "class=\"card predictions\"", "</section>");
        Assert.Equal(1 + Sample.Texts!.Predictions.Length, Regex.Count(predictions, "<tr>"));
        Assert.Contains("data-at=\"0.4\"", predictions, StringComparison.Ordinal);
        Assert.Contains("When·Mary·and·John·went</bdi>", System.Net.WebUtility.HtmlDecode(predictions),
            StringComparison.Ordinal);
        Assert.Contains("·Mary</bdi> 75.0 % → 12.5 %", System.Net.WebUtility.HtmlDecode(predictions),
            StringComparison.Ordinal);
        Assert.Contains("·John</bdi> 6.2 % → 50.0 %", System.Net.WebUtility.HtmlDecode(predictions),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_has_the_numbers_of_the_record()
    {
        using var document = PageData.Of(Html);
        var data = document.RootElement;
        Assert.Equal(4, data.GetProperty("layers").GetInt32());
        var measures = data.GetProperty("measures").EnumerateArray()
            .ToDictionary(one => one.GetProperty("id").GetString()!);
        Assert.Equal(
            Sample.Texts!.Heads.Select(head => head.Mean.JensenShannon),
            measures["js"].GetProperty("values").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal(
            DiffMeasure.All(Sample).Select(head => Sample.BlockOf(head, WeightPart.Key)!.Value.Relative),
            measures["key"].GetProperty("values").EnumerateArray().Select(value => (double?)value.GetDouble()));
        Assert.Equal(JsonValueKind.Null, measures["score-induction"].GetProperty("values")[0].ValueKind);
        Assert.Equal(
            Sample.Scores!.Changes.Where(change => change.ScoreId == "previous").Select(change => change.Difference),
            measures["score-previous"].GetProperty("values").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal(Sample.Texts.Predictions.Length, data.GetProperty("predictions").GetArrayLength());
    }

    [Fact]
    public void The_page_opens_on_the_first_number_that_is_not_0_of_all_heads()
    {
        Assert.Equal("js", OpeningOf(Sample));
        var still = Sample with
        {
            Texts = Sample.Texts! with
            {
                Heads = [.. Sample.Texts.Heads.Items.Select(head => head with { Mean = default, Most = default })],
            },
        };
        Assert.Equal("query", OpeningOf(still));
        Assert.Contains("Qwen2-sample → Qwen2-tuned: Query, relative change", Texts(DiffPage.ToSvg(still)));
        var scored = still with { Weights = SampleDiff.Equal().Weights };
        // The score has no number of the first head.
        Assert.Equal("score-induction", OpeningOf(scored));
        Assert.Equal("query", OpeningOf(SampleDiff.Equal()));

        static string? OpeningOf(CheckpointDiff diff)
        {
            using var document = PageData.Of(DiffPage.Render(diff).Html);
            return document.RootElement.GetProperty("opening").GetString();
        }
    }

    [Fact]
    public void A_comparison_with_itself_says_so_and_leaves_out_what_was_not_run()
    {
        var page = DiffPage.Render(SampleDiff.Equal(), new() { HelpText = true }).Html;
        Assert.Contains("<p class=\"notice\">All weights are equal: every change is 0.</p>", page,
            StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"toks\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"card predictions\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"card by-role\"", page, StringComparison.Ordinal);
        Assert.Contains("<summary>How to read this page</summary>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_would_be_too_large_is_refused_with_the_cure()
    {
        var error = Assert.Throws<ArgumentException>(() => DiffPage.Render(Sample, new() { MaxBytes = 1000 }));
        Assert.Contains("72 positions of texts", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Run fewer or shorter texts, or allow it with MaxBytes ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_has_one_number_of_the_heads_and_all_weights()
    {
        var texts = Texts(DiffPage.ToSvg(Sample, "score-induction"));
        Assert.Contains("Qwen2-sample → Qwen2-tuned: Induction", texts);
        Assert.Contains("Change of weights", texts);
        Assert.Contains("Output", texts);
        Assert.Contains("Change of weights", Texts(DiffPage.ToSvg(SampleDiff.Equal())));
        var error = Assert.Throws<ArgumentException>(() => DiffPage.ToSvg(Sample, "none"));
        Assert.StartsWith(
            "The comparison has no number 'none' of heads, expected one of js, moved, query, ", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_and_tokens_stay_text()
    {
        var page = DiffPage.Render(SampleDiff.Hostile()).Html;
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Regex.Count(Html, "<script"), Regex.Count(page, "<script"));
        foreach (var raw in new[] { "\u202E", "\u001B", "\0", "autofocus onfocus=\"", "\"'>" })
            Assert.DoesNotContain(raw, page, StringComparison.Ordinal);
        var id = "score-" + SampleDiff.HostileId;
        Assert.Contains(
            id, Regex.Matches(Between(page, "id=\"measure\">", "</select>"), "<option value=\"(.*?)\">")
                .Select(match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value)));
        Assert.Empty(XDocument.Parse(DiffPage.ToSvg(SampleDiff.Hostile(), id)).Descendants(Svg + "script"));
        Assert.Empty(XDocument.Parse(DiffPage.ToSvg(SampleDiff.Hostile())).Descendants(Svg + "script"));
    }

    [Fact]
    public void A_comparison_that_contradicts_itself_is_refused()
    {
        var texts = Sample.Texts!;
        foreach (var (diff, message) in new (CheckpointDiff Diff, string Message)[]
        {
            (Sample with { HeadCount = 0 }, "4 layers of 0 heads that read 2, expected those of a model"),
            (Sample with { KeyValueHeadCount = 3 }, "8 heads that read 3"),
            (Sample with { LayerCount = 3 }, "of layer 3, expected one of 3 layers"),
            (Sample with { Weights = [Sample.Weights[2] with { Heads = [default, default, default] }] }, "3 blocks of"),
            (Sample with { Texts = texts with { Heads = [] } }, "the attention of 0 heads, expected that of 32"),
            (Sample with { Texts = texts with { Cosines = [1] } }, "cosines of 1 layers, expected those of 4"),
            (Sample with { Texts = texts with { Texts = [texts.Texts[0] with { Kl = [1] }] } },
                "1 divergences of 24 tokens"),
            (Sample with { Texts = texts with { Predictions = [texts.Predictions[0] with { Position = 99 }] } },
                "a prediction at position 99 of text 0"),
            (Sample with
            {
                Scores = Sample.Scores! with { Roles = [Sample.Scores.Roles[0] with { Head = new(9, 0) }] },
            }, "a score of L9H0"),
        })
            Assert.Contains(
                message, Assert.Throws<ArgumentException>(() => DiffPage.Render(diff)).Message,
                StringComparison.Ordinal);
    }

    static List<string> Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants(Svg + "text").Select(text => text.Value)];
}
