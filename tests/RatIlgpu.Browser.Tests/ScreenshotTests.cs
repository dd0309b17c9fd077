using OpenQA.Selenium;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>Screenshots for people to look at. They are not compared, since fonts differ between machines.</summary>
public sealed class ScreenshotTests(Chromium chromium) : PageTests(chromium)
{
    static string Pictures => Path.Combine(AppContext.BaseDirectory, "TestResults", "screenshots");

    [Theory]
    [InlineData("light", 1366, 900)]
    [InlineData("dark", 1366, 900)]
    [InlineData("light", 390, 844)]
    [InlineData("dark", 390, 844)]
    public void The_page_fits_the_width_of_its_screen(string theme, int width, int height)
    {
        Resize(width, height, isTouched: width < 500);
        Open(SampleTrace.FivePaths(), $"#t={theme}&n=n15");
        Assert.InRange(Number("document.documentElement.scrollWidth"), 0, width);
        Directory.CreateDirectory(Pictures);
        var file = Path.Combine(Pictures, $"trace-{theme}-{width}.png");
        ((ITakesScreenshot)Driver).GetScreenshot().SaveAsFile(file);
        Assert.True(new FileInfo(file).Length > 10_000, file);
    }
}
