namespace RatIlgpu.Html.Tests;

public sealed class HtmlWriterTests
{
    [Fact]
    public void Markup_stays_and_holes_become_text()
    {
        var text = "<b title='x'>&\"";
        var html = new HtmlWriter().Write($"<p>{text}</p>").ToString();
        Assert.Equal("<p>&lt;b title=&#x27;x&#x27;&gt;&amp;&quot;</p>", html);
    }

    [Fact]
    public void Letters_of_all_scripts_stay_readable()
    {
        var text = "é שלום 你好 ·";
        Assert.Equal(text, new HtmlWriter().Write($"{text}").ToString());
    }

    [Fact]
    public void Characters_that_turn_or_command_a_text_are_shown_by_their_codes_on_pages_and_figures()
    {
        var text = "a\u202Eb\u2066\u0001\u200F\u001B\u2028\uFFFFc\u0085";
        const string Shown = "a⟨202E⟩b⟨2066⟩⟨0001⟩⟨200F⟩⟨001B⟩⟨2028⟩⟨FFFF⟩c⟨0085⟩";
        Assert.Equal(Shown, new HtmlWriter().Write($"{text}").ToString());
        Assert.Equal(Shown, SvgFigure.Escaped(text));
        Assert.Contains(
            $"<title>{Shown}</title>", new SvgFigure(PageTheme.Light).ToSvg(1, 1, text), StringComparison.Ordinal);
        Assert.Equal("\u2068a\u2069⟨2069⟩", SvgFigure.Escaped("\u2068a\u2069\u2069"));
        var emoji = "👩‍👧 ق\u200Cq";
        Assert.Equal(emoji, SvgFigure.Escaped(emoji));
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new("de-DE");
            Assert.Equal("0.50 -3", new HtmlWriter().Write($"{0.5:F2} {-3}").ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Raw_text_stays_raw() => Assert.Equal("a<b", new HtmlWriter().WriteRaw("a<b").ToString());
}
