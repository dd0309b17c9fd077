using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Package.Tests;

/// <summary>The scripts of the check on a card, as far as they can be tried without an archive.</summary>
public sealed partial class CudaCheckTests
{
    static readonly string Folder = Repository.Path("benchmarks", "cuda");

    [Theory]
    [InlineData("check.sh")]
    [InlineData("make.sh")]
    public void A_script_is_one_that_bash_can_read(string name) =>
        Assert.Equal((0, ""), Run("bash", "-n", Path.Combine(Folder, name)));

    [Fact]
    public void The_readme_has_the_options_of_the_check_and_no_others()
    {
        var (code, help) = Check("--help");
        Assert.Equal(0, code);
        var readme = File.ReadAllText(Path.Combine(Folder, "README.md"));
        Assert.Equal(
            Option().Matches(help).Select(option => option.Value).Except(["--help"]).Distinct().Order(),
            TableOption().Matches(readme).Select(row => row.Groups[1].Value).Order());
    }

    [Fact]
    public void A_check_without_its_programs_ends_with_the_step_that_says_so()
    {
        using var folder = new TemporaryFolder();
        var (code, output) = Check("--quick", "--out", folder.Root, "--archive", folder.Path("none.tar.xz"));
        Assert.True(code == 1, output);
        using var told = JsonDocument.Parse(File.ReadAllText(folder.Path("check.json")));
        Assert.False(told.RootElement.GetProperty("passed").GetBoolean());
        Assert.False(told.RootElement.GetProperty("is_card").GetBoolean());
        var step = Assert.Single(told.RootElement.GetProperty("steps").EnumerateArray());
        Assert.Equal("unpack", step.GetProperty("name").GetString());
        Assert.False(step.GetProperty("passed").GetBoolean());
        Assert.Contains(
            "none.tar.xz is not there: benchmarks/cuda/make.sh makes it", step.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        Assert.Contains(
            "No card was found: nothing here says anything about CUDA.", File.ReadAllText(folder.Path("check.md")),
            StringComparison.Ordinal);
    }

    static (int Code, string Output) Check(params string[] arguments)
    {
        Assert.SkipUnless(Run("bash", "-c", "command -v python3").Code == 0, "no python3, which check.sh needs");
        return Run("bash", [Path.Combine(Folder, "check.sh"), .. arguments]);
    }

    static (int Code, string Output) Run(string program, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the check is for Linux");
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    [GeneratedRegex("--[a-z]+")]
    private static partial Regex Option();

    [GeneratedRegex("^\\| `(--[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex TableOption();
}
