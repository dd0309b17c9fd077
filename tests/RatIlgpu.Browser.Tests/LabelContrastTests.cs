using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The contrast of labels to what is drawn behind them, measured on the pixels.</summary>
public sealed class LabelContrastTests(Chromium chromium) : PageTests(chromium)
{
    // WCAG 2.2, 1.4.3.
    const double LeastContrast = 4.5;

    [Theory]
    [InlineData("light", 1366, 900)]
    [InlineData("dark", 1366, 900)]
    [InlineData("light", 390, 844)]
    [InlineData("dark", 390, 844)]
    public void Labels_over_ribbons_can_be_read(string theme, int width, int height)
    {
        Resize(width, height);
        Open(SampleTrace.Random(tokens: 600, paths: 20, longest: 6), "#t=" + theme);
        Assert.InRange(Least("canvas"), LeastContrast, 21);
    }

    [Theory]
    [InlineData("light", "difference")]
    [InlineData("dark", "difference")]
    [InlineData("light", "path")]
    [InlineData("dark", "path")]
    public void Labels_over_ribbons_of_two_traces_can_be_read(string theme, string colour)
    {
        var one = SampleTrace.Random(tokens: 600, paths: 20, longest: 6);
        Open(ComparePage.Render(one, SampleTrace.Random(600, 12, longest: 4, seed: 2)), $"#t={theme}&d={colour}");
        Assert.InRange(Least("canvas-a"), LeastContrast, 21);
    }

    double Least(string canvas)
    {
        // The first and the last pixel of a text can be half over its plate.
        var texts = Script<IReadOnlyCollection<object>>("""
            const seen = document.getElementById(arguments[0]).getBoundingClientRect();
            const texts = [...document.querySelectorAll('.nd tspan')].map((text) => {
              const { left, top, right, bottom } = text.getBoundingClientRect();
              return [left + 1, top + 3, right - 1, bottom - 3, getComputedStyle(text).fill];
            });
            document.querySelectorAll('.nd text, .zoom').forEach((text) => { text.style.visibility = 'hidden'; });
            return texts.filter(([left, top, right, bottom]) => left >= seen.left && right <= seen.right
              && top >= seen.top && bottom <= Math.min(seen.bottom, innerHeight));
            """, canvas);
        Assert.InRange(texts.Count, 10, 100);
        var picture = ((ITakesScreenshot)Driver).GetScreenshot().AsBase64EncodedString;
        return Convert.ToDouble(Driver.ExecuteAsyncScript("""
            const [picture, texts, done] = arguments;
            const image = new Image();
            image.src = 'data:image/png;base64,' + picture;
            image.decode().then(() => {
              const paper = new OffscreenCanvas(image.width, image.height).getContext('2d');
              paper.drawImage(image, 0, 0);
              const light = (channels) => channels.slice(0, 3).map((channel) => channel / 255)
                .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
                .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0.05);
              done(Math.min(...texts.map(([left, top, right, bottom, fill]) => {
                const ink = light(fill.match(/[\d.]+/g).map(Number));
                const { data } = paper.getImageData(left, top, Math.max(1, right - left), bottom - top);
                let least = 21;
                for (let i = 0; i < data.length; i += 4) {
                  const ground = light([data[i], data[i + 1], data[i + 2]]);
                  least = Math.min(least, Math.max(ink, ground) / Math.min(ink, ground));
                }
                return least;
              })));
            });
            """, picture, texts), CultureInfo.InvariantCulture);
    }
}
