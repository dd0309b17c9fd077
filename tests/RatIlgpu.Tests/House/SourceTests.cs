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
    public void The_forward_pass_has_at_most_250_lines_in_a_file()
    {
        string[] files = [.. Library().Where(file =>
            Path.GetFileName(file).StartsWith("ForwardPass.", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.InRange(File.ReadLines(file).Count(), 1, 250));
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
    public void No_method_has_more_than_40_lines()
    {
        var wrong =
            from file in Library()
            from body in Bodies(File.ReadAllLines(file))
            where body.Length > 40
            select $"{file}:{body.Line} has {body.Length} lines";
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_file_declares_one_public_type_and_the_enums_and_records_that_exist_for_it()
    {
        var wrong =
            from file in Library()
            let types = PublicType().Matches(File.ReadAllText(file))
            where types.Count > 1
            where types.Count(type => type.Groups["small"].Length == 0) > 1
                || types[0].Groups["name"].Value != Path.GetFileName(file).Split('.')[0]
            select file;
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

    // What formatted code has between a line with only a brace and the next that closes in the same column; the body of
    // a type, or of an extension block, is none.
    static IEnumerable<(int Line, int Length)> Bodies(string[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            var column = lines[i].IndexOf('{');
            if (lines[i].Trim() != "{" || TypeHead().IsMatch(lines[Array.FindLastIndex(lines, i - 1, StartsThere)]))
                continue;
            yield return (i, Array.FindIndex(lines, i, line => StartsThere(line) && line[column] == '}') - i - 1);

            bool StartsThere(string line) =>
                line.Length > column && line.AsSpan(0, column).IsWhiteSpace() && !char.IsWhiteSpace(line[column]);
        }
    }

    static IEnumerable<string> Library() =>
        from file in Sources()
        where file.StartsWith(Repository.Path("src"), StringComparison.Ordinal) && Path.GetExtension(file) == ".cs"
        select file;

    static IEnumerable<string> Sources() =>
        from folder in Folders
        let path = Repository.Path(folder)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, "*.*", SearchOption.AllDirectories)
        where Path.GetExtension(file) is ".cs" or ".js" or ".css"
        select file;

    [GeneratedRegex(@"^[^(=]*\b(class|struct|record|interface|enum)\b|^\s*extension\(")]
    private static partial Regex TypeHead();

    // Extension methods of an enum stand below it, in a static class.
    [GeneratedRegex(
        @"^public ((?<small>.*\b(enum|record struct|record|static class))|.*\b(class|struct|interface|delegate)) "
        + @"(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b|#if |#pragma|#region")]
    private static partial Regex Unfinished();
}
