using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Ablation;

public sealed class AblationPageTests
{
    const double Half = 1.0 / (2 * AblationBlocks.Steps);

    static readonly AblationReport Report = SampleAblation.Study();

    static readonly string Html = Page(Report);

    static readonly string Test =
        AblationPage.Render(SampleAblation.Redundancy(), SampleAblation.Token, SampleAblation.Told).Html;

    static readonly string Sweep =
        AblationPage.Render(SampleAblation.Sweep(), SampleAblation.Token, SampleAblation.Told).Html;

    static readonly string Distances =
        AblationPage.Render(SampleAblation.Distances(), SampleAblation.Token, SampleAblation.Told).Html;

    public static TheoryData<string> Pages => [Html, Test, Sweep, Distances];

    [Fact]
    public void The_same_study_gives_the_same_page() => Assert.Equal(Html, Page(SampleAblation.Study()));

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_needs_nothing_from_outside_and_its_policy_allows_its_own_script_only(string html) =>
        IsAlone(html);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Script_and_style_keep_to_their_budget(string html)
    {
        Assert.InRange(Bytes(Between(html, "<script type=\"module\">", "</script>")), 10_000, 60_000);
        Assert.InRange(Bytes(Between(html, "<style>", "</style>")), 5_000, 20_000);
    }

