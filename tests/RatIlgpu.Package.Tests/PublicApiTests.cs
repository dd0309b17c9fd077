using System.Reflection;
using PublicApiGenerator;
using RatIlgpu.Testing;

namespace RatIlgpu.Package.Tests;

/// <summary>The public API of every library is as the files of <c>PublicApi</c> have it; <c>UPDATE_GOLDEN=1</c> writes
/// them anew.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("RatIlgpu")]
    [InlineData("RatIlgpu.Analysis")]
    [InlineData("RatIlgpu.Html")]
    [InlineData("RatIlgpu.Ilgpu")]
    public void The_public_API_changes_only_on_purpose(string name)
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false };
        var found = Assembly.Load(name).GeneratePublicApi(options).ReplaceLineEndings("\n") + "\n";
        var path = Repository.Path("tests", "RatIlgpu.Package.Tests", "PublicApi", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, found);
        Assert.Equal(File.ReadAllText(path), found);
    }

    [Fact]
    public void No_library_opens_its_internals_to_another()
    {
        var wrong =
            from project in Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)
            from line in File.ReadLines(project)
            where line.Contains("<InternalsVisibleTo", StringComparison.Ordinal)
            let friend = line.Split('"')[1]
            where Directory.Exists(Repository.Path("src", friend))
            select $"{Path.GetFileName(project)} to {friend}";
        Assert.Empty(wrong);
    }
}
