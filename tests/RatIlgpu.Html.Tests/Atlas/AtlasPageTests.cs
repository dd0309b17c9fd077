using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Atlas;

public sealed class AtlasPageTests
{
    static readonly HeadAtlas Sample = SampleAtlas.Of();

    static readonly string Html = Page(Sample);

    [Fact]
    public void The_same_atlas_gives_the_same_page() => Assert.Equal(Html, Page(SampleAtlas.Of()));

    [Fact]
    public void A_page_needs_nothing_from_outside_and_its_policy_allows_its_own_script_only() =>
        IsAlone(Html);

    [Fact]
    public void The_facts_say_what_was_run_and_warnings_stand_above_all()
    {
        Assert.Contains("<h1>Heads of Qwen2-sample</h1>", Html, StringComparison.Ordinal);
        Assert.Equal(
            [
                "Model", "Fingerprint", "Heads", "Texts", "SHA-256", "Seed", "Rules", "Text", "Repeated random tokens",
                "Ordered words", "Indirect object", "Device", "Took", "Version",
            ],
            Regex.Matches(Between(Html, "id=\"facts\">", "</dl>"), "<dt>(.*?)<dd>")
                .Select(match => match.Groups[1].Value));
        Assert.Contains("<dd>4 layers × 8, 2 key/value heads each</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<dd>63.4 s</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<p class=\"notice\">Digits: the tokenizer", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_warnings_are_one_box_that_counts_families_and_opens_to_all()
    {
        ImmutableArray<string> warnings =
        [
            "tens: 2 of 9 elements are single tokens; the family is left out.",
            "seasons: 0 of 4 elements are single tokens; the family is left out.",
            "ordinals: 10 of 12 elements are single tokens; the others are left out.", "First.", "Second.",
        ];
        var page = Page(Sample with { Manifest = Sample.Manifest with { Warnings = warnings } });
        var box = Between(page, "<div class=\"notice\">", "</div>");
        Assert.StartsWith(
            "<ul>\n<li>First.\n<li>Second.\n<li>Of the families of ordered words, 2 are left out and 1 lack elements: ",
            box, StringComparison.Ordinal);
        var all = box[box.IndexOf("<details><summary>All 5 warnings</summary>", StringComparison.Ordinal)..];
        Assert.All(warnings, warning => Assert.Contains($"<li>{warning}\n", all, StringComparison.Ordinal));
        Assert.DoesNotContain("<p class=\"notice\">tens", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_matrix_has_every_head_below_its_key_value_head_without_script()
    {
        // A cell ends where the next begins.
        var matrix = Between(Html, "id=\"matrix\"", "</table>") + "<td>";
        Assert.Equal(32, Regex.Count(matrix, "<td role=\"gridcell\""));
        Assert.Equal(2, Regex.Count(matrix, "<th colspan=\"4\" class=\"kv\">"));
        foreach (var head in Sample.Heads)
        {
            var cell = Between(matrix, $"data-n=\"{head.Head.Layer}.{head.Head.Head}\"", "<t");
            Assert.Contains($"aria-label=\"{head.Head}: ", cell, StringComparison.Ordinal);
            if (head.Roles.IsEmpty)
                Assert.DoesNotContain("hue-", cell, StringComparison.Ordinal);
            else
                Assert.Contains(
                    $"class=\"hue-{AtlasWords.HueOf(head.Roles[0].Role)}\">{AtlasWords.CodeOf(head.Roles[0].Role)}",
                    cell, StringComparison.Ordinal);
            Assert.Equal(Math.Max(0, head.Roles.Length - 1), Regex.Count(cell, "<i class=\"hue-"));
        }
    }

    [Fact]
    public void No_role_is_told_by_its_colour_or_its_letters_like_another()
    {
        var roles = Enum.GetValues<HeadRole>();
        Assert.Equal(roles.Length, roles.Select(AtlasWords.HueOf).Distinct().Count());
        Assert.Equal(roles.Length, roles.Select(AtlasWords.CodeOf).Distinct().Count());
        Assert.Equal(roles.Length, roles.Select(AtlasWords.NameOf).Distinct().Count());
        Assert.Equal(7, Palette.Paths.Length);
    }

    [Fact]
    public void The_table_has_the_strongest_heads_of_each_score_without_script()
    {
        var rows = Between(Between(Html, "id=\"table\">", "</table>"), "<tbody>", "</tbody>").Split("<tr>")[1..];
        Assert.Equal(SampleAtlas.Scores.Length * 5, rows.Length);
        var best = Sample.Heads.MaxBy(head => head.Scores["previous"].Excess)!;
        var score = best.Scores["previous"];
        Assert.StartsWith(
            string.Create(
                CultureInfo.InvariantCulture,
                $"<td>Previous<td>{best.Head}<td>{score.Raw:F3}<td>{score.Excess:F3}<td>{score.Low:F3} to "
                + $"{score.High:F3}<td>{score.Chance:F3}<td>"),
            rows[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Effects_of_roles_stand_beside_those_of_random_heads()
    {
        var effects = Between(Html, "id=\"effects\">", "</section>");
        Assert.Contains("<td>0.750 nats<td>0.020 ± 0.030<td>8<td>● causal", effects, StringComparison.Ordinal);
        Assert.Contains("(other layers too)", effects, StringComparison.Ordinal);
        Assert.Contains(
            "<td>Logit of the right name − of the repeated one<td>3.500<td>logits", effects, StringComparison.Ordinal);
        Assert.Contains(
            "No head was taken away",
            Page(Sample with { RoleEffects = [], Behaviours = HeadAtlasEmpty }), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_score_is_defined_on_the_page_and_can_be_chosen()
    {
        var definitions = Between(Html, "id=\"definitions\">", "</section>");
        Assert.All(SampleAtlas.Scores, score =>
            Assert.Contains($"<code>{score.Id}</code>", definitions, StringComparison.Ordinal));
        foreach (var picker in new[] { "score", "ranked", "x", "y" })
            Assert.Equal(
                SampleAtlas.Scores.Select(score => score.Id),
                Regex.Matches(Between(Html, $"<select id=\"{picker}\">", "</select>"), "option value=\"(.*?)\"")
                    .Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void A_card_links_to_an_attention_page_where_there_is_one()
    {
        Assert.DoesNotContain("id=\"open\"", Html, StringComparison.Ordinal);
        Assert.Contains(
            "<a id=\"open\" href=\"attention.html\">", Page(Sample, new() { AttentionPage = "attention.html" }),
            StringComparison.Ordinal);
        Assert.Equal(
            "The address of the attention page is 'javascript:alert(1)', expected a relative address such as "
            + "attention.html, or one of https, http or file.",
            Refusal(() => Page(Sample, new() { AttentionPage = "javascript:alert(1)" })));
    }

    [Fact]
    public void Names_warnings_scores_and_tokens_stay_text()
    {
        var html = AtlasPage.Render(SampleAtlas.Hostile(), new() { Title = "</title><b>", AttentionPage = "\"><b>" })
            .Html;
        Assert.Equal(1 + AtlasBlocks.Shared + 3, Regex.Count(html, "<script"));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
        Assert.Contains("<title>&lt;/title&gt;&lt;b&gt;</title>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_one_head_without_cards_has_a_page()
    {
        var html = Page(SampleAtlas.Of(layers: 1, heads: 1, groups: 1, cards: 0));
        Assert.Equal(1, Regex.Count(html, "<td role=\"gridcell\""));
        Assert.DoesNotContain("id=\"card-0\"", html, StringComparison.Ordinal);
        Assert.Contains("<dd>1 layer × 1, 1 key/value head each</div>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_heads_of_a_layer_have_the_whole_width()
    {
        Assert.DoesNotContain(" data-wide>", Html, StringComparison.Ordinal);
        Assert.Contains(
            " data-wide>", Page(SampleAtlas.Of(layers: 2, heads: 28, groups: 4, cards: 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_336_heads_with_24_full_cards_keeps_to_its_budget()
    {
        var page = AtlasPage.Render(SampleAtlas.Of(24, 14, 2, cards: 24, tokens: 256, points: 400));
        Assert.InRange(page.ByteCount, 500_000, 5_000_000);
        Assert.InRange(Bytes(Between(page.Html, "<script type=\"module\">", "</script>")), 20_000, 66_000);
        Assert.InRange(Bytes(Between(page.Html, "<style>", "</style>")), 5_000, 20_000);
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_what_makes_it_smaller() => Assert.Contains(
        " for 32 heads and 3 full cards, and may take 1,000 bytes in all. Make fewer full cards, with fewer "
        + "examples or shorter texts, or allow it with MaxBytes ",
        Refusal(() => Page(Sample, new() { MaxBytes = 1000 })), StringComparison.Ordinal);

    [Fact]
    public void An_atlas_that_contradicts_itself_is_refused()
    {
        var card = Sample.Cards[0];
        Assert.Equal(
            "The atlas has 31 heads, expected 32 for 4 layers of 8.",
            Refusal(() => Page(Sample with { Heads = Sample.Heads[1..] })));
        Assert.Equal(
            "The atlas has L3H7 in place 0, expected L0H0: heads by layer, then by number.",
            Refusal(() => Page(Sample with { Heads = [.. Sample.Heads.Reverse()] })));
        Assert.Equal(
            "The atlas has 4 layers of 8 heads and 3 key/value heads; expected at least one of each, and heads in "
            + "equal groups.",
            Refusal(() => Page(Sample with { Manifest = Sample.Manifest with { KeyValueHeadCount = 3 } })));
        Assert.Equal(
            "A card is of L9H0, which the atlas does not have.",
            Refusal(() => Page(Sample with { Cards = [card with { Head = new(9, 0) }] })));
        Assert.Equal(
            $"The map 'text' of {card.Head} has 3 cells, expected 4096.",
            Refusal(() => Page(Sample with { Cards = [card with { Maps = [new("text", [1, 2, 3])] }] })));
        Assert.Equal(
            $"An example of {card.Head} is text 99, expected 0 to 11.",
            Refusal(() => Page(With(card.Examples[0] with { Text = 99 }))));
        Assert.Equal(
            $"An example of {card.Head} has key 5 of query 0, expected none after the query.",
            Refusal(() => Page(With(card.Examples[0] with { Keys = card.Examples[0].Keys.Items.SetItem(0, 5) }))));
        Assert.Equal(
            "The atlas defines a score twice, expected each id once.",
            Refusal(() => Page(Sample with { Scores = [Sample.Scores[0], Sample.Scores[0]] })));

        HeadAtlas With(HeadExample example) => Sample with { Cards = [card with { Examples = [example] }] };
    }

    static ImmutableSortedDictionary<HeadBehaviour, double> HeadAtlasEmpty { get; } =
        ImmutableSortedDictionary<HeadBehaviour, double>.Empty;

    static string Page(HeadAtlas atlas, AtlasPageOptions? options = null) => AtlasPage.Render(atlas, options).Html;

    static string Refusal(Func<object> call) => Assert.Throws<ArgumentException>(() => { call(); }).Message;
}
