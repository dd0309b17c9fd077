using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests;

public sealed class AttributionPageTests
{
    static readonly ImmutableArray<AttributionBatch> One = SampleAttribution.Of(SampleAttribution.First);
    static readonly ImmutableArray<AttributionBatch> Several =
        SampleAttribution.Of(SampleAttribution.First, SampleAttribution.AtEach);
    static readonly string Html = AttributionPage.Render(One, SampleAttribution.Text).Html;
    static readonly string SeveralHtml = AttributionPage.Render(Several, SampleAttribution.Text).Html;

    [Fact]
    public void The_policy_allows_exactly_the_script_and_the_style_of_the_page()
    {
        Assert.Contains($"script-src {Asset.PolicyHash(Script(Html))}; style-src {Asset.PolicyHash(Style(Html))};",
            Html, StringComparison.Ordinal);
        foreach (var html in (string[])[Html, SeveralHtml])
        {
            Assert.DoesNotMatch(@"\s(src|srcset|style|on[a-z]+)=", Between(html, "<body>", "<script"));
            Assert.DoesNotMatch(@"href=""(?!#)", html);
        }
    }

    [Fact]
    public void Script_and_style_keep_their_budgets_of_bytes()
    {
        // Of these, the matrix that several kinds of pages have takes 15,000.
        Assert.InRange(Encoding.UTF8.GetByteCount(Script(Html)), 10_000, 47_000);
        Assert.InRange(Encoding.UTF8.GetByteCount(Style(Html)), 5_000, 16_000);
    }

    [Fact]
    public void Hostile_tokens_and_names_stay_text()
    {
        var prompt = new AnalysisPrompt([.. Enumerable.Range(0, SampleTrace.Hostile.Length)]) { Target = new(0, 1) };
        var batches = SampleAttribution.Of(prompt, prompt with { Positions = [0, 3, ^1] });
        var html = Page(SampleTrace.Hostile, "</title><b>", "\"><img>", "</script><b>");
        Assert.Equal(Tags(Page(["token"], "title", "name", "file")), Tags(html));
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);

