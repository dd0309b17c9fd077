using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

public sealed class AttentionLookTests(Chromium chromium) : AttentionTests(chromium)
{
    // WCAG 2.2, 1.4.3.
    const double LeastContrast = 4.5;

    // The least contrast of the elements to their nearest ground that is not transparent, by WCAG 2.2.
    const string Contrast = """
        const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
        const luminance = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
          .map((part) => (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4))
          .reduce((sum, part, i) => sum + part * [.2126, .7152, .0722][i], 0);
        const ground = (element) => {
          const { backgroundColor } = getComputedStyle(element);
          return parts(backgroundColor)[3] === 0 ? ground(element.parentElement) : backgroundColor;
        };
        return Math.min(...[...document.querySelectorAll(arguments[0])].map((element) => {
          const style = getComputedStyle(element);
          const [a, b] = [element instanceof SVGElement ? style.fill : style.color, ground(element)].map(luminance);
          return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        }));
        """;

    [Theory]
    [InlineData("light", "auto")]
    [InlineData("dark", "auto")]
    [InlineData("light", "dark")]
    [InlineData("dark", "light")]
    public void All_text_has_enough_contrast_in_both_themes(string scheme, string theme)
    {
        OpenAttention(SampleAttention.TwoPrompts(new() { HelpText = true }), "#h=1.0&k=3&q=an");
        Emulate("", scheme, reduceMotion: true);
        Find($"#theme option[value='{theme}']").Click();
        Click("#table summary");
        string[] texts =
        [
            "h1", "h2", ".facts dt", ".facts dd", ".tools label", ".choice > span", "select", "input",
            "button[aria-pressed=false]", "button[aria-pressed=true]", ".muted", "#info dt", "#info dd", "summary",
            "th", "td", ".t", ".hd", ".heat text", ".explain dd", "#list button",
        ];
        foreach (var selector in texts)
            AssertContrast(selector);
        for (var step = 1; step <= 7; step++)
        {
            Script<object?>("""
                for (const mark of document.querySelectorAll('.t, #list td:nth-child(3)'))
                  mark.dataset.h = arguments[0];
                """, step);
            AssertContrast(".t");
            AssertContrast("#list td");
        }
    }

    [Fact]
    public void The_pictures_change_with_the_theme()
    {
        OpenAttention("#h=0.0");
        Until(() => All(".hd[data-painted]").Count == 4);
        var light = Pixels();
        Find("#theme option[value='dark']").Click();
        Until(() => All(".hd[data-painted]").Count == 4 && !Pixels().Intersect(light).Any());

        string[] Pixels() => [.. Script<IReadOnlyCollection<object>>("""
            return ['#matrix canvas', '.hd canvas'].map((name) =>
              [...document.querySelector(name).getContext('2d').getImageData(1, 1, 1, 1).data].join());
            """).Cast<string>()];
    }

    [Fact]
    public void Forced_colours_keep_the_locked_head_apart()
    {
        OpenAttention("#h=0.1");
        Emulate("", forcedColors: true, reduceMotion: true);
        string Border(string head) => Script<string>(
            "return getComputedStyle(document.querySelector(arguments[0])).borderColor", $".hd[data-head='{head}']");
        Assert.NotEqual(Border("1"), Border("2"));
    }

    [Fact]
    public void A_printed_page_has_no_controls_and_all_of_the_text_and_heads()
    {
        OpenAttention("#t=dark");
        Emulate("print", "dark");
        string Style(string selector, string property) => Script<string>(
            "return getComputedStyle(document.querySelector(arguments[0])).getPropertyValue(arguments[1])",
            selector, property);
        Assert.Equal("none", Style(".tools", "display"));
        Assert.Equal("visible", Style(".tokens", "overflow"));
        Assert.Equal("visible", Style("#heads", "overflow"));
        Assert.Equal("rgb(246, 247, 249)", Style("html", "background-color"));
    }

    [Fact]
    public void Hostile_tokens_labels_and_titles_are_shown_as_text()
    {
        var title = "</title><script>document.documentElement.dataset.broken = 1</script>";
        OpenAttention(SampleAttention.Of(
            new() { Title = title, Label = (_, _) => "</option></select><img src=x onerror=alert(1)>" },
            (SampleTrace.Hostile, null), (SampleTrace.Hostile, null)), "#h=0.0");
        Assert.Equal(SampleTrace.Hostile.Length, All(".t").Count);
        Assert.Equal(title, Find("h1").Text);
        for (var i = 0; i < SampleTrace.Hostile.Length; i += 3)
        {
            OverCell(i, 0).Perform();
            Until(() => Find("#info").GetDomAttribute("data-kind") == "c");
            Hover($".t[data-i='{i}']");
            Await("tok", $"{i}");
        }

        Click("#table summary");
        Assert.Empty(All("img, iframe, object, [onload], [onerror]"));
        Assert.Null(Data("broken"));
        AssertClean();
    }

    [Fact]
    public void The_page_makes_no_request()
    {
        AssertAlone(() =>
        {
            OpenAttention();
            Until(() => All(".hd[data-painted]").Count == 4);
        });
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        OpenAttention();
        var page = File.ReadAllText(Folder.Path("page.html"));
        InSandbox(page, () =>
        {
            Click(".hd[data-head='2']");
            Await("head", "2");
            Assert.Equal("2", Data("head-lock"));
        });
    }

    void AssertContrast(string selector)
    {
        var found = Convert.ToDouble(Driver.ExecuteScript(Contrast, selector), CultureInfo.InvariantCulture);
        Assert.True(found >= LeastContrast, $"{selector}: {found:F2}");
    }
}
