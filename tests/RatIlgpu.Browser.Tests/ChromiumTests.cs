namespace RatIlgpu.Browser.Tests;

public sealed class ChromiumTests
{
    [Fact]
    public void Says_which_program_is_missing()
    {
        Assert.Equal("chromium", Chromium.Missing("/nowhere"));
        Assert.Null(Chromium.Find("chromium", ""));
    }
}
