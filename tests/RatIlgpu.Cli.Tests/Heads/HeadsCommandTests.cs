using System.Text.Json.Nodes;
using RatIlgpu.Analysis;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Heads;

public sealed class HeadsCommandTests : IDisposable
{
    static readonly string[] Few =
    [
        "--documents", "3", "--text-length", "64", "--repeat-sequences", "3", "--successor-prompts", "6",
        "--indirect-object-prompts", "6",
    ];

    // What the other tests are not about takes longer than the scores.
    static readonly string[] Scores = ["--no-verdicts", "--no-feeders", "--cards", "0"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_files_of_an_atlas_are_written_and_replaced()
    {
        var run = Heads("--output", folder.Path("o"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("L1H0   previous-token 0.9", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n  previous  +L1H0 0\.9\d \[0\.\d\d, ", run.Output);
        Assert.Matches(@"\n  duplicate-random  +no head is clearly above chance\n", run.Output);
        Assert.DoesNotContain("previous-word-start", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("-0.00", run.Output, StringComparison.Ordinal);
        string[] names = ["atlas.csv", "atlas.html", "atlas.json", "atlas.parquet"];
        Assert.All(names, name => Assert.Contains(
            $"Wrote {Path.Combine(folder.Path("o"), name)}\n", run.Output, StringComparison.Ordinal));
        Assert.Equal(names, Directory.GetFiles(folder.Path("o")).Select(Path.GetFileName).Order());

        Assert.Equal(0, Heads("--output", folder.Path("o"), "--seed", "1").ExitCode);
        Assert.Equal(1, JsonOf(Path.Combine(folder.Path("o"), "atlas.json"))["manifest"]!["seed"]!.GetValue<int>());
    }

    [Fact]
    public void Families_that_cannot_be_expressed_are_one_line_of_the_report_and_all_in_the_json()
    {
        var run = Heads("--output", folder.Root);
        Assert.Contains(
            "Warning    Of the families of ordered words, 7 are left out and 2 lack elements: the tokenizer does not "
            + "have them as single tokens.\n           the JSON has all 9 warnings.\n",
            run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("planets", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "planets: 0 of 8 elements are single tokens; the family is left out.",
            JsonOf(folder.Path("atlas.json"))["manifest"]!["warnings"]!.AsArray().Select(one => (string?)one));
    }

    [Theory]
    [InlineData("atlas.json", "{\"kind\": \"atlas\"}")]
    [InlineData("atlas.csv", "layer,head\n")]
    [InlineData("atlas.parquet", "PAR1")]
    public void A_file_of_somebody_else_is_never_replaced(string name, string content)
    {
        File.WriteAllText(folder.Path(name), content);
        var run = Heads("--output", folder.Root);
        run.Refuses(
            $"{folder.Path(name)}: was not written by ratilgpu and would be replaced; move it, or give another folder "
            + "with --output.");
        Assert.Equal([folder.Path(name)], Directory.GetFiles(folder.Root));
        Assert.Equal(content, File.ReadAllText(folder.Path(name)));
    }

    [Fact]
    public void Shards_add_up_to_the_files_of_one_run()
    {
        Assert.Equal(0, Heads("--output", folder.Path("one")).ExitCode);
        for (var i = 1; i <= 3; i++)
        {
            var run = Heads("--shard", $"{i}/3", "--partial", folder.Path($"part-{i}"));
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.StartsWith($"{folder.Path($"part-{i}")}: shard {i}/3, ", run.Output, StringComparison.Ordinal);
        }

        AssertMergesToOne(folder.Path("part-3"), folder.Path("part-1"), folder.Path("part-2"));
    }

    [Fact]
    public void Shards_that_gnu_parallel_shares_out_add_up_to_the_files_of_one_run()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
                .Any(path => File.Exists(Path.Combine(path, "parallel"))),
            "There is no GNU parallel.");
        Assert.Equal(0, Heads("--output", folder.Path("one")).ExitCode);
        var start = new System.Diagnostics.ProcessStartInfo(
            "parallel",
            [
                "--jobs", "2", "--will-cite", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                typeof(CommandLine).Assembly.Location, "heads", .. Few, "--shard", "{}/3", "--partial",
                folder.Path("part-{}"), ":::", "1", "2", "3",
            ])
        {
            RedirectStandardOutput = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        AssertMergesToOne(folder.Path("part-1"), folder.Path("part-2"), folder.Path("part-3"));
    }

    [Fact]
    public void A_run_whose_time_is_over_goes_on_where_it_was()
    {
        var path = folder.Path("sums");
        string[] limited = ["--partial", path, "--max-minutes", "0.000001", "--output", folder.Path("o")];
        var run = Heads(limited);
        Assert.Equal((3, ""), (run.ExitCode, run.Error));
        Assert.StartsWith($"{path}: shard 1/1, ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("unfinished; the same command goes on from there.\n", run.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Path("o")));

        Assert.Equal(0, Heads("--partial", path, "--output", folder.Path("o")).ExitCode);
        Assert.Equal(0, Heads("--output", folder.Path("one")).ExitCode);
        AssertSame(folder.Path("one"), folder.Path("o"));
    }

    [Fact]
    public void A_run_whose_time_is_over_and_that_keeps_nothing_makes_an_atlas_of_what_was_run()
    {
        var run = Heads("--max-minutes", "0.000001", "--output", folder.Root);
        Assert.Equal((3, ""), (run.ExitCode, run.Error));
        var warnings = JsonOf(folder.Path("atlas.json"))["manifest"]!["warnings"]!.AsArray();
        Assert.StartsWith(
            "The run was stopped before its end: ", warnings[^1]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "kept in {0}; the same command goes on from there.")]
    [InlineData(false, "lost; with --partial FILE a run that is stopped goes on where it was.")]
    public void A_run_that_is_stopped_tells_what_is_kept(bool keeps, string what)
    {
        using var stop = new CancellationTokenSource();
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(Stream.Null, false, TextWriter.Null, error, ShowsProgress: false);
        stop.Cancel();
        var path = folder.Path("sums");
        string[] partial = keeps ? ["--partial", path] : [];
        var code = CommandLine.Run(["heads", .. Few, .. partial, "--output", folder.Path("o")], terminal, stop.Token);
        Assert.Equal(130, code);
        Assert.Equal(
            $"ratilgpu: note: 0 sequences are {what.Replace("{0}", path, StringComparison.Ordinal)}\n"
            + "ratilgpu: stopped.\n",
            error.ToString());
        Assert.Equal(keeps, File.Exists(path));
        Assert.False(Directory.Exists(folder.Path("o")));
    }

    [Theory]
    [InlineData("--shard 1/2", "--shard means nothing without --partial, which keeps what the shard finds; give that "
        + "too, or leave --shard out.")]
    [InlineData("--shard 3/2 --partial a", "--shard is '3/2', expected a number and how many there are, such as 1/4 "
        + "to 4/4.")]
    [InlineData("--shard 1/2 --partial a --output b", "--output is about an atlas, and a shard of several makes none; "
        + "leave it out, and give it to 'ratilgpu heads merge'.")]
    [InlineData("--shard 1/2 --partial a --json b", "--json is about an atlas, and a shard of several makes none; "
        + "leave it out, and give it to 'ratilgpu heads merge'.")]
    [InlineData("--shard 1/2 --partial a --svg b", "--svg is about an atlas, and a shard of several makes none; "
        + "leave it out, and give it to 'ratilgpu heads merge'.")]
    [InlineData("--partial -", "--partial is a dash, expected a file: standard output takes text only.")]
    [InlineData("--partial a --json a", "--json and --partial name the same file; give two.")]
    [InlineData("--partial a --output a", "--partial names the folder of --output; give another name.")]
    [InlineData("--corpus a --partial a", "--partial names a, which the command reads; give another file.")]
    [InlineData("--corpus-unit line", "--corpus-unit means nothing without --corpus; give that too, or leave "
        + "--corpus-unit out.")]
    [InlineData("--corpus a,", "--corpus is empty, expected the file of texts.")]
    [InlineData("--text-length 31", "--text-length is 31, expected 32 to 32768.")]
    [InlineData("--parts-of-document 0", "--parts-of-document is 0, expected 1 or more.")]
    [InlineData("--text-length 32769", "--text-length is 32769, expected 32 to 32768.")]
    [InlineData("--documents some", "--documents is 'some', expected a whole number.")]
    [InlineData("--max-minutes 0", "--max-minutes is 0, expected more than 0 and at most 1000000.")]
    [InlineData("--score-profile strict", "--score-profile is 'strict', expected robust, pr403.")]
    [InlineData("--json output/atlas.csv", "--json names atlas.csv in the folder of --output, where the command writes "
        + "its own files; give another name.")]
    [InlineData("all", "there is no command 'heads all', expected show, merge, selftest behind heads, or none.")]
    public void What_the_command_line_gets_wrong_is_said(string words, string message) =>
        CommandRun.Of(["heads", .. words.Split(' ')]).IsMisused(message, " heads");

    [Theory]
    [InlineData("show", "show needs HEAD.", " heads show")]
    [InlineData("merge", "merge needs FILE.", " heads merge")]
    [InlineData("show 3.2", "'3.2' is no head of a layer", " heads show")]
    public void What_a_command_below_gets_wrong_is_said(string words, string message, string command)
    {
        var run = CommandRun.Of(["heads", .. words.Split(' ')]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.EndsWith($"See ratilgpu{command} --help.\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("heads")]
    [InlineData("heads show")]
    [InlineData("heads merge")]
    [InlineData("heads selftest")]
    public void Every_command_below_has_its_help(string name)
    {
        var run = CommandRun.Of(["help", .. name.Split(' ')]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"Usage: ratilgpu {name}", run.Output, StringComparison.Ordinal);
        Assert.Contains($"\n    ratilgpu {name}", run.Output, StringComparison.Ordinal);
        Assert.Equal(run, CommandRun.Of([.. name.Split(' '), "--help"]));
    }

    [Fact]
    public void The_help_of_a_command_tells_one_default_of_an_option()
    {
        var lines = CommandRun.Of("heads", "merge", "--help").Output.Split('\n');
        var at = Array.FindIndex(lines, line => line.Contains("--model FOLDER", StringComparison.Ordinal));
        var text = string.Join(' ', lines[at..(at + 5)].Select(line => line.Trim()));
        Assert.Contains("Default: none: the atlas has what the parts have", text, StringComparison.Ordinal);
        Assert.DoesNotContain("demonstration model", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_files_cannot_break_the_line()
    {
        var path = folder.Path("a\nb\u001b[31m");
        var run = Heads("--partial", path, "--shard", "1/2");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(@"a\nb\u001B[31m: shard 1/2", run.Output, StringComparison.Ordinal);
        var merged = CommandRun.Of("heads", "merge", path, "--output", folder.Path("o"));
        Assert.Equal("ratilgpu: shard 2/2 is missing; give the files of all shards.\n", merged.Error);
        Assert.Equal(1, merged.ExitCode);
        Assert.False(Directory.Exists(folder.Path("o")));
    }

    [Fact]
    public void A_file_that_is_no_part_is_neither_gone_on_with_nor_replaced()
    {
        File.WriteAllText(folder.Path("notes.txt"), "my notes");
        Heads("--partial", folder.Path("notes.txt")).Refuses(
            $"{folder.Path("notes.txt")}: is no part of an atlas of heads, expected a file that --partial wrote.");
        Assert.Equal("my notes", File.ReadAllText(folder.Path("notes.txt")));
    }

    [Fact]
    public void Texts_of_ones_own_are_scored()
    {
        File.WriteAllText(folder.Path("texts.txt"), string.Concat(Enumerable.Repeat(
            "When Mary and John went to the store, John gave a drink to Mary, and then they went home again.\n", 5)));
        var run = Heads(
            "--corpus", folder.Path("texts.txt"), "--corpus-unit", "line", "--json", folder.Path("a.json"), "--output",
            folder.Path("o"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var manifest = JsonOf(folder.Path("a.json"))["manifest"]!;
        Assert.Equal("texts.txt", manifest["texts"]!.GetValue<string>());
        Assert.Equal(3, manifest["units"]!["text"]!.GetValue<int>());
        Assert.Equal(64, manifest["texts_hash"]!.GetValue<string>().Length);
    }

    [Fact]
    public void The_page_and_the_figure_have_the_look_that_is_asked_for()
    {
        var run = Heads(
            "--output", folder.Path("o"), "--title", "Heads <of> mine", "--svg", folder.Path("a.svg"), "--theme",
            "dark");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var page = File.ReadAllText(Path.Combine(folder.Path("o"), "atlas.html"));
        Assert.Contains("<title>Heads &lt;of&gt; mine</title>", page, StringComparison.Ordinal);
        Assert.StartsWith("<svg", File.ReadAllText(folder.Path("a.svg")), StringComparison.Ordinal);
        Assert.Equal(
            "Heads <of> mine",
            JsonOf(Path.Combine(folder.Path("o"), "atlas.json"))["origin"]!["title"]!.GetValue<string>());
    }

    [Fact]
    public void A_page_that_is_too_large_leaves_no_file()
    {
        var run = Heads("--output", folder.Path("o"), "--max-bytes", "1000");
        Assert.Equal(1, run.ExitCode);
        Assert.False(Directory.Exists(folder.Path("o")));
    }

    [Fact]
    public void Parts_with_their_model_have_all_that_one_run_has()
    {
        string[] detail = ["--cards", "2"];
        Assert.Equal(0, Heads([.. detail, "--output", folder.Path("one")]).ExitCode);
        Assert.Equal(0, Heads("--shard", "1/2", "--partial", folder.Path("a")).ExitCode);
        Assert.Equal(0, Heads("--shard", "2/2", "--partial", folder.Path("b")).ExitCode);
        var run = CommandRun.Of(
        [
            "heads", "merge", folder.Path("a"), folder.Path("b"), "--model", DemoModel.Folder, .. detail, "--output",
            folder.Path("merged"),
        ]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        AssertSame(folder.Path("one"), folder.Path("merged"));
        var json = JsonOf(Path.Combine(folder.Path("merged"), "atlas.json"));
        Assert.Equal(2, json["cards"]!.AsArray().Count);
        Assert.NotEmpty(json["role_effects"]!.AsArray());
        Assert.Contains(json["heads"]!.AsArray(), head => head!["feeders"]!.AsArray().Count > 0);
    }

    [Fact]
    public void What_takes_long_can_be_left_out()
    {
        var run = Heads("--output", folder.Root);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var json = JsonOf(folder.Path("atlas.json"));
        Assert.Empty(json["cards"]!.AsArray());
        Assert.Empty(json["role_effects"]!.AsArray());
        Assert.All(json["heads"]!.AsArray(), head => Assert.Empty(head!["feeders"]!.AsArray()));
    }

    [Fact]
    public void The_page_of_one_head_has_its_full_card()
    {
        var run = CommandRun.Of(
            ["heads", "show", "L2H3", .. Few, "--no-verdicts", "--no-feeders", "--output", folder.Path("o")]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith(
            $"Wrote {Path.Combine(folder.Path("o"), "L2H3.html")}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_one_head_that_is_too_large_leaves_the_json()
    {
        var run = CommandRun.Of(
            ["heads", "show", "L2H3", .. Few, "--no-verdicts", "--no-feeders", "--output", folder.Path("o"),
                "--max-bytes", "1000", "--json", folder.Path("a.json")]);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("ratilgpu: The data of the page take ", run.Error, StringComparison.Ordinal);
        Assert.Equal("atlas", JsonOf(folder.Path("a.json"))["kind"]!.GetValue<string>());
        Assert.False(Directory.Exists(folder.Path("o")));
    }

    [Theory]
    [InlineData("--cards 3", "--cards")]
    [InlineData("--corpus a", "--corpus")]
    [InlineData("--device cpu", "--device")]
    public void What_a_merge_without_a_model_cannot_use_is_refused(string words, string option) =>
        CommandRun.Of(["heads", "merge", "a", .. words.Split(' ')]).IsMisused(
            $"{option} means nothing without --model; give that too, or leave {option} out.", " heads merge");

    [Fact]
    public void One_head_is_shown_with_all_its_scores()
    {
        var run = CommandRun.Of(["heads", "show", "L1H0", .. Few, "--no-verdicts"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "L1H0, which reads key/value head 0: previous-token 0.9", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n  previous  +0\.\d{3}  +0\.\d{3}  +0\.\d{3}  \[0\.\d\d, 0\.\d\d\]", run.Output);
        CommandRun.Of("heads", "show", "L9H0").Refuses(
            "there is no head L9H0: the model has layers 0 to 3, each with heads 0 to 7.");
    }

    [Fact]
    public void The_self_test_passes_and_tells_each_number()
    {
        var run = CommandRun.Of("heads", "selftest", "--json", folder.Path("a.json"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain("MISS", run.Output, StringComparison.Ordinal);
        var cases = JsonOf(folder.Path("a.json"))["cases"]!.AsArray();
        Assert.Equal(HeadSelfTest.Cases.Length, cases.Count);
        Assert.All(cases, one => Assert.True(one!["passed"]!.GetValue<bool>()));
    }

    static CommandRun Heads(params string[] words)
    {
        string[] detail = words.Any(word => word is "--shard" or "--cards") ? [] : Scores;
        return CommandRun.Of(["heads", .. Few, .. detail, .. words]);
    }

    void AssertMergesToOne(params string[] parts)
    {
        var run = CommandRun.Of(
            ["heads", "merge", .. parts, "--model", DemoModel.Folder, .. Scores, "--output", folder.Path("merged")]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        AssertSame(folder.Path("one"), folder.Path("merged"));
    }

    static void AssertSame(string expected, string found)
    {
        foreach (var name in (string[])["atlas.csv", "atlas.parquet"])
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(found, name)));
        Assert.Equal(
            Lasting(Path.Combine(expected, "atlas.json")), Lasting(Path.Combine(found, "atlas.json")));
    }

    // The command and the time are those of the run.
    static string Lasting(string path)
    {
        var json = JsonOf(path);
        json.Remove("origin");
        json["manifest"]!.AsObject().Remove("seconds");
        return json.ToJsonString();
    }

    static JsonObject JsonOf(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();
}
