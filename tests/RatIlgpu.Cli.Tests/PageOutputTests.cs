namespace RatIlgpu.Cli.Tests;

public sealed class PageOutputTests
{
    [Fact]
    public void A_folder_that_nobody_named_is_told_where_there_is_no_report()
    {
        Assert.Equal(("\nWrote output/a.html\n", ""), Said(isNamed: false, hasReport: true));
        Assert.Equal(("\nWrote output/a.html\n", ""), Said(isNamed: true, hasReport: true));
        Assert.Equal(("", "ratilgpu: note: wrote output/a.html\n"), Said(isNamed: false, hasReport: false));
        Assert.Equal(("", ""), Said(isNamed: true, hasReport: false));
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("lens")]
    [InlineData("attribute")]
    [InlineData("patch")]
    [InlineData("predict")]
    [InlineData("heads show")]
    public void The_help_says_which_folder_a_page_goes_to_that_is_opened(string command)
    {
        var help = CommandRun.Of([.. command.Split(' '), "--help"]).Output;
        Assert.Matches(@"Default: no\s+page;\s+output\s+with\s+--open-browser\.", help);
    }

    static (string Report, string Error) Said(bool isNamed, bool hasReport)
    {
        var (report, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        PageOutput.Say("output/a.html", isNamed, hasReport ? report : TextWriter.Null, error);
        return ($"{report}", $"{error}");
    }
}
