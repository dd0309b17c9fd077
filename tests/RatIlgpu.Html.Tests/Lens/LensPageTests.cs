using System.Text.RegularExpressions;
using System.Xml.Linq;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Lens;

public sealed class LensPageTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    static readonly string Html = Page(SampleLens.Reading());

    [Fact]
    public void The_same_states_give_the_same_page() => Assert.Equal(Html, Page(SampleLens.Reading()));

    [Fact]
    public void A_page_needs_nothing_from_outside_and_its_policy_allows_its_own_script_only() =>
        IsAlone(Html);

    [Fact]
    public void Script_and_style_keep_to_their_budget()
    {
        Assert.InRange(Bytes(Between(Html, "<script type=\"module\">", "</script>")), 10_000, 50_000);
        Assert.InRange(Bytes(Between(Html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Fact]
    public void The_facts_say_what_was_read()
    {
        Assert.Contains("<h1>Names &amp; places</h1>", Html, StringComparison.Ordinal);
        Assert.Equal(
            ["Model", "States", "Positions", "Followed"],
            Regex.Matches(Html, "<dt>(.*?)<dd>").Take(4).Select(match => match.Groups[1].Value));
        Assert.Contains("<dt>States<dd>5, 0_pre to final_post</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<dt>Positions<dd>all 6</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<h1>Logit lens</h1>", Page(SampleLens.Reading(), new()), StringComparison.Ordinal);
        Assert.Contains(
            "<dt>Positions<dd>3 of 10</div>", Page(SampleLens.TwoPrompts(), SampleLens.Told), StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_every_state_without_script_the_last_position_first()
    {
        var reading = SampleLens.Reading();
        var rows = Rows(Html, "table");
        Assert.Equal(reading.States.Length, rows.Length);
        var last = reading.States.Single(one => one.Position == 5 && one.State is ResidualTerm.FinalStream);
        var shown = string.Create(
            CultureInfo.InvariantCulture,
            $"<td>5<td><bdi>·to</bdi><td>final_post<td><bdi>{Word(last.Top[0].Id)}</bdi> "
            + $"{last.Top[0].Probability:P1}, ");
        Assert.StartsWith(shown, rows[4], StringComparison.Ordinal);
        Assert.EndsWith(
            string.Create(
                CultureInfo.InvariantCulture,
                $"<td>{last.Entropy:F3}<td>0.000<td>rank {last.Tokens[0].Rank}, {last.Tokens[0].Probability:P1}"),
            rows[4].TrimEnd(), StringComparison.Ordinal);

        static string Word(int id) => SampleLens.Token(id).Text.Replace(' ', '·');
    }

    [Fact]
    public void The_table_of_a_long_prompt_says_how_much_it_leaves_out()
    {
        var page = Page(SampleLens.Reading(tokens: 8, layers: 100));
        Assert.Equal(1000, Rows(page, "table").Length);
        Assert.Contains(
            "The first 1,000 of 1,608 predictions, the last positions first;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mean_is_a_table_where_there_are_several_predictions_of_a_state()
    {
        var batch = SampleLens.TwoPrompts();
        var rows = Rows(Page(batch, SampleLens.Told), "mean");
        Assert.Equal(batch.Mean.Length, rows.Length);
        var mean = batch.Mean[0];
        Assert.StartsWith(
            string.Create(
                CultureInfo.InvariantCulture, $"<td>0_pre<td>{mean.Entropy.Mean:F3} ± {mean.Entropy.Spread:F3}<td>"),
            rows[0], StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"mean\"", Page(SampleLens.Reading(positions: [3])), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_that_need_a_token_are_offered_only_where_there_is_one()
    {
        Assert.Equal(["top", "top-logit", "kl", "entropy", "p0", "r0", "l0"], Metrics(Html));
        Assert.Equal(
            ["kl", "entropy", "d0"],
            Metrics(Page(SampleLens.Reading(top: 0, followed: [], direction: "a"))));
    }

    [Fact]
    public void An_explanation_stands_on_the_page_where_it_is_asked_for()
    {
        Assert.DoesNotContain("class=\"card explain\"", Html, StringComparison.Ordinal);
        Assert.Contains(
            "class=\"card explain\" open", Page(SampleLens.Reading(), SampleLens.Told with { HelpText = true }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_tokens_titles_and_directions_stay_text()
    {
        var (reading, tokens) = SampleLens.Hostile();
        var html = LensPage.Render(reading, tokens, new()
        {
            Title = "</title><b>",
            Notices = ["<script>"],
            Model = new("</dd><img>", 1, 1),
        }).Html;
        Assert.Equal(3, Regex.Count(html, "<script"));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
        Assert.Contains("<title>&lt;/title&gt;&lt;b&gt;</title>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_what_makes_it_smaller() => Assert.Matches(
        @"^The data of the page take [\d,]+ bytes for 30 predictions of 3 tokens \(1 prompt, 5 states at "
        + @"each position\), and may take 1,000 bytes in all\. Choose fewer positions, layers, prompts or "
        + @"predictions, or allow it with MaxBytes \d+\. \(Parameter 'MaxBytes'\)$",
        Refusal(() => Page(SampleLens.Reading(), SampleLens.Told with { MaxBytes = 1000 })));

    [Fact]
    public void States_that_make_no_grid_are_refused()
    {
        var reading = SampleLens.Reading();
        Assert.Equal(
            "Prompt 1 has no state, expected at least one.", Refusal(() => Page(reading with { States = [] })));
        Assert.Equal(
            "Prompt 1 has a state twice at position 0, expected each once.",
            Refusal(() => Page(reading with { States = [reading.States[0], reading.States[0]] })));
        Assert.Equal(
            "Prompt 1 has other states at position 1 than at position 0, expected the same in the same order.",
            Refusal(() => Page(reading with { States = [.. reading.States.Take(6)] })));
        Assert.Equal(
            "Prompt 1 has states at position 3, expected 0 to 2.",
            Refusal(() => Page(reading with { TokenIds = [100, 101, 102] })));
        Assert.Equal(
            "Prompt 2 has other states than prompt 1; the prompts of a page have the same.",
            Refusal(() => Page(new LensBatch(reading, SampleLens.Reading(layers: 1)), new())));
    }

    [Fact]
    public void A_figure_has_a_coloured_cell_with_the_most_probable_token_for_every_state()
    {
        var reading = SampleLens.Reading();
        var figure = Figure(reading);
        var texts = figure.Descendants(Svg + "text").Select(text => text.Value).ToList();
        Assert.Equal("Names & places", texts[0]);
        foreach (var state in reading.States)
            Assert.Contains(SampleLens.Token(state.Top[0].Id).Text.Replace(' ', '·'), texts);
        Assert.Equal(
            ["final_post", "1_mid", "1_pre", "0_mid", "0_pre"],
            texts.Where(text => text.Contains('_', StringComparison.Ordinal)));
        Assert.Contains("1  probability of the top token", texts);
    }

    [Theory]
    [InlineData(LensMeasure.TopLogit, "logit of the top token")]
    [InlineData(LensMeasure.Probability, "probability of")]
    [InlineData(LensMeasure.Rank, "rank of")]
    [InlineData(LensMeasure.Logit, "logit of")]
    [InlineData(LensMeasure.KlDivergence, "KL(final ‖ state) in nats")]
    [InlineData(LensMeasure.Entropy, "entropy in nats")]
    public void A_figure_says_what_its_colours_mean(LensMeasure measure, string words)
    {
        var figure = Figure(SampleLens.Reading(), measure);
        Assert.Contains(
            figure.Descendants(Svg + "text"), text => text.Value.Contains(words, StringComparison.Ordinal));
        var colours = figure.Descendants(Svg + "rect").Select(cell => cell.Attribute("fill")!.Value).Distinct();
        Assert.True(colours.Count() > 8);
    }

    [Fact]
    public void The_first_rank_has_the_strongest_colour_and_the_last_of_the_page_the_weakest()
    {
        var reading = SampleLens.Reading(positions: [5]);
        LensState[] states = [.. reading.States];
        var ranks = states.Select(state => state.Tokens[0].Rank).ToList();
        var cells = Figure(reading, LensMeasure.Rank).Descendants(Svg + "rect")
            .Where(rect => rect.Attribute("shape-rendering") is not null)
            .Select(rect => rect.Attribute("fill")!.Value).Reverse().ToList();
        Assert.Equal(Palette.Heat[0].Light, cells[ranks.IndexOf(ranks.Max())]);
        Assert.Equal(ranks.Contains(1), cells.Contains(Palette.Heat[^1].Light));
    }

    [Fact]
    public void A_figure_of_a_token_needs_one_and_any_text_stays_text()
    {
        Assert.Equal(
            "No token is followed, but the measure is Rank; follow one.",
            Refusal(() => LensPage.ToSvg(SampleLens.Reading(followed: []), SampleLens.Token, LensMeasure.Rank)));
        var (reading, tokens) = SampleLens.Hostile();
        var figure = XDocument.Parse(LensPage.ToSvg(reading, tokens, options: new() { Title = "</svg><script>" }));
        Assert.Empty(figure.Descendants(Svg + "script"));
        Assert.Contains(figure.Descendants(Svg + "text"), text => text.Value == "</svg><script>");
    }

    static XDocument Figure(LensReading reading, LensMeasure measure = LensMeasure.TopProbability) =>
        XDocument.Parse(LensPage.ToSvg(reading, SampleLens.Token, measure, SampleLens.Told));

    static string Page(LensReading reading, LensPageOptions? options = null) =>
        LensPage.Render(reading, SampleLens.Token, options ?? SampleLens.Told).Html;

    static string Page(LensBatch batch, LensPageOptions options) =>
        LensPage.Render(batch, SampleLens.Token, options).Html;

    static string[] Rows(string html, string id) =>
        Between(html, $"id=\"{id}\">", "</tbody>").Split("<tbody>")[1].Split("<tr>")[1..];

    static string[] Metrics(string html) =>
    [
        .. Regex.Matches(Between(html, "<select id=\"metric\">", "</select>"), "value=\"(.*?)\"")
            .Select(match => match.Groups[1].Value),
    ];

    static string Refusal(Func<object> call) => Assert.Throws<ArgumentException>(() => { call(); }).Message;
}
