using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Heads;

/// <summary>Commands about heads destroy none of what they read.</summary>
public sealed class HeadsSafetyTests : IDisposable
{
    static readonly string[] Few =
    [
        "--documents", "1", "--text-length", "32", "--repeat-sequences", "1", "--successor-prompts", "0",
        "--indirect-object-prompts", "0", "--no-verdicts", "--no-feeders", "--cards", "0",
    ];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--json", "part")]
    [InlineData("--svg", "part")]
    [InlineData("--svg", "link")]
    public void A_file_that_is_merged_is_not_replaced(string option, string name)
    {
        var path = folder.Path("part");
        File.WriteAllText(path, "sums");
        File.CreateSymbolicLink(folder.Path("link"), path);
        foreach (var merged in (string[])[path, folder.Path("link")])
            CommandRun.Of("heads", "merge", merged, option, folder.Path(name)).IsMisused(
                $"{option} names part, which the command reads; give another file.", " heads merge");
        Assert.Equal("sums", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("heads")]
    [InlineData("heads show L0H0")]
    [InlineData("heads merge part")]
    public void A_file_of_the_model_is_not_replaced(string command)
    {
        var model = folder.Path("model");
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(DemoModel.Folder))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        Directory.CreateSymbolicLink(folder.Path("other"), model);
        var config = Path.Combine(model, "config.json");
        File.CreateSymbolicLink(folder.Path("config"), config);
        var before = File.ReadAllText(config);
        foreach (var (given, to) in new[]
        {
            ("model", "model/config.json"), ("other", "model/config.json"), ("model", "other/config.json"),
            ("model", "config"), ("other", "model/added_tokens.json"),
        })
            CommandRun.Of([.. command.Split(' '), "--model", folder.Path(given), "--json", folder.Path(to)]).Refuses(
                $"--json names {Path.GetFileName(to)}, a file of the model; give another file.");
        Assert.Equal(before, File.ReadAllText(config));
        Assert.False(File.Exists(Path.Combine(model, "added_tokens.json")));
    }

    [Fact]
    public void Sums_in_the_folder_of_the_page_are_not_replaced_through_a_link()
    {
        Directory.CreateDirectory(folder.Path("o"));
        Directory.CreateSymbolicLink(folder.Path("link"), folder.Path("o"));
        Run("--output", folder.Path("o"), "--partial", folder.Path("link/atlas.json")).IsMisused(
            "--partial names atlas.json in the folder of --output, where the command writes its own files; give "
            + "another name.", " heads");
    }

    [Fact]
    public void A_file_of_objects_is_read_line_by_line()
    {
        var (path, plain) = (folder.Path("a.jsonl"), folder.Path("a.txt"));
        File.WriteAllText(path, "{\"text\": \"one\"}\n{\"id\": 4}\n");
        File.WriteAllText(plain, "one");
        Run("--corpus", path, "--output", folder.Path("o")).Refuses(
            $"{path}:2: is '{{\"id\": 4}}', expected a JSON object such as {{\"text\": \"…\"}}; a file of plain "
            + "lines has another ending than .jsonl.");
        string[] whole = ["--corpus", path, "--corpus-unit", "file"];
        foreach (var words in (string[][])[whole, ["--corpus", $"{plain},{path}"]])
            Run(words).IsMisused(
                $"--corpus names {path}, each line of which has a text; give --corpus-unit line, or files that do not "
                + "end in .jsonl.", " heads");
    }

    [Fact]
    public void Texts_that_are_all_too_short_are_said()
    {
        File.WriteAllText(folder.Path("a.txt"), "Too short.");
        var run = Run("--corpus", folder.Path("a.txt"), "--output", folder.Path("o"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "No text of a.txt has 16 tokens or more: there are no scores of texts.", run.Output,
            StringComparison.Ordinal);
    }

    static CommandRun Run(params string[] words) =>
        CommandRun.Of(["heads", .. words.Contains("--corpus") ? Few[2..] : Few, .. words]);
}
