using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The page of the lens, read by pointer and keys.</summary>
public sealed class LensPageTests(Chromium chromium) : PageTests(chromium)
{
    static readonly LensReading Reading = SampleLens.Reading();

    [Fact]
    public void The_page_makes_no_request_and_logs_nothing() => AssertAlone(() => OpenLens());

    [Fact]
    public void A_cell_is_picked_shown_and_let_go()
    {
        OpenLens();
        Assert.Equal("final_post", Detail("State"));
        ClickCell(1, 2);
        Assert.Equal("3.2", Data("sel"));
        Assert.Equal("cell", Find("#info").GetDomAttribute("data-kind"));
        Leave();
        Assert.Equal("1_mid", Detail("State"));
        Assert.Equal("\u2068·and\u2069 2", Detail("After"));
        var cell = Reading.States.Single(one => one.Position == 2 && one.State.Label == "1_mid");
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{cell.KlDivergence:F3} nats"), Detail("KL(final ‖ state)"));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{cell.Entropy:F3} nats"), Detail("Entropy"));
        Assert.StartsWith(
            $"rank {cell.Tokens[0].Rank} · ", Detail("Followed \u2068·John\u2069"), StringComparison.Ordinal);
        Assert.Equal("true", Find(".t[data-i='2']").GetDomAttribute("aria-current"));
        ClickCell(1, 2);
        Assert.Equal("", Data("sel"));
        ClickCell(0, 0);
        Press(Keys.Escape);
        Assert.Equal("", Data("sel"));
    }

    [Fact]
    public void What_the_pointer_is_on_has_precedence_while_it_is_there()
    {
        OpenLens();
        ClickCell(4, 1);
        PointAtCell(0, 5);
        Assert.Equal("final_post", Detail("State"));
        Assert.Equal("Position 5", Find("#plot-title").Text);
        Leave();
        Assert.Equal("0_pre", Detail("State"));
        Assert.Equal("Position 1", Find("#plot-title").Text);
        Assert.Equal("0.1", Data("sel"));
    }

    [Fact]
    public void A_cell_has_the_colour_of_its_number()
    {
        OpenLens();
        foreach (var (metric, shade) in new (string, Func<LensState, double>)[]
        {
            ("top", cell => cell.Top[0].Probability),
            ("entropy", cell => cell.Entropy / Reading.States.Max(one => one.Entropy)),
            ("kl", cell => cell.KlDivergence / Reading.States.Max(one => one.KlDivergence)),
            ("p0", cell => cell.Tokens[0].Probability),
            ("r0", cell => 1 - (Math.Log(cell.Tokens[0].Rank) / Math.Log(8))),
        })
        {
            Find($"#metric option[value='{metric}']").Click();
            Assert.Equal(metric, Data("metric"));
            foreach (var (row, column) in new[] { (0, 0), (2, 3), (4, 5) })
                Assert.Equal(Ramp(shade(CellAt(row, column))), Pixel(row, column), (one, other) => one.Zip(other)
                    .All(pair => Math.Abs(pair.First - pair.Second) <= 1));
        }
    }

    [Fact]
    public void The_text_has_the_shades_of_the_picked_state()
    {
        OpenLens(address: "#m=p0&n=2.0");
        for (var position = 0; position < 6; position++)
        {
            var cell = Reading.States.Single(one => one.Position == position && one.State.Label == "1_pre");
            var step = (int)Math.Floor((cell.Tokens[0].Probability * 7) + 0.5);
            Assert.Equal(step == 0 ? null : $"{step}", Find($".t[data-i='{position}']").GetDomAttribute("data-h"));
        }

        Click(".t[data-i='4']");
        Assert.Equal("2.4", Data("sel"));
    }

    [Fact]
    public void The_rows_can_be_turned_round_and_be_those_between_layers()
    {
        OpenLens();
        Assert.Equal(["final_post", "1_mid", "1_pre", "0_mid", "0_pre"], RowLabels());
        Click("[data-set=states][value=layers]");
        Assert.Equal(["final_post", "1_pre", "0_pre"], RowLabels());
        Click("[data-set=input][value=top]");
        Assert.Equal(["0_pre", "1_pre", "final_post"], RowLabels());
        ClickCell(1, 0);
        Assert.Equal("2.0", Data("sel"));
    }

    [Fact]
    public void Keys_reach_every_cell()
    {
        OpenLens();
        TabTo(".heat-body");

        Press(Keys.ArrowDown, Keys.ArrowDown, Keys.ArrowRight, Keys.Enter);
        Assert.Equal("3.1", Data("sel"));
        Press(".", "]", "]");
        Assert.Equal("4.3", Data("sel"));
        Press(",", "[");
        Assert.Equal("3.2", Data("sel"));
        Press("/");
        Press("John", Keys.Enter);
        Assert.Equal("1 found", Find("#hits").Text);
        Assert.Equal("3.3", Data("sel"));
        Press(Keys.Escape, "?");
        Assert.True(Find("#help").Displayed);
    }

    [Fact]
    public void An_address_opens_what_was_seen()
    {
        const string Address = "#n=1.2&s=1&m=kl&r=layers&i=top&l=entropy&o=mean";
        OpenBatch(Address);
        Assert.Equal(("1.2", "1", "kl"), (Data("sel"), Data("prompt"), Data("metric")));
        Assert.Equal(("layers", "top", "mean"), (Data("states"), Data("input"), Data("of")));
        Click("[data-set=of][value=cell]");
        Click("[data-set=states][value=all]");
        Until(() => !Driver.Url.Contains("mean", StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(("1.2", "kl", "all", "top", "cell"),
            (Data("sel"), Data("metric"), Data("states"), Data("input"), Data("of")));
        OpenBatch("#n=99.99&s=7&m=none&r=x&i=&l=rank2&o=1");
        Assert.Equal(("", "1", "top", "all", "bottom", "cell"),
            (Data("sel"), Data("prompt"), Data("metric"), Data("states"), Data("input"), Data("of")));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Another_prompt_has_its_own_grid_and_text()
    {
        OpenBatch();
        Assert.Equal(6, All(".t").Count);
        Assert.Equal(4, All(".t[data-unread]").Count);
        ClickCell(0, 1);
        Assert.Equal("4.5", Data("sel"));
        Press("}");
        Until(() => Data("prompt") == "2");
        Assert.Equal(4, All(".t").Count);
        Assert.Equal("", Data("sel"));
        Click(".t[data-i='0']");
        Assert.Equal("", Data("sel"));
        Find("#prompt option[value='1']").Click();
        Until(() => Data("prompt") == "1");
        Assert.Equal(6, All(".t").Count);
    }

    [Fact]
    public void The_plot_goes_through_the_states_and_over_all()
    {
        OpenBatch("#l=rank");
        Assert.Equal("Rank: \u2068·John\u2069 from ", Label()[..19]);
        Assert.Equal(5, All("#plot .hold").Count);
        Mouse().MoveToElement(All("#plot .hold")[1]).Click().Perform();
        Assert.Equal("1.5", Data("sel"));
        Find("#line option[value='kl']").Click();
        Click("[data-set=of][value=mean]");
        var batch = SampleLens.TwoPrompts();
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"KL(final ‖ state): KL(final ‖ state) from {Math.Round(batch.Mean[0].KlDivergence.Mean, 3)} in 0_pre "
                + $"to 0 in final_post"),
            Label());
        Assert.Single(All("#plot .band"));

        string Label() => Find("#plot").GetDomAttribute("aria-label")!;
    }

    [Fact]
    public void Hostile_tokens_are_shown_as_text()
    {
        var (reading, tokens) = SampleLens.Hostile();
        Open(LensPage.Render(reading, tokens, new() { Title = "</title><img>" }), "#n=0.3&m=d0");
        AssertText(reading.TokenIds.Select(id => TokenGlyphs.Show(tokens(id), 400)), ".t");
    }

    [Fact]
    public void Nothing_moves_while_the_pointer_does()
    {
        Resize(1366, 900);
        OpenLens();
        AssertStill(
            "#plot, #grid", ((int[])[0, 3, 5]).Select(column => (Action)(() => PointAtCell(2, column))));
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        OpenLens();
        var page = File.ReadAllText(Folder.Path("page.html"));
        InSandbox(page, () =>
        {
            Click(".heat-body");
            Assert.Equal("2.3", Data("sel"));
        });
    }

    LensState CellAt(int row, int column) =>
        Reading.States.Single(one => one.Position == column
            && one.State.Label == ((string[])["final_post", "1_mid", "1_pre", "0_mid", "0_pre"])[row]);

    void OpenLens(string address = "") =>
        Open(LensPage.Render(Reading, SampleLens.Token, SampleLens.Told), address);

    void OpenBatch(string address = "") =>
        Open(LensPage.Render(SampleLens.TwoPrompts(), SampleLens.Token, SampleLens.Told), address);

    void PointAtCell(int row, int column)
    {
        var (x, y) = PlaceOf(row, column);
        Mouse().MoveToLocation(x, y).Perform();
    }

    void ClickCell(int row, int column)
    {
        var (x, y) = PlaceOf(row, column);
        ClickAt(x, y);
    }

    void Leave() => Mouse().MoveToLocation(2, 2).Perform();

    (int X, int Y) PlaceOf(int row, int column)
    {
        var rows = RowLabels().Length;
        var columns = Number("document.querySelectorAll('.heat-columns text:not(.heat-title)').length");
        var box = "document.querySelector('.heat-body').getBoundingClientRect()";
        return ((int)Number($"{box}.left + {box}.width * ({column} + 0.5) / {columns}"),
            (int)Number($"{box}.top + {box}.height * ({row} + 0.5) / {rows}"));
    }

    string[] RowLabels() => [.. Script<IReadOnlyCollection<object>>(
        "return [...document.querySelectorAll('.heat-rows text:not(.heat-title)')].map((text) => text.textContent)")
        .Cast<string>()];

    int[] Pixel(int row, int column) => [.. Script<IReadOnlyCollection<object>>("""
        const [canvas, box] = [document.querySelector('.heat canvas'), document.querySelector('.heat-body')];
        const { width, height } = box.getBoundingClientRect();
        const scale = canvas.width / width;
        const columns = document.querySelectorAll('.heat-columns text:not(.heat-title)').length;
        const rows = document.querySelectorAll('.heat-rows text:not(.heat-title)').length;
        const [x, y] = [(arguments[1] * width) / columns + 3, (arguments[0] * height) / rows + 3];
        return [...canvas.getContext('2d').getImageData(x * scale, y * scale, 1, 1).data].slice(0, 3);
        """, row, column).Select(part => Convert.ToInt32(part, CultureInfo.InvariantCulture))];

    static int[] Ramp(double shade)
    {
        var place = Math.Round(Math.Clamp(shade, 0, 1) * 255) / 255 * (Palette.Heat.Length - 1);
        var low = Math.Min(Palette.Heat.Length - 2, (int)place);
        var colour = Palette.Mixed(Palette.Heat[low].Light, Palette.Heat[low + 1].Light, place - low);
        return [.. new[] { 1, 3, 5 }.Select(at => Convert.ToInt32(colour.Substring(at, 2), 16))];
    }
}
