using System.Text.Json.Nodes;
using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of a study of ablation, read by pointer and keys.</summary>
public sealed class AblationPageTests(Chromium chromium) : PageTests(chromium)
{
    static readonly AblationReport Report = SampleAblation.Study();

    [Fact]
    public void The_page_makes_no_request_and_logs_nothing() => AssertAlone(() => OpenStudy());

    [Fact]
    public void The_condition_that_changes_most_is_shown_first()
    {
        OpenStudy();
        var (place, most) = Report.Conditions.Index().MaxBy(one => one.Item.Divergence.Mean);
        Assert.Equal($"{place}", Data("condition"));
        Assert.Equal(most.Condition.ToString(), Detail("Condition"));
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{most.Layers[1].Projection.Mean:F3} ± {most.Layers[1].Projection.Spread:F3}"),
            Detail("NIP, layer 3"));
    }

    [Fact]
    public void A_condition_is_chosen_in_the_matrix_the_list_and_the_table()
    {
        OpenStudy("#c=0");
        ClickCell("#grid", 2, 1, rows: 4, columns: 2);
        Assert.Equal("2", Data("condition"));
        Assert.Equal("L2H1 zero", Detail("Condition"));
        Find("#condition option[value='1']").Click();
        Assert.Equal("L2H0 mean", Detail("Condition"));
        Script<object?>("document.querySelector('#rows [data-c=\"3\"] button').click()");
        Assert.Equal("L2H1 mean", Detail("Condition"));
        Click("h1");
        Press("[", "[");
        Assert.Equal("1", Data("condition"));
    }

    [Fact]
    public void Heads_stand_against_kinds_where_a_number_is_of_no_layer()
    {
        OpenStudy("#c=0&m=divergence");
        Assert.Equal(["L2H0", "L2H1"], Texts("#grid .heat-rows text:not(.heat-title)"));
        Assert.Equal(["zero", "mean"], Texts("#grid .heat-columns text:not(.heat-title)"));
        ClickCell("#grid", 1, 1, rows: 2, columns: 2);
        Assert.Equal("3", Data("condition"));
        Click("[data-set=measure][value=cosine]");
        Assert.Equal(["2", "3"], Texts("#grid .heat-columns text:not(.heat-title)"));
    }

    [Fact]
    public void The_table_is_sorted_by_any_of_its_columns()
    {
        OpenStudy();
        foreach (var (column, key) in new (string, Func<ConditionEffect, double>)[]
        {
            ("divergence", effect => effect.Divergence.Mean), ("there", effect => effect.Layers[0].Projection.Mean),
            ("last", effect => effect.Layers[^1].Projection.Mean),
        })
        {
            Script<object?>("document.querySelector(`button[data-order=${arguments[0]}]`).click()", column);
            var sorted = Report.Conditions.OrderByDescending(key).Select(one => one.Condition.ToString()).ToList();
            Assert.Equal(sorted, Texts("#rows button"));
            Assert.Equal("descending", Find($"[data-column='{column}']").GetDomAttribute("aria-sort"));
            Script<object?>("document.querySelector(`button[data-order=${arguments[0]}]`).click()", column);
            Assert.Equal(sorted.AsEnumerable().Reverse(), Texts("#rows button"));
        }
    }

    [Fact]
    public void Another_sample_has_its_own_text_lines_and_changes()
    {
        OpenStudy("#c=0");
        foreach (var place in (int[])[0, 2])
        {
            Find($"#sample option[value='{place + 1}']").Click();
            Until(() => Data("sample") == $"{place + 1}");
            var (sample, effect) = (Report.Samples[place], Report.Conditions[0].Samples[place]);
            Assert.Equal(sample.Sample.Ids.Length, All(".t").Count);
            Assert.Equal($"{sample.Sample.Position}", Find(".t[data-changed]").GetDomAttribute("data-i"));
            Assert.Equal(effect.Divergences.Length, All("#divergences .hold").Count);
            var changed = sample.Predictions.Zip(effect.Predictions).Where(one => one.First != one.Second).ToList();
            Assert.Equal(
                changed.SelectMany(one => new[] { $"·word{one.First}", $"·word{one.Second}" }),
                Texts("#changes td:is(:nth-child(2), :nth-child(3))"));
            Assert.StartsWith(
                $"Changed predictions: {changed.Count} of {effect.Predictions.Length}", Find("#changes-title").Text,
                StringComparison.Ordinal);
        }

        Assert.Equal("Patterns are kept of the first samples alone.", Find("#no-attention").Text);
        Assert.False(Find("#before").Displayed);
        Click("h1");
        Press("{");
        Until(() => Data("sample") == "2");
        Assert.True(Find("#before").Displayed);
    }

    [Fact]
    public void Everywhere_the_text_is_shown_from_its_start_and_its_name_has_no_position()
    {
        Open(AblationPage.Render(
            SampleAblation.Study(samples: 2, shown: 0, tokens: 400, everywhere: true), SampleAblation.Token,
            SampleAblation.Told));
        Assert.StartsWith("1: word", Find("#sample option").Text, StringComparison.Ordinal);
        Assert.Empty(All(".t[data-changed]"));
        Assert.True(Number("document.querySelector('#toks').scrollHeight")
            > 1.5 * Number("document.querySelector('#toks').clientHeight"));
        Until(() => Number("document.querySelector('#toks').scrollTop") == 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void The_matrix_is_as_high_as_its_rows_and_its_title_is_seen_whole(int heads)
    {
        Open(AblationPage.Render(SampleAblation.Study(heads), SampleAblation.Token, SampleAblation.Told));
        const string Box = "getBoundingClientRect()", Grid = "document.querySelector('#grid')";
        var title = $"[...{Grid}.querySelectorAll('.heat-title')].find((one) => one.textContent === 'Condition')";
        // Nothing lies over its upper end.
        Assert.Equal("heat-rows", Script<string>(
            $"const box = {title}.{Box}; return document.elementFromPoint("
            + "(box.left + box.right) / 2, box.top + 3).closest('svg').getAttribute('class')"));
        Assert.True(Number($"{title}.{Box}.left") >= Number($"{Grid}.{Box}.left"));
        Assert.True(Number($"{title}.{Box}.top") >= Number($"{Grid}.{Box}.top"));
        Assert.True(Number($"{title}.{Box}.bottom") <= Number($"{Grid}.{Box}.bottom"));
        // The scale stands below the last row.
        Assert.InRange(
            Number($"document.querySelector('#legend').{Box}.top - {Grid}.querySelector('.heat-body').{Box}.bottom"),
            0, 24);
    }

    [Fact]
    public void A_kept_position_tells_its_numbers_everywhere()
    {
        OpenStudy("#c=0&s=1");
        var (sample, effect) = (Report.Samples[0], Report.Conditions[0].Samples[0]);
        var position = sample.First + 3;
        Click($".t[data-i='{position}']");
        Assert.Equal($"{position}", Data("sel"));
        Assert.Equal($"\u2068·word{sample.Sample.Ids[position]}\u2069 {position}", Detail("Position"));
        var output = effect.Layers[0][3];
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{output.Projection:F3} · {output.Cosine:F3}"),
            Detail("NIP · cosine there"));
        Assert.Equal($"\u2068·word{effect.Predictions[3]}\u2069", Detail("With the change"));
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
        Click($".t[data-i='{sample.First + 1}']");
        Assert.Equal("no output · no output", Detail("NIP · cosine there"));
        Click(".t[data-i='0']");
        Assert.Contains("Nothing changes before the changed position.", Find("#info").Text, StringComparison.Ordinal);
    }

    // The third position of each sample has a NIP of 1.5.
    [Fact]
    public void Lines_above_one_are_not_cut_and_end_where_there_is_no_output()
    {
        OpenStudy("#c=0&s=1");
        var box = "document.querySelector('#outputs .line.hue-0').getBBox()";
        Assert.InRange(Number($"{box}.y"), 9, 12);
        Assert.True(Number($"{box}.y") < Number("document.querySelector('#outputs .dotted').getBBox().y"));
        // A number alone before the gap, and a line behind it.
        var path = Find("#outputs .line.hue-0").GetDomAttribute("d")!;
        Assert.Equal(2, path.Count(letter => letter == 'M'));
        Assert.Contains("1.5", Texts("#outputs text"));
    }

    [Fact]
    public void Lines_can_be_those_of_any_layer_or_of_all()
    {
        OpenStudy("#c=0");
        Assert.Equal(["2", "3", "all"], Texts("#layer option"));
        Find("#layer option[value='3']").Click();
        Assert.Equal(["NIP, layer 3", "Cosine, layer 3"], Texts("#outputs-lines bdi"));
        Find("#layer option[value='all']").Click();
        Assert.Equal(["NIP, layer 2", "NIP, layer 3"], Texts("#outputs-lines bdi"));
    }

    [Fact]
    public void Patterns_have_the_colours_of_their_probabilities()
    {
        OpenStudy("#c=0&s=1&h=1");
        var (sample, shown) = (Report.Samples[0], Report.Conditions[0].Samples[0].Patterns[1]);
        Assert.Equal(
            Report.Conditions[0].Samples[0].Patterns.Select(one => one.Head.ToString()), Texts("#head option"));
        Assert.Equal("total variation 0.250, mean of the rows", Find("#varied").Text);
        Script<object?>("document.getElementById('attention').scrollIntoView()");
        var (keys, before) = (sample.Sample.Ids.Length, sample.Patterns.Single(one => one.Head == shown.Head));
        var differences = shown.Rows.Zip(before.Rows, (after, old) => after - old).ToList();
        var most = differences.Max(Math.Abs);
        foreach (var (row, key) in new[] { (0, 1), (2, 5), (5, 0) })
        {
            var place = (row * keys) + key;
            Close(Ramp(Palette.Heat, Math.Sqrt(before.Rows[place]), 255), "#before");
            Close(Ramp(Palette.Heat, Math.Sqrt(shown.Rows[place]), 255), "#after");
            var shade = Math.Sign(differences[place]) * Math.Sqrt(Math.Abs(differences[place]) / most);
            Close(Ramp(Palette.Signed, (shade + 1) / 2, 510), "#difference");

            // Steps of probability move small ones by a few shades.
            void Close(int[] expected, string map) => Assert.All(
                expected.Zip(Pixel(map, row, key, keys - sample.First, keys)),
                pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 8));
        }
    }

    [Fact]
    public void Keys_reach_the_matrix_and_the_text()
    {
        OpenStudy("#c=0");
        TabTo("#grid .heat-body");

        Press(Keys.ArrowDown, Keys.ArrowDown, Keys.Enter);
        Assert.Equal("1", Data("condition"));
        Press("/");
        Press($"word{Report.Samples[0].Sample.Ids[5]}", Keys.Enter);
        Assert.NotEqual("", Data("sel"));
        Press(Keys.Escape, "?");
        Assert.True(Find("#help").Displayed);
    }

    [Fact]
    public void An_address_opens_what_was_seen()
    {
        OpenStudy("#n=6&c=3&s=2&m=cosine&l=3&h=1&o=changed&u=up");
        Assert.Equal(("6", "3", "2"), (Data("sel"), Data("condition"), Data("sample")));
        Assert.Equal(("cosine", "changed", "up"), (Data("measure"), Data("order"), Data("turn")));
        Click("[data-set=measure][value=changed]");
        Until(() => Driver.Url.Contains("m=changed", StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(("6", "3", "changed"), (Data("sel"), Data("condition"), Data("measure")));
        OpenStudy("#n=99&c=17&s=9&m=x&l=12&h=a&o=none");
        Assert.Equal(("", "1", "projection"), (Data("sel"), Data("sample"), Data("measure")));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Hostile_tokens_are_shown_as_text()
    {
        var words = SampleTrace.Hostile;
        Open(AblationPage.Render(
            Report, id => new(id, words[id % words.Length], []), new() { Title = "</title><img>" }), "#n=6");
        Assert.Equal(
            Report.Samples[0].Sample.Ids.Select(id => TokenGlyphs.Show(new(id, words[id % words.Length], []), 400)),
            Texts(".t"));
        Assert.Empty(All("img, iframe, object, b, [onload], [onerror]"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void A_study_without_shown_samples_or_of_heads_together_is_a_page_too()
    {
        Open(AblationPage.Render(SampleAblation.Study(shown: 0, together: true), SampleAblation.Token));
        Assert.Equal("Patterns are kept of the first samples alone.", Find("#no-attention").Text);
        Assert.False(Find("#values").Displayed);
        Click("[data-set=measure][value=changed]");
        Assert.Equal(["all"], Texts("#grid .heat-columns text:not(.heat-title)"));
        Open(AblationPage.Render(SampleAblation.Study(everywhere: true), SampleAblation.Token));
        Assert.Equal("NIP as a mean over all positions; 1 is no change", Find("#legend").Text);
        Assert.Empty(All(".t[data-changed]"));
        Assert.Empty(All(".framed"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Theory]
    [InlineData(1366)]
    [InlineData(390)]
    public void The_divergence_of_a_changed_prediction_is_in_sight_beside_long_tokens(int width)
    {
        Resize(width, 900);
        Open(AblationPage.Render(
            SampleAblation.Study(), id => new(id, $" unquestionably{id}unquestionably", []), SampleAblation.Told));
        var (edge, right) = (
            Number("document.querySelector('.changes').getBoundingClientRect().right"),
            Number("document.querySelector('#changes td:last-child').getBoundingClientRect().right"));
        Assert.InRange(right, 0, edge);
        Assert.True(Script<bool>("""
            const cell = document.querySelector('#changes td:last-child');
            return cell.scrollWidth <= cell.clientWidth;
            """));
        Assert.StartsWith("·unquestionably", Find("#changes td:nth-child(2)").GetDomAttribute("title"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_moves_while_the_pointer_does()
    {
        Resize(1366, 900);
        OpenStudy();
        AssertStill(
            "#grid",
            new[] { "#grid .heat-body", ".t[data-i='5']", "#through .hold", "#theme" }.Select(selector =>
                (Action)(() => Mouse().MoveToElement(Find(selector)).Perform())));
    }

    [Fact]
    public void The_exported_files_have_the_numbers_of_the_study()
    {
        OpenStudy("#c=0");
        var json = JsonNode.Parse(Exported("json", "ablate"))!;
        Assert.Equal("ablation", (string?)json["kind"]);
        var effect = Report.Conditions[3];
        var saved = json["conditions"]![3]!;
        Assert.Equal(effect.Condition.ToString(), (string?)saved["condition"]);
        Assert.Equal(effect.Divergence.Mean, (double)saved["divergence"]!["mean"]!);
        Assert.Equal(effect.Layers[1].Cosine.Spread, (double)saved["layers"]![1]!["cosine"]!["spread"]!);
        foreach (var (sample, one) in effect.Samples.Zip(saved["samples"]!.AsArray()))
        {
            Assert.Equal(sample.Predictions, one!["predictions"]!.AsArray().Select(id => (int)id!));
            foreach (var (change, number) in sample.Layers[1].Zip(one["layers"]![1]!["projection"]!.AsArray()))
                if (change.Projection is { } some)
                    Assert.Equal(some, (double)number!, 1e-4);
                else
                    Assert.Null(number);
        }

        var rows = Exported("csv", "ablate").TrimStart('\ufeff').Split("\r\n");
        Assert.StartsWith(
            "condition,part,kind,heads,layer,projection,projection_spread,", rows[0], StringComparison.Ordinal);
        Assert.Equal((Report.Conditions.Length * 2) + 2, rows.Length);
        var drawing = XDocument.Parse(Exported("svg", "ablate"));
        var texts = drawing.Descendants().Where(part => part.Name.LocalName == "text").Select(part => part.Value);
        Assert.Contains("L2H1 mean", texts);
        Assert.Contains("Position", texts);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Export("png", "ablate")[..4]);
    }

    void OpenStudy(string address = "") =>
        Open(AblationPage.Render(Report, SampleAblation.Token, SampleAblation.Told), address);

    void ClickCell(string map, int row, int column, int rows, int columns)
    {
        var box = $"document.querySelector('{map} .heat-body').getBoundingClientRect()";
        ClickAt(
            Number($"{box}.left + {box}.width * ({column} + 0.5) / {columns}"),
            Number($"{box}.top + {box}.height * ({row} + 0.5) / {rows}"));
    }

    int[] Pixel(string map, int row, int column, int rows, int columns) =>
        [.. Script<IReadOnlyCollection<object>>("""
            const [canvas, box] = ['canvas', '.heat-body'].map((part) =>
              document.querySelector(`${arguments[0]} ${part}`));
            const { width, height } = box.getBoundingClientRect();
            const scale = canvas.width / width;
            const [x, y] = [(arguments[2] * width) / arguments[4] + 3, (arguments[1] * height) / arguments[3] + 3];
            return [...canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data].slice(0, 3);
            """, map, row, column, rows, columns).Select(part => Convert.ToInt32(part, CultureInfo.InvariantCulture))];

    static int[] Ramp(ImmutableArray<(string Light, string Dark)> stops, double shade, int steps)
    {
        var place = Math.Round(Math.Clamp(shade, 0, 1) * steps) / steps * (stops.Length - 1);
        var low = Math.Min(stops.Length - 2, (int)place);
        var colour = Palette.Mixed(stops[low].Light, stops[low + 1].Light, place - low);
        return [.. new[] { 1, 3, 5 }.Select(at => Convert.ToInt32(colour.Substring(at, 2), 16))];
    }
}
