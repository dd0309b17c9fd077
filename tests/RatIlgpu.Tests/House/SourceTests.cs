using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.House;

/// <summary>The house rules that a machine can hold.</summary>
public sealed partial class SourceTests
{
    static readonly string[] Folders = ["src", "tests", "properties", "samples", "benchmarks"];

    [Fact]
    public void No_file_has_more_than_500_lines()
    {
        var wrong = Sources().Where(file => File.ReadLines(file).Count() > 500);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Half_of_the_files_have_fewer_than_100_lines()
    {
        var lengths = Sources().Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => File.ReadLines(file).Count()).Order().ToArray();
        Assert.InRange(lengths[lengths.Length / 2], 1, 99);
    }

    [Fact]
    public void No_line_has_more_than_120_columns()
    {
        var wrong =
            from file in Sources()
            from line in File.ReadLines(file).Select((text, index) => (text, number: index + 1))
            where line.text.Length > 120
            select $"{file}:{line.number}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Samples_have_at_most_60_lines()
    {
        var wrong = Sources()
            .Where(file => file.StartsWith(Repository.Path("samples"), StringComparison.Ordinal))
            .Where(file => File.ReadLines(file).Count() > 60);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        var wrong = Sources().Where(file => Path.GetFileName(file) != "SourceTests.cs")
            .Where(file => Unfinished().IsMatch(File.ReadAllText(file)));
        Assert.Empty(wrong);
    }

    static IEnumerable<string> Sources() =>
        from folder in Folders
        let path = Repository.Path(folder)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, "*.*", SearchOption.AllDirectories)
        where Path.GetExtension(file) is ".cs" or ".js" or ".css"
        select file;

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b|#if |#pragma|#region")]
    private static partial Regex Unfinished();
}