        string Page(string[] words, string title, string name, string file) => AttributionPage.Render(
            batches, SampleAttribution.Texts(words), new()
            {
                Title = title,
                ModelName = name,
                Origin = new() { Command = title, Version = name },
                Json = file,
            }).Html;
    }

    [Fact]
    public void The_rows_of_each_view_are_those_of_the_record()
    {
        foreach (var (index, view) in Several[0].Attributions.SelectMany(all => all).Index())
        {
            var numbers = Numbers<double>(SeveralHtml, $"view-{index}");
            using var data = PageData.Of(SeveralHtml);
            var start = 0;
            foreach (var unit in data.RootElement.GetProperty("units").EnumerateArray())
            {
                var labels = unit.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!).ToArray();
                var rows = labels.Zip(numbers[start..]).ToDictionary(row => row.First, row => row.Second);
                foreach (var batch in Several)
                    foreach (var (term, value) in batch.Attributions.SelectMany(all => all).ElementAt(index).Terms)
                        if (rows.TryGetValue(term.Label, out var shown))
                            Assert.Equal(value, shown);
                var sum = numbers[start..(start + labels.Length + 2)].Sum();
                Assert.Equal(view.Measured, sum, 1e-12 * rows.Values.Sum(Math.Abs));
                start += labels.Length + 2;
            }

            Assert.Equal(numbers.Length, start);
        }
    }

    [Fact]
    public void The_cells_of_each_view_are_those_of_the_record()
    {
        using var data = PageData.Of(SeveralHtml);
        string[] readers =
            [.. data.RootElement.GetProperty("readers").EnumerateArray().Select(name => name.GetString()!)];
        var most = 0f;
        foreach (var (index, view) in Several[2].Attributions.SelectMany(all => all).Index())
        {
            var cells = Numbers<float>(SeveralHtml, $"cells-{index}");
            var keys = view.Position + 1;
            Assert.Equal(readers.Length * keys, cells.Length);
            var heads = new double[keys];
            foreach (var (term, value) in view.Terms)
                if (term is ResidualTerm.HeadSource one)
                {
                    Assert.Equal(
                        (float)value, cells[(Array.IndexOf(readers, one.Index.ToString()) * keys) + one.Source]);
                    heads[one.Source] += value;
                    most = Math.Max(most, Math.Abs((float)value));
                }

            Assert.Equal(heads.Select(sum => (float)sum), cells.Skip(Array.IndexOf(readers, "") * keys).Take(keys));
        }

        Assert.Equal(most, data.RootElement.GetProperty("most").GetSingle());
    }

    [Fact]
    public void What_is_no_head_has_rows_of_its_own_beside_the_heads()
    {
        using var data = PageData.Of(Html);
        Assert.Equal(
            ["embed", .. Heads(0), "0_mlp_out", .. Heads(1), "1_mlp_out", .. Heads(2), "2_mlp_out"],
            Labels(data, "head"));
        var alone = SampleAttribution.Of([SampleAttribution.First], [AttributionUnit.HeadBySource]);
        using var without = PageData.Of(AttributionPage.Render(alone, SampleAttribution.Text).Html);
        Assert.Equal([.. Heads(0), .. Heads(1), .. Heads(2), "remainder"], Labels(without, "head"));

        static IEnumerable<string> Heads(int layer) => Enumerable.Range(0, 6).Select(head => $"L{layer}H{head}");
    }

    [Fact]
    public void Rows_that_the_model_does_not_have_are_not_there()
    {
        using var data = PageData.Of(Html);
        Assert.DoesNotContain(Labels(data, "sublayer"), label => label.Contains("pos", StringComparison.Ordinal)
            || label.Contains("bias", StringComparison.Ordinal));
        var separate = SampleAttribution.Of(
            [SampleAttribution.First], SampleAttribution.Whole, ValueBiasTreatment.Separate);
        var html = AttributionPage.Render(separate, SampleAttribution.Text).Html;
        using var biased = PageData.Of(html);
        Assert.Equal(3, Labels(biased, "head").Count(label => label.EndsWith("_value_bias", StringComparison.Ordinal)));
        Assert.Contains("<dt>Value biases<dd>rows of their own</div>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_not_shown_are_one_row_and_the_sum_stays()
    {
        var look = new AttributionPageOptions
        {
            Shows = term => term is ResidualTerm.Head { Index.Layer: 1 } or ResidualTerm.Mlp { Layer: 1 },
        };
        var html = AttributionPage.Render(One, SampleAttribution.Text, look).Html;
        using var data = PageData.Of(html);
        Assert.Equal(
            ["L1H0", "L1H1", "L1H2", "L1H3", "L1H4", "L1H5", "1_mlp_out"], Labels(data, "head"));
        var numbers = Numbers<double>(html, "view-0")[..9];
        var all = Numbers<double>(Html, "view-0")[..24];
        Assert.Equal(all[..22].Sum() - numbers[..7].Sum(), numbers[7], 1e-12);
        Assert.Equal(all[23], numbers[8]);
        Assert.Equal(15, data.RootElement.GetProperty("units")[0].GetProperty("leftOut").GetInt32());
        Assert.Contains("Unaccounted is the sum of 12 heads", html, StringComparison.Ordinal);
        var (cells, whole) = (Numbers<float>(html, "cells-0"), Numbers<float>(Html, "cells-0"));
        // The last row has the other heads of each token: all, less those that are shown.
        for (var key = 0; key < 8; key++)
        {
            var shown = cells[..48].Where((_, cell) => cell % 8 == key).Sum();
            Assert.Equal(whole[(18 * 8) + key] - shown, cells[^(8 - key)], 1e-5f);
        }
    }

    [Fact]
    public void Streams_are_not_summed()
    {
        var batches = SampleAttribution.Of(
            [SampleAttribution.First], [AttributionUnit.CumulativeLayer, AttributionUnit.Sublayer]);
        var html = AttributionPage.Render(
            batches, SampleAttribution.Text, new() { Shows = term => term is not ResidualTerm.StreamMiddle }).Html;
        using var data = PageData.Of(html);
        Assert.Equal(["0_pre", "1_pre", "2_pre", "final_post"], Labels(data, "cumulative-layer"));
        var numbers = Numbers<double>(html, "view-0");
        Assert.Equal(0, numbers[4]);
        Assert.Equal(batches[0].Attributions[0][0].Measured - numbers[3], numbers[5]);
        Assert.Contains("last row and rounding", html, StringComparison.Ordinal);
        Assert.Contains("Rows are not summed", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mean_of_several_views_has_its_spread()
    {
        var numbers = Numbers<double>(SeveralHtml, "view-mean");
        Assert.Equal(Several[0].Mean[3].Term, new ResidualTerm.Head(new(0, 3)));
        var (mean, spread) = (numbers[4], numbers[(numbers.Length / 2) + 4]);
        Assert.Equal((Several[0].Mean[3].Value.Mean, Several[0].Mean[3].Value.Spread), (mean, spread));
        Assert.DoesNotContain("view-mean", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickers_are_there_only_if_there_is_a_choice()
    {
        foreach (var id in (string[])["prompt", "position", "views"])
        {
            Assert.DoesNotContain($"id=\"{id}\"", Html, StringComparison.Ordinal);
            Assert.Contains($"id=\"{id}\"", SeveralHtml, StringComparison.Ordinal);
        }

        var alone = SampleAttribution.Of([SampleAttribution.First], [AttributionUnit.Sublayer]);
        Assert.DoesNotContain(
            "data-set=\"unit\"", AttributionPage.Render(alone, SampleAttribution.Text).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_without_rows_by_token_says_what_it_lacks()
    {
        var html = AttributionPage.Render(
            SampleAttribution.Of([SampleAttribution.First], [AttributionUnit.Neuron]), SampleAttribution.Text).Html;
        Assert.Contains("the record has no rows of\nthe unit head-by-source.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"heat\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_the_rows_of_the_opening_view_without_script()
    {
        var rows = Regex.Matches(Between(Html, "<tbody>", "</table>"), @"<tr><td>(.*?)<td>(.*?)<td>(\d*)\n");
        Assert.Equal(23, rows.Count);
        var first = One[2].Attributions[0][0].Terms;
        Assert.Contains(rows, row => row.Groups[1].Value == "rounding");
        var shown = rows.Single(row => row.Groups[1].Value == "L2H3").Groups[2].Value;
        Assert.Equal(
            first.Where(row => row.Term is ResidualTerm.HeadSource { Index: { Layer: 2, Head: 3 } })
                .Sum(row => row.Value),
            double.Parse(System.Net.WebUtility.HtmlDecode(shown), CultureInfo.InvariantCulture), 5e-5);
    }

    [Fact]
    public void The_facts_name_what_is_explained() => Assert.Contains(
        "<dt>Explains<dd>logit of \u2068,\u2069 − \u2068·John\u2069 after \u2068·the\u2069, position 7</div>", Html,
        StringComparison.Ordinal);

    [Fact]
    public void The_explanation_is_at_the_top_if_it_is_asked_for()
    {
        Assert.DoesNotContain("explain\" open", Html, StringComparison.Ordinal);
        var html = AttributionPage.Render(One, SampleAttribution.Text, new() { HelpText = true }).Html;
        Assert.Contains("<details class=\"card explain\" open>", html, StringComparison.Ordinal);
        // Only what the page has is explained.
        Assert.DoesNotContain("<dt>Mean", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Mean", SeveralHtml, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exported_file_is_the_given_one()
    {
        var html = AttributionPage.Render(One, SampleAttribution.Text, new() { Json = "{\"kind\": \"é\"}\n" }).Html;
        Assert.Equal("{\"kind\": \"é\"}\n", PageData.Unpacked(Between(html, "id=\"file\">", "</script>")));
    }

    [Fact]
    public void Units_of_other_logits_do_not_belong_on_one_page()
    {
        var other = SampleAttribution.Of(SampleAttribution.Second)[1];
        Refused(
            "Attribution 1 of Sublayer is of another prompt, position, target or run than that of Head: a page shows "
            + "the same logits in each unit.",
            One[0], other);
        Refused(
            "Sublayer has 5 attributions, and Head has 1: a page needs the same prompts and positions in each unit.",
            One[0], Several[1]);
        Refused("Head was given twice, expected each unit once.", One[0], One[0]);
        Refused("There is no attribution to show: at least one is needed.");

        static void Refused(string message, params AttributionBatch[] batches) => Assert.Equal(
            message,
            Assert.Throws<ArgumentException>(() => AttributionPage.Render(batches, SampleAttribution.Text)).Message);
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_its_size()
    {
        var message = Assert.Throws<ArgumentException>(() =>
            AttributionPage.Render(One, SampleAttribution.Text, new() { MaxBytes = 2000 })).Message;
        Assert.Matches(
            @"^The data of the page take \d,\d{3} bytes for 1 position, and may take 2,000 bytes in all\. Choose fewer",
            message);
    }

    [Fact]
    public void The_same_attributions_give_the_same_page() =>
        Assert.Equal(SeveralHtml, AttributionPage.Render(Several, SampleAttribution.Text).Html);

    [Fact]
    public void A_single_logit_has_the_page_of_its_batch() => Assert.Equal(
        Html, AttributionPage.Render([.. One.Select(batch => batch.Attributions[0][0])], SampleAttribution.Text).Html);

    static string[] Labels(JsonDocument data, string unit) =>
    [
        .. data.RootElement.GetProperty("units").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == unit).GetProperty("labels").EnumerateArray()
            .Select(label => label.GetString()!),
    ];

    static T[] Numbers<T>(string html, string id)
        where T : struct => PageData.Numbers<T>(Between(html, $"id=\"{id}\">", "</script>"));

    static string[] Tags(string html) => [.. Regex.Matches(html, "</?[a-zA-Z!][^<>]*>")
        .Select(tag => tag.Value.Replace("application/octet-stream", "application/json", StringComparison.Ordinal))];

    static string Script(string html) => Between(html, "<script type=\"module\">", "</script>");

    static string Style(string html) => Between(html, "<style>", "</style>");
}
