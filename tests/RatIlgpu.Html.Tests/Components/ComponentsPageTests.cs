using System.Text.Json;
using System.Xml.Linq;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Components;

public sealed class ComponentsPageTests
{
    static readonly ComponentReport Report = SampleComponents.Report;

    [Fact]
    public void The_page_needs_nothing_from_outside_and_is_the_same_every_time()
    {
        var html = Render();
        IsAlone(html);
        Assert.Equal(html, Render());
        Assert.InRange(Bytes(Between(html, "<script type=\"module\">", "</script>")), 10_000, 45_000);
        Assert.InRange(Bytes(Between(html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Fact]
    public void Each_figure_has_its_numbers_in_a_block_of_its_own()
    {
        var html = Render();
        using var data = PageData.Of(html);
        var figures = data.RootElement.GetProperty("figures").EnumerateArray().ToList();
        Assert.Equal(
            [
                "pairs", "scores", "attention", "offsets", "offset-changes", "offset-pairs", "offset-z",
                "norms-query", "activity-query", "norms-key", "activity-key", "norms-value", "activity-value",
                "norms-output", "activity-output", "co-phi", "co-both", "co-expected",
                "co-jaccard", "co-value-given-key", "co-key-given-value", "similarity", "induction-1", "weights-query",
                "weights-key", "weights-value", "weights-output",
            ],
            figures.Select(figure => figure.GetProperty("id").GetString()));
        foreach (var figure in figures)
        {
            var numbers = Numbers(html, figure.GetProperty("id").GetString()!);
            Assert.Equal(
                figure.GetProperty("axes").EnumerateArray().Aggregate(1, (product, axis) =>
                    product * axis.GetProperty("labels").GetArrayLength()),
                numbers.Length);
        }

        // [head, key, query term, key term]
        Assert.Equal(-2.5f, Numbers(html, "pairs")[(((1 * 2) + 1) * 25) + 1]);
        Assert.Contains(float.NaN, Numbers(html, "activity-query"));
    }

    [Fact]
    public void Keys_have_key_value_heads_and_queries_query_heads()
    {
        using var data = PageData.Of(Render());
        Assert.Equal(["L2H0", "L2H1", "L2H2", "L2H3"], LabelsOf(data, "norms-query", 1));
        Assert.Equal(["kv 0", "kv 1"], LabelsOf(data, "norms-key", 1));
        Assert.Equal(["kv 0", "kv 1"], LabelsOf(data, "co-phi", 0));
        Assert.Equal(["sum", "L2H0", "L2H1", "L2H2", "L2H3"], LabelsOf(data, "offsets", 1));
        Assert.Equal(["·Mary 1", "·John 3"], LabelsOf(data, "pairs", 1));
        Assert.Equal(["query 0", "key 1"], LabelsOf(data, "induction-1", 0));
    }

    [Fact]
    public void The_sum_of_heads_comes_before_the_heads()
    {
        var numbers = Numbers(Render(), "offsets");

        // At an offset of 1, heads have 1, 0, −1 and −2.
        Assert.Equal([-2, 1, 0, -1, -2], Enumerable.Range(0, 5).Select(head => numbers[((5 + head) * 9) + 4]));

        // From the first offset to the second, each of four heads has one more.
        var changes = Numbers(Render(), "offset-changes");
        Assert.All(changes[..45], change => Assert.Equal(0, change));
        Assert.Equal([4, 1, 1, 1, 1], Enumerable.Range(0, 5).Select(head => changes[((5 + head) * 9) + 4]));
        Assert.Equal([-6, -2], Numbers(Render(), "offset-pairs")[..2]);
    }

    [Fact]
    public void The_page_says_that_singular_vectors_are_a_baseline_and_components_of_a_file_are_none()
    {
        Assert.Contains("SVD baseline: the components are singular vectors of each whole matrix.", Render(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("SVD baseline", Render(Report with { Kind = DecompositionKind.File }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_are_there_without_script()
    {
        var html = Render();
        foreach (var table in ComponentTables.Of(Report, SampleComponents.Token))
            Assert.Contains(table.Notes[0].Split('·')[0].Split('\'')[0][..30], html, StringComparison.Ordinal);
        Assert.Contains(
            "<bdi>L0H1</bdi></td><td><bdi>key</bdi></td><td><bdi>0.700</bdi>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_tokens_and_titles_stay_text()
    {
        var page = ComponentsPage.Render(
            Report,
            id => new(id, SampleTrace.Hostile[id % SampleTrace.Hostile.Length], []),
            new()
            {
                Title = "</title><b>",
                ModelName = "<i>",
                Origin = new() { Command = "</footer><img>", Version = "<1>" },
                HelpText = true,
                Json = "{\"a\":\"</script>\"}",
            });
        IsAlone(page.Html);
        foreach (var mark in new[] { "<b>", "<i>", "<img" })
            Assert.DoesNotContain(mark, page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_is_too_large_says_what_to_choose()
    {
        var fault = Assert.Throws<ArgumentException>(() => ComponentsPage.Render(
            Report, SampleComponents.Token, new() { MaxBytes = 100 }));
        Assert.Contains(
            "Choose fewer components, or allow it with MaxBytes ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_figure_has_the_pairs_of_the_head_and_key_with_the_largest_attention()
    {
        var svg = ComponentsPage.ToSvg(Report, SampleComponents.Token, new() { Title = "<Title>" });
        Assert.Contains("L2H1 from 5 to ·John 3", XDocument.Parse(svg).Root!.Value, StringComparison.Ordinal);
        Assert.Equal(svg, ComponentsPage.ToSvg(Report, SampleComponents.Token, new() { Title = "<Title>" }));
    }

    [Fact]
    public void The_page_and_the_figure_open_on_the_first_head_that_is_asked_for()
    {
        // The head has less attention to any key than another one.
        var asked = Report with { Induction = [Report.Induction[0] with { Head = new(2, 3) }, Report.Induction[0]] };
        Assert.Equal([3, 0], Opening(asked));
        Assert.Equal([1, 1], Opening(Report));
        Assert.Equal([1, 1], Opening(Report with { Induction = [] }));
        Assert.Contains(
            "L2H3 from 5 to ·Mary 1",
            XDocument.Parse(ComponentsPage.ToSvg(asked, SampleComponents.Token)).Root!.Value, StringComparison.Ordinal);

        static IEnumerable<int> Opening(ComponentReport report)
        {
            using var data = PageData.Of(Render(report));
            return [.. data.RootElement.GetProperty("opening").EnumerateArray().Select(place => place.GetInt32())];
        }
    }

    [Fact]
    public void Names_of_figures_are_short_enough_for_their_choice()
    {
        using var data = PageData.Of(Render());
        Assert.All(
            data.RootElement.GetProperty("figures").EnumerateArray(), figure =>
                Assert.InRange(figure.GetProperty("title").GetString()!.Length, 1, 42));
    }

    [Fact]
    public void Standard_scores_give_each_head_the_same_weight()
    {
        // Heads differ by a constant alone in the sample, and every pair has the same score: two distances are left.
        var numbers = Numbers(Render(), "offset-z");
        Assert.All(numbers[..9], number => Assert.Equal(-1, number, 1e-6));
        Assert.All(numbers[9..], number => Assert.Equal(1, number, 1e-6));
    }

    static string Render(ComponentReport? report = null) =>
        ComponentsPage.Render(report ?? Report, SampleComponents.Token).Html;

    static float[] Numbers(string html, string id)
    {
        var bytes = PageData.Numbers<byte>(Between(html, $"id=\"figure-{id}\">", "</script>"));
        var count = bytes.Length / sizeof(float);
        return
        [
            .. Enumerable.Range(0, count).Select(i => BitConverter.ToSingle(
                [bytes[i], bytes[count + i], bytes[(2 * count) + i], bytes[(3 * count) + i]])),
        ];
    }

    static IEnumerable<string?> LabelsOf(JsonDocument data, string figure, int axis) =>
        data.RootElement.GetProperty("figures").EnumerateArray()
            .Single(one => one.GetProperty("id").GetString() == figure).GetProperty("axes")[axis].GetProperty("labels")
            .EnumerateArray().Select(label => label.GetString());
}
