using System.Diagnostics;
using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Where a model is: a folder, the Hugging Face cache, or nowhere.</summary>
public sealed class PlaceCases : IDisposable
{
    readonly TemporaryFolder home = new();

    public void Dispose() => home.Dispose();

    // In a process of its own, whose environment no other test sees.
    [Theory]
    [Tries("A name in the Hugging Face cache")]
    [InlineData("HF_HUB_CACHE", "~/hub")]
    [InlineData("HF_HUB_CACHE", "$HOME/hub")]
    [InlineData("HF_HUB_CACHE", "${HOME}/hub")]
    [InlineData("HF_HOME", "~")]
    public void A_path_of_the_cache_that_no_shell_expanded_is_expanded(string variable, string path)
    {
        Cache();
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(CommandLine).Assembly.Location, "tokenize", "--json", "-", "--model", "Qwen/Tiny", "The cat"])
        {
            Environment = { ["HOME"] = home.Root, [variable] = path },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
        process.WaitForExit();
        Assert.Equal((0, ""), (process.ExitCode, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal([274, 266], json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Fact]
    [Tries("A folder of the Hugging Face cache")]
    public void The_folder_of_a_model_in_the_cache_is_its_main_snapshot()
    {
        var run = CommandRun.Of(
            "trace", "--model", Cache(), "--output", home.Path("output"), "The cat sat on the mat");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Model      Qwen/Tiny: 2 layers", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_nowhere_is_downloaded_with_hf()
    {
        var run = CommandRun.Of("trace", "--model", "Qwen/Qwen2-0.5B-none", "The cat");
        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith("get it with: hf download Qwen/Qwen2-0.5B-none\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output needs a value: FOLDER; found '--verbose'. A value that starts with a dash goes after an "
        + "equals sign: --output=--verbose", "--output", "--verbose", "When Mary")]
    [InlineData("--text needs a value: TEXT; found '--top-beam'. A value that starts with a dash goes after an equals "
        + "sign: --text=--top-beam", "--text", "--top-beam")]
    public void An_option_without_its_value_is_refused(string message, params string[] words) =>
        CommandRun.Of(["trace", .. words]).IsMisused(message);

    string Cache()
    {
        const string Revision = "abc123";
        using var model = new CaseFolder();
        var root = home.Path("hub", "models--Qwen--Tiny");
        foreach (var file in Directory.GetFiles(model.Root))
            home.Write(
                File.ReadAllBytes(file), "hub", "models--Qwen--Tiny", "snapshots", Revision, Path.GetFileName(file));
        home.Write("abc123"u8.ToArray(), "hub", "models--Qwen--Tiny", "refs", "main");
        return root;
    }
}
