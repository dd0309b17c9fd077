using Xunit.Sdk;

namespace RatIlgpu.Browser.Tests;

public sealed class ChromiumTests
{
    [Fact]
    public void Says_which_program_is_missing()
    {
        Assert.Equal("chromium", Chromium.Missing("/nowhere"));
        Assert.Null(Chromium.Find("chromium", ""));
    }

    [Theory]
    [InlineData(false, typeof(SkipException))]
    [InlineData(true, typeof(FailException))]
    public void Without_a_browser_a_test_is_skipped_or_fails_if_the_browser_is_required(
        bool isRequired, Type expected)
    {
        using var none = new Chromium("/nowhere", isRequired);
        var refusal = RefusalOf(() => new AnyPage(none));
        Assert.IsType(expected, refusal);
        Assert.Contains("chromium is not on the path: apt-get install", refusal.Message, StringComparison.Ordinal);
    }

    // Record.Exception and Assert.Throws rethrow a skip, which would skip this test.
    static Exception? RefusalOf(Func<object> open)
    {
        try
        {
            open();
            return null;
        }
        catch (Exception refusal)
        {
            return refusal;
        }
    }

    sealed class AnyPage(Chromium chromium) : PageTests(chromium);
}
