using System.Text;
using System.Text.RegularExpressions;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Patching;

public sealed class PatchPageTests
{
    static readonly PatchSheet Heads = SamplePatches.Heads(at => at[0] == 1 && at[1] == 2 ? 3 : -0.25 * at[1]);
    static readonly PatchSheet Paths = SamplePatches.Paths(3, 4, SamplePatches.PathEffect);

    public static TheoryData<string> Kinds => ["heads", "paths", "pairs", "pattern"];

    static PatchSheet SheetOf(string kind) => kind switch
    {
        "heads" => Heads,
        "paths" => Paths,
        "pairs" => SamplePatches.Heads(at => at[1], at => -at[1], at => at[0]),
        _ => SamplePatches.Activation(
            ["position", "head", "key"], at => at[3] <= at[1] ? at[0] - at[2] + (0.5 * at[3]) : null),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void The_policy_allows_exactly_the_script_and_the_style_of_the_page(string kind)
    {
        var html = PatchPage.Render(SheetOf(kind), null).Html;
        Assert.Contains($"script-src {Asset.PolicyHash(Script(html))}; style-src {Asset.PolicyHash(Style(html))};",
            html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\s(src|srcset|style|on[a-z]+)=", Between(html, "<body>", "<script"));
        Assert.DoesNotMatch(@"href=""(?!#)", html);
    }

    [Fact]
    public void Script_and_style_keep_their_budgets_of_bytes()
    {
        var html = PatchPage.Render(Paths, null).Html;
        // Half of this is what all pages with matrices have.
        Assert.InRange(Encoding.UTF8.GetByteCount(Script(html)), 10_000, 57_000);
        Assert.InRange(Encoding.UTF8.GetByteCount(Style(html)), 5_000, 16_000);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Hostile_tokens_labels_and_titles_stay_text(string kind)
    {
        var tokens = SamplePatches.Tokens(SampleTrace.Hostile.Take(SamplePatches.Clean.Length));
        var sheet = SheetOf(kind);
        sheet = sheet with
        {
            Pairs =
            [
                .. sheet.Pairs.Select(pair => pair with { Clean = tokens, Corrupted = tokens, Metric = "</b><img>" }),
            ],
        };
        var html = PatchPage.Render(sheet, new()
        {
            Title = "</title><b>",
            ModelName = "<i>",
            Labels = ["\"><img>", "</select>", "\0\u202e"],
            Origin = new() { Command = "</footer><img>", Version = "<1>" },
            HelpText = true,
            Json = "</script><script>",
        }).Html;
        var scripts = Regex.Count(html, "<script");
        Assert.Equal(3 + sheet.Pairs.Length, scripts);
        Assert.Equal(scripts, Regex.Count(html, "</script"));
        Assert.DoesNotMatch("<(img|b>|!--)", html);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
    }

    [Fact]
    public void The_table_has_the_largest_effects_with_their_three_numbers() => Assert.Contains(
        "<tbody>\n<tr><td><bdi>L1H2</bdi></td><td>4.0000</td><td>3.0000</td><td>75.0 %</td></tr>\n"
        + "<tr><td><bdi>L0H3</bdi></td><td>0.2500</td><td>-0.7500</td><td>-18.8 %</td></tr>\n",
        PatchPage.Render(Heads, null).Html, StringComparison.Ordinal);

    [Fact]
    public void The_table_of_several_pairs_has_mean_and_spread() => Assert.Contains(
        "<tr><td><bdi>L2H2</bdi></td><td>1.6667</td><td>0.6667</td><td>2.3094</td><td>14.4 %</td></tr>\n",
        PatchPage.Render(SheetOf("pairs"), null).Html, StringComparison.Ordinal);

    [Fact]
    public void The_table_names_the_tokens_of_positions() => Assert.Contains(
        "<td><bdi>L2H0 at 5 \u2068·to\u2069 on 5 \u2068·to\u2069</bdi></td>",
        Decoded(PatchPage.Render(SheetOf("pattern"), null).Html), StringComparison.Ordinal);

    [Fact]
    public void A_pair_without_a_difference_of_the_metric_has_no_recovery()
    {
        var pair = Heads.Pairs[0] with { CleanMetric = 1 };
        Assert.Equal(
            "The metric does not differ between the two runs: there is no recovery.", PatchWords.NoticeOf(pair));
        Assert.Contains(
            "<td>3.0000</td><td>–</td>", PatchPage.Render(Heads with { Pairs = [pair] }, null).Html,
            StringComparison.Ordinal);
        Assert.Equal(
            "The prompts are the same: no patch changes anything.",
            PatchWords.NoticeOf(pair with { Corrupted = pair.Clean }));
    }

    [Fact]
    public void The_explanation_stands_on_the_page_only_if_it_is_asked_for()
    {
        var html = PatchPage.Render(Heads, new() { HelpText = true }).Html;
        Assert.Contains("<details class=\"card explain\" open>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<dt>Diagram<dd>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("explain\" open", PatchPage.Render(Heads, null).Html, StringComparison.Ordinal);
        Assert.Contains("<dt>Diagram<dd>", PatchPage.Render(Paths, null).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_is_too_large_says_the_sizes_and_what_to_do() => Assert.Matches(
        @"^The data of the page take \d,\d{3} bytes for 144 patches in 1 pair, and may take 400 bytes in all\. Choose "
        + "fewer layers, positions, heads or pairs, or allow it with MaxBytes \\d+\\. ",
        Assert.Throws<ArgumentException>(() => PatchPage.Render(Paths, new() { MaxBytes = 400 })).Message);

    [Fact]
    public void All_paths_of_a_model_of_24_layers_and_14_heads_take_less_than_a_tenth_of_the_largest_page() =>
        Assert.InRange(
            PatchPage.Render(SamplePatches.Paths(24, 14, Noise), null).Html.Length, 400_000, 2_500_000);

    [Fact]
    public void Paths_of_a_source_that_no_layer_follows_leave_an_empty_diagram()
    {
        var html = PatchPage.Render(SamplePatches.Paths(2, 2, (_, _) => null), null).Html;
        using var data = PageData.Of(html);
        Assert.Empty(data.RootElement.GetProperty("diagram").GetProperty("nodes").EnumerateArray());
        Assert.Contains("No later layer reads these sources", html, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_same_patches_give_the_same_page(string kind) =>
        Assert.Equal(PatchPage.Render(SheetOf(kind), null).Html, PatchPage.Render(SheetOf(kind), null).Html);

    [Theory]
    [InlineData("heads", "<rect", "H2", "-3.0000")]
    [InlineData("pattern", "strongest of all positions and keys", "H3", "L2")]
    [InlineData("paths", "<path", "L0H1", "Layer 2")]
    [InlineData("pairs", "effect, mean of 3 pairs", "H3", "L0")]
    public void A_static_figure_shows_the_effects(string kind, params string[] parts)
    {
        var svg = PatchPage.ToSvg(SheetOf(kind), new() { Title = "<&>" });
        Assert.All(parts, part => Assert.Contains(part, svg, StringComparison.Ordinal));
        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(svg).Root!.Name.LocalName);
    }

    [Fact]
    public void Curves_of_a_static_figure_are_as_wide_as_their_effects()
    {
        var svg = PatchPage.ToSvg(
            SamplePatches.Paths(2, 2, (from, to) => from.Head == 0 ? 4 - (2 * to.Head) : -1), null);
        Assert.Equal(
            ["2.65", "2.65", "4.1", "7"],
            Regex.Matches(svg, "stroke-width=\"([0-9.]+)\"").Select(match => match.Groups[1].Value));
        Assert.Equal(2, Regex.Count(svg, "stroke-dasharray"));
    }

    static double? Noise(HeadIndex source, HeadIndex destination) =>
        Math.Sin((source.Layer * 12.9898) + (source.Head * 78.233) + (destination.Layer * 37.719)
            + (destination.Head * 4.581)) * 43758.5453 % 1;

    static string Decoded(string html) => System.Net.WebUtility.HtmlDecode(html);

    static string Script(string html) => Between(html, "<script type=\"module\">", "</script>");

    static string Style(string html) => Between(html, "<style>", "</style>");
}
