using RatIlgpu.Testing;

namespace RatIlgpu.Tests.House;

/// <summary>The scripts in <c>findings</c> belong to code that allows for what they show.</summary>
public sealed class FindingTests
{
    static readonly string[] Scripts =
        [.. Directory.EnumerateFiles(Repository.Path("findings"), "*.sh").Select(Path.GetFileName).Order()!];

    [Fact]
    public void The_code_that_allows_for_a_finding_names_its_script()
    {
        var source = string.Concat(((string[])["*.cs", "*.targets"]).SelectMany(kind =>
            Directory.EnumerateFiles(Repository.Path("src"), kind, SearchOption.AllDirectories))
            .Select(File.ReadAllText));
        Assert.NotEmpty(Scripts);
        Assert.DoesNotContain(Scripts, name => !source.Contains($"findings/{name}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_is_executable_bash_with_a_header_comment()
    {
        foreach (var name in Scripts)
        {
            var path = Repository.Path("findings", name);
            var lines = File.ReadAllLines(path);
            Assert.Equal("#!/usr/bin/env bash", lines[0]);
            Assert.StartsWith("# ", lines[1], StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
                Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute), $"{name} is not executable.");
        }
    }
}