    [Fact]
    public void The_facts_say_what_was_taken_away()
    {
        Assert.Contains("<h1>Heads &amp; values</h1>", Html, StringComparison.Ordinal);
        Assert.Equal(
            ["Model", "Taken away", "Heads", "Kinds", "Samples", "Changed"],
            Regex.Matches(Html, "<dt>(.*?)<dd>").Take(6).Select(match => match.Groups[1].Value));
        Assert.Contains("<dt>Heads<dd>L2H0, L2H1</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<dt>Kinds<dd>zero, mean</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<dt>Samples<dd>4 of 9 to 12 tokens</div>", Html, StringComparison.Ordinal);
        Assert.Contains(
            "<dt>Changed<dd>all positions</div>", Page(SampleAblation.Study(everywhere: true)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_a_change_of_all_positions_does_not_speak_of_one()
    {
        var html = Page(SampleAblation.Study(everywhere: true));
        var body = html[html.IndexOf("<body", StringComparison.Ordinal)..html.IndexOf(
            "<script", html.IndexOf("<body", StringComparison.Ordinal), StringComparison.Ordinal)];
        Assert.DoesNotContain("changed position", body, StringComparison.Ordinal);
        Assert.Contains("what is put in their place at all positions", body, StringComparison.Ordinal);
        Assert.Contains("what is put in their place at the changed position", Html, StringComparison.Ordinal);
        Assert.Contains("the changed position is framed", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_facts_name_samples_whose_mean_is_of_one_value()
    {
        Assert.DoesNotContain("No change by the mean", Html, StringComparison.Ordinal);
        Assert.Contains(
            "<dt>No change by the mean<dd>sample 1, whose mean is of one value alone</div>",
            Page(SampleAblation.Study(samples: 1, everywhere: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_every_condition_without_script()
    {
        var rows = Between(Html, "<tbody id=\"rows\">\n", "</tbody>").TrimEnd('\n').Split('\n');
        Assert.Equal(Report.Conditions.Length, rows.Length);
        foreach (var (effect, row) in Report.Conditions.Zip(rows))
        {
            var (there, last) = (effect.Layers[0], effect.Layers[^1]);
            Assert.Contains($">{effect.Condition}</button><td>", row, StringComparison.Ordinal);
            Assert.Contains(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"<td>{there.Projection.Mean:F3} ± {there.Projection.Spread:F3}<td>{there.Cosine.Mean:F3} ± "
                    + $"{there.Cosine.Spread:F3}<td>{last.Projection.Mean:F3} ± {last.Projection.Spread:F3}<td>"),
                row, StringComparison.Ordinal);
            Assert.Contains(" → <bdi>·word", row, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Where_an_output_is_zero_the_table_says_that_there_is_none()
    {
        var effect = Report.Conditions[0];
        var layer = effect.Layers[0] with { Projection = MeanAndSpread.Of(), Cosine = MeanAndSpread.Of() };
        var html = Page(Report with { Conditions = [effect with { Layers = [layer, effect.Layers[1]] }] });
        Assert.Contains("<td>no output<td>no output<td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_numbers_of_a_sample_are_those_of_the_study_in_sixteen_digits()
    {
        using var plan = PageData.Of(Html);
        var ids = plan.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToList();
        foreach (var (place, sample) in Report.Samples.Index())
        {
            var numbers = Words(BlockOf(Html, $"sample-{place}"));
            Assert.Equal(sample.Predictions, Next(sample.Predictions.Length).Select(word => ids[(int)word]));
            foreach (var effect in Report.Conditions.Select(condition => condition.Samples[place]))
            {
                foreach (var layer in effect.Layers)
                {
                    Close(layer.Select(change => change.Projection));
                    Close(layer.Select(change => change.Cosine));
                }

                Close(effect.Divergences.Select(number => (double?)number));
                Assert.Equal(effect.Predictions, Next(effect.Predictions.Length).Select(word => ids[(int)word]));
            }

            Assert.Empty(numbers);

            void Close(IEnumerable<double?> expected)
            {
                var all = expected.ToList();
                foreach (var (number, word) in all.Zip(Next(all.Count)))
                {
                    var found = BitConverter.UInt32BitsToSingle(word);
                    if (number is { } some)
                        Assert.InRange(Math.Abs(found - some), 0, Math.Abs(some) / 65_536);
                    else
                        Assert.True(float.IsNaN(found));
                }
            }

            uint[] Next(int count)
            {
                var words = Joined(numbers[..(count * 4)]);
                numbers = numbers[(count * 4)..];
                return words;
            }
        }
    }

    // Of four planes of bytes.
    static uint[] Joined(byte[] bytes)
    {
        var count = bytes.Length / 4;
        return [.. Enumerable.Range(0, count).Select(i => (uint)(bytes[i] | (bytes[count + i] << 8)
            | (bytes[(2 * count) + i] << 16) | (bytes[(3 * count) + i] << 24)))];
    }

    [Fact]
    public void Patterns_are_those_of_the_study_within_half_a_step_and_cells_that_do_not_exist_are_not_kept()
    {
        using var plan = PageData.Of(Html);
        var kept = plan.RootElement.GetProperty("samples")[0].GetProperty("kept");
        var sample = Report.Samples[0];
        var (keys, first) = (sample.Sample.Ids.Length, sample.First);
        var cells = Enumerable.Range(first, keys - first).Sum(row => row + 1);
        var bytes = Words(BlockOf(Html, "shown-0"))[(4 * keys * sample.Values.Length)..];
        Assert.Equal(2 * cells * (4 + Report.Conditions.Sum(one => one.Samples[0].Patterns.Length)), bytes.Length);
        var before = sample.Patterns.Select(_ => Next()).ToList();
        foreach (var (shown, steps) in sample.Patterns.Zip(before))
            Close(shown, steps);
        foreach (var (place, condition) in Report.Conditions.Index())
            foreach (var (shown, one) in condition.Samples[0].Patterns.Zip(kept[place].EnumerateArray()))
            {
                var old = before[one[0].GetInt32()];
                Assert.Equal(sample.Patterns[one[0].GetInt32()].Head, shown.Head);
                Assert.Equal(shown.Variation, one[1].GetDouble());
                Close(shown, [.. Next().Zip(old, (change, step) => (short)(change + step))]);
            }

        short[] Next()
        {
            var found = bytes[..(2 * cells)];
            bytes = bytes[(2 * cells)..];
            return [.. Enumerable.Range(0, cells).Select(i => (short)(found[i] | (found[cells + i] << 8)))];
        }

        void Close(ShownAttention shown, short[] steps)
        {
            var at = 0;
            for (var row = 0; row < keys - first; row++)
                for (var key = 0; key <= first + row; key++)
                    Assert.InRange(
                        Math.Abs(((double)steps[at++] / AblationBlocks.Steps) - shown.Rows[(row * keys) + key]), 0,
                        Half + 1e-7);
        }
    }

    // As many heads as a layer of Qwen2-0.5B has, and texts as long as those of the command.
    [Fact]
    public void A_study_of_a_layer_is_a_page_of_less_than_five_megabytes()
    {
        var html = Page(SampleAblation.Study(heads: 14, samples: 10, shown: 3, tokens: 128));
        Assert.InRange(Bytes(html), 500_000, 5_000_000);
    }

    [Fact]
    public void Samples_that_are_not_shown_have_no_block_of_patterns()
    {
        Assert.Contains("id=\"shown-1\"", Html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"shown-2\"", Html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"shown-", Page(SampleAblation.Study(shown: 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused_with_what_makes_it_smaller() => Assert.Matches(
        "^The data of the page take [0-9,]+ bytes for 4 samples and 4 conditions, and may take 1,000 bytes in all. "
        + "Take fewer heads, kinds or samples, shorter texts, or show fewer samples or heads, or allow it with "
        + "MaxBytes ",
        Assert.Throws<ArgumentException>(() => AblationPage.Render(
            Report, SampleAblation.Token, new() { MaxBytes = 1000 })).Message);

    [Fact]
    public void What_has_nothing_to_show_is_refused()
    {
        Assert.Equal(
            "The study has no sample or no condition, expected one of each at least.",
            Assert.Throws<ArgumentException>(() => Page(Report with { Conditions = [] })).Message);
        Assert.Equal(
            "The redundancy has no sample, head or layer, expected one of each at least.",
            Assert.Throws<ArgumentException>(() => AblationPage.Render(
                SampleAblation.Redundancy() with { Samples = [] }, SampleAblation.Token)).Message);
        Assert.Equal(
            "The offset-sweep has no sample, head or layer, expected one of each at least.",
            Assert.Throws<ArgumentException>(() => AblationPage.Render(
                SampleAblation.Sweep() with { Layers = [] }, SampleAblation.Token)).Message);
    }

    [Fact]
    public void A_redundancy_test_says_in_words_what_its_index_means()
    {
        // P(none, B) = 1.125 and P(A, A and B) = 0.625, so 1 − 0.375 / −0.125; own: 1 and 0.5, of which there is none.
        Assert.Contains(
            "<li>R = 4.000 for the values of all heads at t − 1: without L2H1, what is left of them acts the other "
            + "way.\n", Test, StringComparison.Ordinal);
        Assert.Contains(
            "<li>R for the values of L2H1, L2H3 at t − 1 is undefined: they change nothing, or nothing is left without "
            + "L2H1.\n", Test, StringComparison.Ordinal);
        Assert.Contains(
            "<li>Interaction with the values of all heads: 0.500, so each does what the other would.\n", Test,
            StringComparison.Ordinal);
        Assert.Contains(
            "<tr><td>3<td>none, A and B of all heads<td>no output<td>no output<td>", Test, StringComparison.Ordinal);
        Assert.Contains("<tr><td>2<td>none, A<td>1.250<td>0.250<td>0.500<td>0.125\n", Test, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_says_where_the_values_matter_most()
    {
        Assert.Contains(
            "<li>In layer 2 the values matter most 1 back: without them NIP is 0.250, and 0.500 without L2H1 too.\n",
            Sweep, StringComparison.Ordinal);
        Assert.Contains("<li>Without L2H1 alone, NIP is 0.500.\n", Sweep, StringComparison.Ordinal);
        Assert.Contains(
            "<tr><td>2<td>3<td>1.500<td>0.125<td>no output<td>no output<td>no output<td>0.750<td>no output\n", Sweep,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_of_attention_says_where_each_head_changes_most()
    {
        var rows = Between(Distances, "<th scope=\"col\">Difference<tbody>\n", "</tbody>").TrimEnd('\n').Split('\n');
        Assert.Equal(
            [
                "<tr><td>values of L2H1 zero<td>L3H0<td>2<td>0.375 ± 0.125<td>0.500 ± 0.125<td>0.125 ± 0.125",
                "<tr><td>values of L2H1 zero<td>L3H1<td>2<td>0.500 ± 0.125<td>0.625 ± 0.125<td>0.125 ± 0.125",
                "<tr><td>values of L2H3 knock-out<td>L3H0<td>2<td>0.375 ± 0.125<td>0.125 ± 0.125<td>-0.250 ± 0.125",
                "<tr><td>values of L2H3 knock-out<td>L3H1<td>2<td>0.500 ± 0.125<td>0.250 ± 0.125<td>-0.250 ± 0.125",
            ],
            rows);
        Assert.Contains("<dt>Attention of<dd>layer 3</div>", Distances, StringComparison.Ordinal);
        Assert.Contains("<dt>Taken away<dd>values of heads</div>", Distances, StringComparison.Ordinal);
        Assert.Equal(
            "The comparison has no sample, head or condition, expected one of each at least.",
            Assert.Throws<ArgumentException>(() => AblationPage.Render(
                SampleAblation.Distances() with { Conditions = [] }, SampleAblation.Token)).Message);
    }

    [Fact]
    public void Hostile_tokens_and_titles_stay_text()
    {
        var words = SampleTrace.Hostile;
        AblationPageOptions options = new() { Title = "</title><b>", Model = new("</dd><img>", 1, 1) };
        foreach (var html in (string[])
        [
            AblationPage.Render(Report, id => new(id, words[id % words.Length], []), options).Html,
            AblationPage.Render(SampleAblation.Sweep(), id => new(id, words[id % words.Length], []), options).Html,
            AblationPage.Render(SampleAblation.Distances(), id => new(id, words[id % words.Length], []), options).Html,
        ])
        {
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
            Assert.DoesNotContain('\0', html);
            Assert.DoesNotContain('\u202e', html);
        }
    }

    static string Page(AblationReport report) =>
        AblationPage.Render(report, SampleAblation.Token, SampleAblation.Told).Html;

    static string BlockOf(string html, string id) => Between(html, $"id=\"{id}\">", "</script>");

    static byte[] Words(string block) => PageData.Numbers<byte>(block);
}
