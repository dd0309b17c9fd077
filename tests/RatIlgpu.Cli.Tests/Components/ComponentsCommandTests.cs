using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Tests.Components;

public sealed class ComponentsCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    // Of the stream and of all query heads of the demonstration model.
    const int Width = 128;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_layer_and_the_head_are_those_of_the_best_induction_head()
    {
        var run = Components("--top", "4", "--json", folder.Path("c.json"));
        Assert.Empty(run.Error);
        Assert.Contains("\nComponents layer 3, singular vectors of each matrix (SVD baseline)\n", run.Output,
            StringComparison.Ordinal);
        Assert.Matches(@"\n  Induction of L3H[0-3]: 0\.9", run.Output);
        Assert.Matches(@"\n  Earlier heads that L3H[0-3] reads for induction\n.*\n    L1H0  key", run.Output);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.Path("c.json")));
        Assert.Equal("components", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal("matrix_svd", json.RootElement.GetProperty("decomposition").GetString());
        Assert.InRange(
            json.RootElement.GetProperty("scores").GetProperty("largest_error").GetDouble(), 0, 1e-5);
        Assert.Equal([8, 2, 2, 8], json.RootElement.GetProperty("matrices").EnumerateArray().Select(matrix =>
            matrix.GetProperty("norms").GetProperty("labels").GetProperty("head").GetArrayLength()));
        Assert.All(json.RootElement.GetProperty("matrices").EnumerateArray(), matrix =>
            Assert.Equal(4, matrix.GetProperty("components").GetArrayLength()));
    }

    [Fact]
    public void The_same_call_writes_the_same_bytes()
    {
        Components("--top", "3", "--heads", "L3H1,L3H7", "--svd", "head");
        var (page, markdown) = (
            File.ReadAllBytes(folder.Path("out", "components.html")),
            File.ReadAllText(folder.Path("out", "components.md")));
        Components("--top", "3", "--heads", "L3H1,L3H7", "--svd", "head");
        Assert.Equal(page, File.ReadAllBytes(folder.Path("out", "components.html")));
        Assert.Equal(markdown, File.ReadAllText(folder.Path("out", "components.md")));
        Assert.StartsWith("<!-- ratilgpu components -->\n\n# Components of layer 3\n", markdown,
            StringComparison.Ordinal);
        Assert.Contains("SVD baseline: the components are singular vectors of the block of each head.", markdown,
            StringComparison.Ordinal);
        Assert.Contains("\n## Induction of L3H1: 0.9", markdown, StringComparison.Ordinal);
        Assert.Contains("\n## Induction of L3H7: 0.0", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scores_of_one_head_are_decomposed_at_a_distance()
    {
        var run = Components(
            "--svd", "qk", "--svd-distance", "1", "--heads", "L3H2", "--top", "4", "--json", folder.Path("c.json"));
        Assert.Empty(run.Error);
        Assert.Contains(
            "\nComponents singular vectors of the scores of L3H2 at the distance 1 (SVD baseline)\n", run.Output,
            StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.Path("c.json")));
        Assert.Equal("query_key_svd", json.RootElement.GetProperty("decomposition").GetString());
        Assert.Equal("L3H2", json.RootElement.GetProperty("circuit_head").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("circuit_distance").GetInt32());
        var best = Components("--svd", "qk", "--layers", "3", "--top", "2");
        Assert.Matches("vectors of the scores of L3H[0-3] at the distance 0", best.Output);
    }

    [Fact]
    public void A_page_that_is_too_large_takes_no_other_result_with_it()
    {
        string[] files = [folder.Path("c.json"), folder.Path("c.svg")];
        var run = Components("--top", "2", "--json", files[0], "--svg", files[1], "--max-bytes", "1000");
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            @"^ratilgpu: The data of the page take [\d,]+ bytes for \d+ figures of components, and may take 1,000 "
            + @"bytes in all\. Choose fewer components, or allow it with --max-bytes \d+\.\n$", run.Error);
        Assert.Equal(files, Directory.EnumerateFiles(folder.Root).Order());
        Assert.Equal([folder.Path("out", "components.md")], Directory.EnumerateFiles(folder.Path("out")));
    }

    [Fact]
    public void The_terminal_says_what_is_doubtful_how_exact_the_sums_are_and_how_much_is_left_out()
    {
        var few = Components("--decomposition", Write(1, 5));
        Assert.Matches(@"\nWarning    The components lack \d+\.\d % of the query matrix: they may be of", few.Output);
        Assert.Matches(@"\nCheck      the parts add up to the scores of the run, but for \d\.\de-\d+ of", few.Output);
        Assert.DoesNotContain(
            " more; --json has all", Components("--top", "2").Output, StringComparison.Ordinal);
        var many = Components("--top", "8");
        Assert.Contains("\n    and 2 more; --json has all\n", many.Output, StringComparison.Ordinal);
        Assert.Contains("\n    and 4 more; --json has all\n", many.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\nWarning", many.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_are_too_short_are_named()
    {
        var texts = folder.Write("one two\nthree\n"u8.ToArray(), "t.txt");
        var run = CommandRun.Of(
            "components", "--corpus", texts, "--corpus-unit", "line", "--top", "2", "--output", folder.Path("out"),
            Prompt);
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(
            @"^ratilgpu: note: texts with fewer than 16 tokens are left out, 2: .*t\.txt.*, .*t\.txt.*\n$", run.Error);
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_refused_before_anything_is_read()
    {
        var name = new string('x', 300);
        Components("--json", folder.Path(name)).Refuses(
            $"{Files.OneLine.Shorten(folder.Path(name))}: has a name of 300 bytes, expected at most 255; give another "
            + "file with --json.");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links are for administrators alone.");
        File.CreateSymbolicLink(folder.Path("link"), folder.Path("none", "c.json"));
        Components("--json", folder.Path("link")).Refuses(
            $"{folder.Path("link")}: is a link to {folder.Path("none", "c.json")}, whose folder is not there; make it, "
            + "or give another file with --json.");
    }

    [Fact]
    public void A_file_of_another_program_is_not_replaced()
    {
        folder.Write("mine"u8.ToArray(), "out", "components.md");
        Components().Refuses(
            $"{folder.Path("out", "components.md")}: was not written by ratilgpu and would be replaced; move it, or "
            + "give another folder with --output.");
    }

    [Fact]
    public void Components_of_a_file_are_read_and_the_layer_is_one_that_it_has()
    {
        var file = Write(1, 5);
        var run = Components("--decomposition", file, "--record", folder.Path("run.safetensors"));
        Assert.Empty(run.Error);
        Assert.Contains("\nComponents layer 1, of a file\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n    value   2      0           0           0         0.0 %         100.0 %\n", run.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("SVD baseline", File.ReadAllText(folder.Path("out", "components.md")),
            StringComparison.Ordinal);
        var again = CommandRun.Of(
            "components", "--from-recording", folder.Path("run.safetensors"), "--decomposition", file, "--output",
            folder.Path("again"));
        Assert.Empty(again.Error);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line()
    {
        var file = Write(1, 5);
        Components("--layers", "4").Refuses("--layers is 4, expected -4 to 3 for a model of 4 layers.");
        Components("--layers", "1,2").Refuses(
            "--layers is 1,2, 2 layers, expected one: components are of one layer.");
        Components("--svd", "qk", "--svd-distance", "999999999").Refuses(
            "--svd-distance is 999999999, expected less than the 512 positions of the model.");
        Components("--position", "all").Refuses(
            "--position is all, 14 positions, expected one: the scores of one query are divided.");
        Components("--heads", "L3H8").Refuses(
            "--heads: L3H8 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count from "
            + "the end.");
        Components("--heads", "L3H1,L-2H1").Refuses(
            "--heads names heads of several layers; components are of one layer.");
        Assert.Empty(Components("--heads", "L3H1,L-1H2", "--top", "2").Error);
        Components("--decomposition", file, "--layers", "0").Refuses(
            $"{file}: has no 'model.layers.0.self_attn.q_proj.U': expected the components of layer 0. It has layer 1.");
        Components("--decomposition", Write(7, 5)).Refuses(
            $"{file}: has components of layer 7, but the model has layers 0 to 3.");
        Components("--decomposition", Write(1, 5, width: 64)).Refuses(
            $"{file}: 'model.layers.1.self_attn.q_proj.V' is [64, 5], expected [128, 5]: 5 components of 128 inputs; "
            + "it is a decomposition of another model, or its metadata does not say its layout.");
        Components("--decomposition", Write(1, 5, first: double.NaN)).Refuses(
            $"{file}: 'model.layers.1.self_attn.q_proj.U' has NaN at [0, 0], expected finite numbers; "
            + "export it again, in F32 if a smaller format had no room for it.");
        Components("--decomposition", folder.Path("none")).Refuses(
            $"{folder.Path("none")}: there is no such file.");
    }

    [Fact]
    public void Several_positions_are_refused_where_they_stand()
    {
        var run = folder.Path("run.safetensors");
        const string Expected = "expected one: the scores of one query are divided";
        Assert.Empty(CommandRun.Of("lens", Prompt, "--position", "4,9", "--record", run).Error);
        CommandRun.Of("components", "--from-recording", run, "--layers", "3").Refuses(
            $"{run}: metadata 'asked_positions' has 2 positions, {Expected}; give one with --position. A recording "
            + "serves the command, the choices and the model that it was made with.");
        CommandRun.Of("components", "--from-recording", run, "--layers", "3", "--position", "2:4").Refuses(
            $"{run}: --position is 2:4, 2 positions, {Expected}. A recording serves the command, the choices and the "
            + "model that it was made with.");
        var prompts = folder.Write("""{"prompt": "one two three", "position": "0:2"}"""u8.ToArray(), "prompts.jsonl");
        CommandRun.Of("components", "--prompts", prompts).Refuses(
            $"{prompts}:1: position has 2 positions, {Expected}.");
    }

    [Fact]
    public void Options_that_contradict_each_other_are_misused()
    {
        Components("--heads", "L3H1", "--layers", "3").IsMisused(
            "--heads has L3H1, which names its layer; leave --layers out, or give heads by number.", " components");
        Components("--heads", "L3H1,L2H1").IsMisused(
            "--heads names heads of several layers; components are of one layer.", " components");
        Components("--decomposition", "x", "--svd", "head").IsMisused(
            "--svd is about singular vectors, and --decomposition reads others; give one.", " components");
        Components("--svd-distance", "2").IsMisused(
            "--svd-distance means nothing without --svd qk; give that too, or leave --svd-distance out.",
            " components");
        CommandRun.Of("ablate", "--components", "q0", "--svd", "qk", Prompt).IsMisused(
            "--svd is qk, which only the command components takes; give matrix or head.", " ablate");
        CommandRun.Of("components", "--documents", "0", Prompt).IsMisused(
            "--documents is 0, expected 1 or more, or all.", " components");
        Components("--top", "0").IsMisused(
            "--top is 0, which leaves no component to look at; give 1 or more.", " components");
        var file = Write(1, 5);
        Components("--decomposition", file, "--json", file).IsMisused(
            "--json names components.safetensors, which the command reads; give another file.", " components");
    }

    [Fact]
    public void Several_prompts_are_refused()
    {
        var prompts = folder.Write("one\ntwo\n"u8.ToArray(), "prompts.txt");
        CommandRun.Of("components", "--prompts", prompts, "--output", folder.Path("out")).Refuses(
            "2 prompts are given, expected one: the scores of one prompt are divided.");
    }

    CommandRun Components(params string[] options) => CommandRun.Of(
        ["components", .. options, "--output", folder.Path("out"), "--documents", "1", "--text-length", "64", Prompt]);

    string Write(int layer, int count, int width = Width, double first = 0.25)
    {
        var path = folder.Path("components.safetensors");
        (string Name, int Rows)[] tensors =
        [
            ("q_proj.U", Width), ("q_proj.V", width), ("k_proj.U", 32), ("k_proj.V", width),
        ];
        SafetensorsWriter.Write(path, tensors.Select(tensor =>
        {
            var numbers = new double[tensor.Rows * count];
            numbers.AsSpan().Fill(0.25);
            numbers[0] = first;
            return SafetensorsTensor.Of(
                $"model.layers.{layer}.self_attn.{tensor.Name}", DataType.F32, new(tensor.Rows, count), numbers);
        }));
        return path;
    }
}
