using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Package.Tests;

/// <summary>The cells of the sample notebook are C# that runs with the packages which the notebook names.</summary>
public sealed class NotebookTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    static readonly JsonNode Notebook =
        JsonNode.Parse(File.ReadAllText(Repository.Path("samples", "Notebook", "Trace.ipynb")))!;

    [Fact]
    public void The_notebook_is_one_of_version_4_5_without_outputs()
    {
        Assert.Equal((4, 5), ((int)Notebook["nbformat"]!, (int)Notebook["nbformat_minor"]!));
        Assert.Equal(".net-csharp", (string?)Notebook["metadata"]!["kernelspec"]!["name"]);
        var cells = Notebook["cells"]!.AsArray();
        Assert.Equal(cells.Count, cells.Select(cell => (string)cell!["id"]!).Distinct().Count());
        Assert.All(Code(), cell => Assert.Empty(cell["outputs"]!.AsArray()));
        Assert.All(Code(), cell => Assert.Null(cell["execution_count"]));
    }

    [Fact]
    public void The_cells_run_with_the_packages_that_the_notebook_names()
    {
        var project = feed.Place("notebook");
        Directory.CreateDirectory(project);
        Directory.CreateSymbolicLink(feed.Place("demo-model"), Repository.Path("samples", "demo-model"));
        var lines = Code().SelectMany(Lines).ToArray();
        var packages = lines.Where(line => line.StartsWith("#r ", StringComparison.Ordinal))
            .Select(line => $"<PackageReference Include=\"{line.Split('"', ' ')[3]}\" Version=\"0.*\" />");
        File.WriteAllText(
            Path.Combine(project, "notebook.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>{string.Concat(packages)}</ItemGroup>
            </Project>
            """);
        // In a notebook each cell may begin with its own namespaces; in a program all stand first.
        var program = lines.Where(line => !line.StartsWith("#r ", StringComparison.Ordinal))
            .OrderBy(line => !line.StartsWith("using ", StringComparison.Ordinal)).Select(Shown);
        File.WriteAllLines(Path.Combine(project, "Program.cs"), program);

        Assert.Equal("HtmlPage\nHtmlPage\n", feed.Dotnet(project, "run"));
        Assert.StartsWith("<svg ", File.ReadAllText(Path.Combine(project, "trace.svg")), StringComparison.Ordinal);
    }

    static IEnumerable<JsonNode> Code() =>
        Notebook["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code")!;

    static IEnumerable<string> Lines(JsonNode cell) =>
        cell["source"]!.AsArray().Select(line => ((string)line!).TrimEnd('\n'));

    // A notebook shows the value of an expression that ends a cell; a program must not have one.
    static string Shown(string line) =>
        line.Length == 0 || line[^1] is ';' or '{' or '}' ? line : $"Console.WriteLine(({line}).GetType().Name);";
}
