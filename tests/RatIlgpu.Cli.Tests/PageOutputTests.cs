namespace RatIlgpu.Cli.Tests;

public sealed class PageOutputTests
{
    const StringSplitOptions WordsAlone = StringSplitOptions.RemoveEmptyEntries;

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

    [Theory]
    [InlineData("trace")]
    [InlineData("attention")]
    [InlineData("diff")]
    [InlineData("heads show")]
    public void The_help_says_of_what_the_bytes_are_counted(string command)
    {
        var help = CommandRun.Of([.. command.Split(' '), "--help"]).Output;
        Assert.Contains(
            "the most bytes that the data of the page may take.",
            string.Join(' ', help.Split((char[]?)null, WordsAlone)),
            StringComparison.OrdinalIgnoreCase);
    }

    static (string Report, string Error) Said(bool isNamed, bool hasReport)
    {
        var (report, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        PageOutput.Say("output/a.html", isNamed, hasReport ? report : TextWriter.Null, error);
        return ($"{report}", $"{error}");
    }
}
