using System.Diagnostics;
using System.IO.Compression;
using RatIlgpu.Testing;

namespace RatIlgpu.Package.Tests;

/// <summary>A folder that holds every package of this build and serves as the only package source, besides the packages
/// that the build itself restored; nothing is fetched from a network.</summary>
public sealed class PackedFeed : IDisposable
{
    /// <summary>The projects that become packages.</summary>
    public static readonly string[] Names =
        ["RatIlgpu", "RatIlgpu.Analysis", "RatIlgpu.Html", "RatIlgpu.Ilgpu", "RatIlgpu.Cli"];

    readonly TemporaryFolder folder = new();

    /// <summary>Packs what the build of this suite built.</summary>
    public PackedFeed()
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        foreach (var name in Names)
            Dotnet(
                Repository.Root, "pack", Repository.Path("src", name), "--no-build", "-c", configuration, "-o",
                folder.Path("feed"), "-nologo");
        Directory.CreateDirectory(folder.Path("packages"));
        File.WriteAllText(
            folder.Path("NuGet.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{folder.Path("feed")}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="build" value="{BuildPackages}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>Returns the path of something below a folder that restores from the feed.</summary>
    public string Place(params string[] parts) => folder.Path(parts);

    /// <summary>Opens a package.</summary>
    /// <param name="name">The name of its project.</param>
    /// <param name="extension"><c>nupkg</c>, or <c>snupkg</c> for its symbols.</param>
    public ZipArchive Open(string name, string extension = "nupkg") =>
        ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder.Path("feed"), $"{name}.0.*.{extension}")));

    /// <summary>Runs <c>dotnet</c> with the feed as its only package source and returns its output.</summary>
    public string Dotnet(string workingFolder, params string[] arguments) =>
        Run("dotnet", workingFolder, arguments);

    /// <summary>Runs a program and returns its output; a program that fails fails the test.</summary>
    public string Run(string program, string workingFolder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["NUGET_PACKAGES"] = workingFolder == Repository.Root ? BuildPackages : folder.Path("packages"),
                ["DOTNET_CLI_HOME"] = folder.Root,
                ["DOTNET_NOLOGO"] = "1",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                // Variables of the build that runs this suite would lead the inner build astray.
                ["MSBUILDDISABLENODEREUSE"] = "1",
            },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)}: {process.ExitCode}\n{output}{error.Result}");
        return output.ReplaceLineEndings("\n");
    }

    /// <summary>Deletes the feed.</summary>
    public void Dispose() => folder.Dispose();

    static string BuildPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
