using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text.Jinja;

/// <summary>The published templates in Hugging Face's implementation for JavaScript, where Node and npm are there.
/// </summary>
public sealed class NodeTests
{
    // findings/chat-jinja-lstrip.sh: the package strips more than it is asked to.
    const string DiffersThere = "an answer that starts with a space";

    static readonly string Chats = Repository.Path("tests", "chat", "rendered.json");

    [Fact]
    public void Chats_have_the_texts_of_the_JavaScript_package()
    {
        var package = Installed();
        var theirs = JsonNode.Parse(Run(
            package, "node", "render.mjs", Repository.Path("tests", "chat", "templates"), Chats))!.AsObject();
        var expected = JsonNode.Parse(File.ReadAllText(Chats))!["templates"]!.AsObject();

        Assert.Equal(expected.Select(one => one.Key).Order(), theirs.Select(one => one.Key).Order());
        foreach (var (template, chats) in expected)
            foreach (var (chat, texts) in chats!.AsObject())
                for (var i = 0; i < 2; i++)
                    if (texts![i] is { } text && chat != DiffersThere)
                        Assert.Equal(
                            (template, chat, (string?)text), (template, chat, (string?)theirs[template]![chat]![i]));
    }

    // Installs the package, whose version and hash are pinned, among the build's own files.
    static string Installed()
    {
        var folder = Repository.Path("artifacts", "chat-node");
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "package.json", "package-lock.json", "render.mjs" })
            File.Copy(Repository.Path("tests", "chat", "node", name), Path.Combine(folder, name), overwrite: true);
        if (!File.Exists(Path.Combine(folder, "node_modules", "@huggingface", "jinja", "package.json")))
            Run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0");
        return folder;
    }

    // A program that is not there, or an install that finds no registry, skips the test.
    static string Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (program == "npm" && process.ExitCode != 0)
                Assert.Skip($"npm could not install @huggingface/jinja: {error.Result.Trim()}");
            Assert.True(process.ExitCode == 0, error.Result);
            return output;
        }
        catch (Win32Exception missing)
        {
            Assert.Skip($"needs {program}: {missing.Message}");
            throw;
        }
    }
}
