using System.Text.RegularExpressions;
using System.Xml.Linq;
using RatIlgpu.Testing;

namespace RatIlgpu.Package.Tests;

/// <summary>The packages hold what their users need, and the README's snippet runs on them.</summary>
public sealed partial class PackageTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    public static TheoryData<string> Names => [.. PackedFeed.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_package_says_what_it_is(string name)
    {
        using var package = feed.Open(name);
        using var stream = package.GetEntry($"{name}.nuspec")!.Open();
        var facts = XDocument.Load(stream).Root!.Elements().Single().Elements()
            .ToDictionary(fact => fact.Name.LocalName, fact => fact.Value);
        Assert.Equal(name, facts["id"]);
        Assert.Equal("MIT", facts["license"]);
        Assert.Contains("qwen2", facts["tags"], StringComparison.Ordinal);
        Assert.DoesNotContain("Package Description", facts["description"], StringComparison.Ordinal);
        Assert.NotNull(package.GetEntry(facts["icon"]));
        Assert.NotNull(package.GetEntry(facts["readme"]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_package_holds_its_documentation_and_comes_with_symbols(string name)
    {
        using var package = feed.Open(name);
        using var symbols = feed.Open(name, "snupkg");
        Assert.Contains(package.Entries, entry => entry.Name == $"{name}.dll");
        Assert.Contains(package.Entries, entry => entry.Name == $"{name}.xml");
        Assert.Contains(symbols.Entries, entry => entry.Name == $"{name}.pdb");
    }

    [Theory]
    [InlineData("RatIlgpu", 1)]
    [InlineData("RatIlgpu.Analysis", 0)]
    [InlineData("RatIlgpu.Html", 0)]
    [InlineData("RatIlgpu.Ilgpu", 0)]
    [InlineData("RatIlgpu.Cli", 1)]
    public void The_demonstration_model_is_in_the_library_and_in_the_command_once(string name, int count)
    {
        using var package = feed.Open(name);
        Assert.Equal(count, package.Entries.Count(entry => entry.Name == "model.safetensors"));
    }

    [Fact]
    public void The_snippet_of_the_README_runs_in_a_project_that_has_only_the_packages()
    {
        var project = feed.Place("reader");
        Directory.CreateDirectory(project);
        File.WriteAllText(
            Path.Combine(project, "reader.csproj"),
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="RatIlgpu.Html" Version="0.*" />
                <PackageReference Include="RatIlgpu.Analysis" Version="0.*" />
                <PackageReference Include="RatIlgpu.Ilgpu" Version="0.*" />
              </ItemGroup>
            </Project>
            """);
        var readme = File.ReadAllText(Repository.Path("README.md"));
        File.WriteAllText(Path.Combine(project, "Program.cs"), Snippet().Match(readme).Groups["code"].Value);

        var output = feed.Dotnet(project, "run");

        Assert.StartsWith("When -> \" Mary\" -> \" to\" (score: -0.6809)\n", output, StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(project, "trace.html")).Length > 10_000);
    }

    [Fact]
    public void The_command_installs_and_traces()
    {
        feed.Dotnet(feed.Place(), "tool", "install", "RatIlgpu.Cli", "--tool-path", feed.Place("tools"));
        var command = feed.Place("tools", OperatingSystem.IsWindows() ? "ratilgpu.exe" : "ratilgpu");

        var output = feed.Run(
            command, feed.Place(), "trace", "When Mary and John went", "--output", feed.Place("trace"));

        Assert.Contains("demo-model: 4 layers, 8 heads, width 128", output, StringComparison.Ordinal);
        Assert.True(File.Exists(feed.Place("trace", "index.html")));
    }

    [GeneratedRegex("## As a library\n\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
