using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

/// <summary>A command that writes a page where it is asked to, in a folder of its own.</summary>
/// <param name="page">The file of the page.</param>
public abstract class PageFileTests(string page) : IDisposable
{
    protected const string Prompt = "When Mary and John went to the store, John gave a drink to";

    protected TemporaryFolder Folder { get; } = new();

    protected string Page => Folder.Path(page);

    protected string Html => File.ReadAllText(Page);

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns a block of data of a page, which may be compressed.</summary>
    internal static string Block(string html, string id)
    {
        var block = html.Split($"id=\"{id}\">")[1].Split("</script>")[0];
        if (block[0] == '{')
            return block;
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    protected JsonDocument Data() => JsonDocument.Parse(Block(Html, "data"));

    /// <summary>Checks that a run wrote the page and nothing else, and printed what one without a page
    /// prints.</summary>
    private protected void AssertPageAlone(CommandRun run, CommandRun plain)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith($"\nWrote {Page}\n", run.Output, StringComparison.Ordinal);
        Assert.Equal([Page], Directory.GetFileSystemEntries(Folder.Root));
        Assert.Equal(run.Output.Replace($"\nWrote {Page}\n", "", StringComparison.Ordinal), plain.Output);
    }

    /// <summary>Checks that a command writes a figure and nothing else.</summary>
    /// <param name="command">Runs the command with more words.</param>
    /// <param name="label">A text that the figure has.</param>
    private protected void AssertFigureAlone(Func<string[], CommandRun> command, string label)
    {
        var file = Folder.Path("figure.svg");
        var run = command(["--svg", file, "--title", "Who says Mary", "--theme", "dark"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith($"\nWrote {file}\n", run.Output, StringComparison.Ordinal);
        var figure = XDocument.Parse(File.ReadAllText(file));
        Assert.Equal("Who says Mary", figure.Root!.Elements().First().Value);
        Assert.Contains(label, figure.Descendants().Select(part => part.Value));
        Assert.Equal([file], Directory.GetFileSystemEntries(Folder.Root));
    }

    /// <summary>Checks that a page beyond the size that is allowed is refused and not written, and that the size that
    /// the message names is enough.</summary>
    /// <param name="command">Runs the command with more words.</param>
    /// <param name="cure">What the message says to do.</param>
    private protected void AssertTooLarge(Func<string[], CommandRun> command, string cure)
    {
        var run = Allowing("1000");
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            @"^ratilgpu: The data of the page take [\d,]+ bytes for .*may take 1,000 bytes in all\. " + cure,
            run.Error);
        Assert.False(File.Exists(Page));
        var enough = Regex.Match(run.Error, @", or allow it with --max-bytes (\d+)\.\n$");
        Assert.True(enough.Success, run.Error);
        Assert.Equal("", Allowing(enough.Groups[1].Value).Error);
        Assert.True(File.Exists(Page));
        Assert.Contains("may take 1 byte in all", Allowing("1").Error, StringComparison.Ordinal);

        CommandRun Allowing(string bytes) => command(["-o", Folder.Root, "--max-bytes", bytes]);
    }
}
