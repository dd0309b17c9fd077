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
