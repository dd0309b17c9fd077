using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.House;

/// <summary>What docs/architecture.md says of files is true.</summary>
public sealed partial class ArchitectureTests
{
    static readonly string Page = File.ReadAllText(Repository.Path("docs", "architecture.md"));

    [Fact]
    public void The_way_from_the_command_line_to_the_page_passes_at_most_35_files_that_are_there()
    {
        var table = Page[Page.IndexOf("## From the command line", StringComparison.Ordinal)..];
        var files = Listed().Matches(table).Select(found => found.Groups["file"].Value).ToArray();
        Assert.InRange(files.Length, 25, 35);
        Assert.Equal(files.Length, files.Distinct().Count());
        Assert.All(files, file => Assert.True(File.Exists(PathOf(file)), $"{file} is not there."));
    }

    static string PathOf(string file)
    {
        var (project, rest) = (file[..file.IndexOf('/')], file[(file.IndexOf('/') + 1)..]);
        return Repository.Path("src", project == "RatIlgpu" ? project : $"RatIlgpu.{project}", rest + ".cs");
    }

    [GeneratedRegex("`(?<file>(Cli|Html|RatIlgpu)/[\\w./]+)`")]
    private static partial Regex Listed();
}
