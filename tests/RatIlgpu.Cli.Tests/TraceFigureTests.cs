using System.Xml.Linq;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class TraceFigureTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store";

    readonly TemporaryFolder folder = new();

    string Figure => folder.Path("figure.svg");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_figure_is_written_beside_the_page()
    {
        var run = Trace("--svg", Figure, "--title", "Mary & John", "--theme", "dark");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith($"\nWrote {Figure}\n", run.Output, StringComparison.Ordinal);
        var figure = XDocument.Load(Figure);
        Assert.Equal("Mary & John", figure.Root!.Elements().First().Value);
        Assert.Contains("#14161a", File.ReadAllText(Figure), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--svg", "config.json")]
    [InlineData("--json", "tokenizer.json")]
    [InlineData("--record", "model.safetensors")]
    public void A_file_of_the_model_is_never_replaced(string option, string name)
    {
        var model = Directory.CreateDirectory(folder.Path("model")).FullName;
        foreach (var file in Directory.EnumerateFiles(DemoModel.Folder))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        var before = File.ReadAllBytes(Path.Combine(model, name));
        var run = Trace("--model", model, option, Path.Combine(model, name));
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            $"ratilgpu: {option} names {name}, a file of the model; give another file.\n", run.Error);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(model, name)));
        // Another name in that folder is the reader's own.
        Assert.Empty(Trace("--model", model, "--json", Path.Combine(model, "mine.json")).Error);
    }

    [Fact]
    public void Of_several_traces_the_figure_shows_that_of_the_opening_view_and_the_report_names_it()
    {
        var run = Trace("--svg", Figure, "--layers", "all", "--position", "2,5", "--heads", "3,1");
        Assert.EndsWith(
            $"\nWrote {Figure}: position 5, layer 3, head 1, as the page opens\n",
            run.Output,
            StringComparison.Ordinal);
        Assert.Contains("Layer 3 (of 0 to 3)", File.ReadAllText(Figure), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_prompts_the_figure_shows_the_first()
    {
        var prompts = folder.Path("prompts.txt");
        File.WriteAllText(prompts, $"{Prompt}\nThe cat sat on the\n");
        var run = CommandRun.Of("trace", "--prompts", prompts, "-o", folder.Path("out"), "--svg", Figure);
        Assert.EndsWith($"\nWrote {Figure}: prompt 1, as the page opens\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_cannot_be_written_is_refused_before_the_run()
    {
        var file = folder.Path("missing", "figure.svg");
        Trace("--svg", file).Refuses(
            $"{file}: there is no such folder to write to; make it, or give another file with --svg.");
        Assert.False(Directory.Exists(folder.Path("out")));
    }

    [Fact]
    public void Two_outputs_in_one_place_are_refused()
    {
        Trace("--svg", Figure, "--json", Figure).IsMisused("--json and --svg name the same file; give two.");
        Trace("--svg", Figure, "--record", Figure).IsMisused("--svg and --record name the same file; give two.");
        Trace("--svg", folder.Path("out", "index.html")).IsMisused(
            "--svg names index.html in the folder of --output, where the command writes its own files; give another "
            + "name.");
    }

    CommandRun Trace(params string[] more) =>
        CommandRun.Of(["trace", Prompt, "-o", folder.Path("out"), .. more]);
}
