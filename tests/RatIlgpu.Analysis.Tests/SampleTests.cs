using System.Diagnostics;
using System.Text.RegularExpressions;
using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The samples print the expected lines on the demonstration model.</summary>
public sealed partial class SampleTests
{
    [Fact]
    public void The_sample_of_attention_finds_the_previous_token_head_and_the_induction_heads()
    {
        var lines = Run("Attention");
        Assert.StartsWith("L1H0 attends to the token before: 0.9", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..4], line => Assert.Matches(
            "^L3H[0-3] attends to what came next the last time: (0.9|1.0)", line));
        Assert.Equal("Wrote attention.html", lines[4]);
    }

    [Fact]
    public void The_sample_of_the_atlas_names_the_heads_that_look_back_and_those_they_feed()
    {
        var lines = Run("HeadAtlas");
        Assert.Contains(lines, line => line.StartsWith("L1H0 PreviousToken: 0.9", StringComparison.Ordinal)
            && line.Contains("verdict: Causal", StringComparison.Ordinal));
        var induction = lines.Where(line => line.Contains(" Induction: ", StringComparison.Ordinal)).ToList();
        Assert.Empty(
            ((string[])["L3H0", "L3H1", "L3H2", "L3H3"]).Except(induction.Select(line => line.Split(' ')[0])));
        Assert.Contains(induction, line => line.EndsWith("fed by L1H0", StringComparison.Ordinal));
        Assert.Equal("Wrote atlas.html", lines[^1]);
    }

    [Fact]
    public void The_sample_of_two_checkpoints_sees_what_one_head_less_does()
    {
        var lines = Run("Diff");
        Assert.Equal("model.layers.1.self_attn.o_proj.weight: 51.0 %, rank 16", lines[0]);
        Assert.All(lines[1..5], line => Assert.Matches("^L3H[0-6] attends elsewhere: [5-9][0-9] % of its", line));
        Assert.All(lines[5..8], line => Assert.Matches("^after \".+\" at .+ % becomes \".+\" .+ %$", line));
        Assert.Equal("Wrote diff.html", lines[^1]);
    }

    [Fact]
    public void The_sample_of_components_divides_a_score_and_takes_a_component_out()
    {
        var lines = Run("Components");
        Assert.Matches(@"^L3H1 scores the key 3 by (\d+\.\d{3}); its pairs: \1$", lines[0]);
        Assert.Matches(@"^Induction 0\.9\d, fed by L1H0$", lines[1]);
        Assert.All(lines[2..5], line => Assert.Matches(@"^  without (Query|Key) component \d+: −0\.\d\d$", line));
        Assert.Matches(@"^Attention to it 1\.00, without four query components 0\.\d\d$", lines[5]);
        Assert.Equal("Wrote components.html", lines[6]);
    }

    [Fact]
    public void The_sample_of_flow_finds_the_name_and_the_last_layer_that_brings_it()
    {
        var lines = Run("Flow");
        Assert.Equal(" 27.7 % \" Mary\" at position 1", lines[0]);
        Assert.Equal("\" Mary\" -(L3)-> \" to\" (probability: 0.272)", lines[5]);
        Assert.Equal("These paths carry 77.5 % of the whole.", lines[10]);
        Assert.Equal(
            ["By attention alone When has 44.2 %.", "In layer 3, \" Mary\" gives 52.1 % to \" to\"."], lines[^2..]);
    }

    [Fact]
    public void The_sample_of_attribution_finds_who_writes_the_name()
    {
        var lines = Run("LogitAttribution");
        Assert.Equal("The logit of \" Mary\" is 22.06:", lines[0]);
        Assert.Contains("  L3H3 from \" Mary\" at 1: 2.33", lines);
        Assert.Equal("Wrote attribution.html", lines[^1]);
    }

    [Fact]
    public void The_sample_of_explanations_finds_the_heads_that_look_back()
    {
        var lines = Run("Explain");
        Assert.Equal("L3H3 attends from \" to\" to \" Mary\" at 1: 0.97", lines[0]);
        Assert.Matches(@"^  L1H0: \+2\.04$", lines[2]);
        Assert.Matches(@"^  L1H1: \+0\.98$", lines[4]);
        Assert.Matches(@"^Without L1H0 at the key: the score falls by 3\.\d\d, said was 3\.\d\d;", lines[^2]);
        Assert.Equal("Wrote explanation.html", lines[^1]);
    }

    [Fact]
    public void The_sample_of_the_lens_sees_the_name_come_last()
    {
        var lines = Run("LogitLens");
        Assert.Equal("Wrote lens.html", lines[^1]);
        Assert.Equal(9, lines[..^1].Length);
        Assert.StartsWith("final_post  \" Mary\" 99.6 %, ", lines[^2], StringComparison.Ordinal);
        Assert.EndsWith("; the answer is number 1", lines[^2], StringComparison.Ordinal);
        Assert.DoesNotContain(lines[..^2], line => line.EndsWith(" number 1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sample_of_prompts_sees_each_head_look_at_its_name_in_every_prompt()
    {
        var lines = Run("Prompts");
        Assert.Equal(
            ["Mary, John:  Mary 99.6 %", "  head 1: When -> \" John\" -> \" to\" (score: -0.4711)"], lines[..2]);
        Assert.StartsWith("Head 1 attends from the end to position 3 1.00 ± 0.00", lines[^3], StringComparison.Ordinal);
        Assert.StartsWith("Head 3 attends from the end to position 1 0.99 ± 0.01", lines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_of_ablation_finds_the_head_that_is_needed()
    {
        var lines = Run("Ablate");
        Assert.Equal("\" Mary\": 99.6 %", lines[0]);
        Assert.StartsWith("  L3H1: zero 1.1 %, mean ", lines[2], StringComparison.Ordinal);
        Assert.Equal(["With all heads it goes on: Mary.", "Without L3H1 it goes on: George."], lines[^2..]);
    }

    [Fact]
    public void The_sample_of_predictions_finds_the_heads_without_which_another_name_is_said()
    {
        var lines = Run("Predict");
        Assert.Equal("Heads that matter most: L3H0, L3H1, L3H3", lines[0]);
        Assert.StartsWith("baseline                          = \" Mary\" KL 0.00", lines[1], StringComparison.Ordinal);
        Assert.StartsWith(
            "L3H1: outputs at t                ≠ \" George\" KL 4.46  ", lines[3], StringComparison.Ordinal);
        Assert.Matches("^half of these heads: another token after [0-6] of 6 crafted prompts$", lines[^2]);
        Assert.Equal("Wrote predict.html", lines[^1]);
    }

    [Fact]
    public void The_sample_of_path_patching_finds_the_previous_token_head_behind_the_keys()
    {
        var lines = Run("PathPatching");
        Assert.Equal(4, lines.Length);
        var numbers = Numbers(lines[0]);
        Assert.InRange(numbers[0], 8, 13);
        Assert.InRange(numbers[1], -2, 2);
        var (query, key, value) = (Best(lines[1]), Best(lines[2]), Best(lines[3]));
        Assert.Equal(["L1H0", "L1H0"], new[] { key.Source, value.Source });
        Assert.InRange(key.Effect, 3, 5);
        Assert.InRange(key.Next, 0, 0.1);
        Assert.InRange(value.Effect, 0.03, 0.6);
        Assert.InRange(query.Effect, 0, 0.1);
    }

    [Fact]
    public void The_sample_of_pages_finds_the_head_that_restores_the_name_and_writes_its_files()
    {
        var lines = Run("PatchPage");
        Assert.Equal("L1H0 at 13: +23.8, 82 % of the difference", lines[0]);
        foreach (var file in (string[])["patch-heads.html", "patch-paths.html", "patch-paths.svg"])
        {
            Assert.Contains(file, lines[^1], StringComparison.Ordinal);
            Assert.True(new FileInfo(Repository.Path(file)).Length > 5_000, file);
        }
    }

    [Fact]
    public void The_sample_of_an_own_analysis_prints_the_lengths_that_a_plain_computation_gives()
    {
        var lines = Run("OwnAnalysis");
        Assert.Equal(9, lines.Length);
        using var device = new PlainDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var ids = model.Tokenizer.Encode("When Mary and John went to the store, John gave a drink to").Ids;
        var moved = Moved(model.Network, ids.AsSpan()).OrderByDescending(one => one.Length).Take(8).ToList();
        foreach (var (line, (head, source, attention, length)) in lines[1..].Zip(moved))
        {
            var text = Text(model.Tokenizer.Token(ids[source]).Text);
            var printed = Length().Match(line);
            Assert.StartsWith($"  {head} from {text} at {source}: ", line, StringComparison.Ordinal);
            Assert.Equal(length, Number(printed.Groups["length"]), 0.001);
            Assert.Equal(attention * 100, Number(printed.Groups["attention"]), 0.06);
        }

        static string Text(string token) => $"\"{token}\"";
    }

    // By head and source: the output of the head if all other sources had the value 0.
    static IEnumerable<(HeadIndex Head, int Source, double Attention, double Length)> Moved(
        Qwen2Model model, ReadOnlySpan<int> ids)
    {
        var run = new Recorder(model).Record(ids, [new(Activation.Pattern), new(Activation.Value)]);
        var found = new List<(HeadIndex, int, double, double)>();
        foreach (var head in
            from layer in Enumerable.Range(0, 4) from head in Enumerable.Range(0, 8) select new HeadIndex(layer, head))
        {
            var output = model.Rows(model.Weights.Layers[head.Layer].Output, [.. Enumerable.Range(0, 128)]);
            for (var source = 0; source < ids.Length; source++)
            {
                // Heads 0 to 3 read the first key/value head, 4 to 7 the second.
                var value = run[new(Activation.Value, head.Layer)].Row(source, head.Head < 4 ? 0 : 1);
                var attention = run[new(Activation.Pattern, head.Layer)].Row(ids.Length - 1, head.Head)[source];
                var squares = 0.0;
                for (var to = 0; to < 128; to++)
                {
                    var written = 0.0;
                    for (var i = 0; i < 16; i++)
                        written += (double)output[to * 128 + head.Head * 16 + i] * value[i] * attention;
                    squares += written * written;
                }

                found.Add((head, source, attention, Math.Sqrt(squares)));
            }
        }

        return found;
    }

    static (string Source, double Effect, double Next) Best(string line)
    {
        var found = Source().Matches(line);
        return (found[0].Groups["head"].Value, Number(found[0].Groups["effect"]), Number(found[1].Groups["effect"]));
    }

    static double[] Numbers(string line) =>
        [.. Decimal().Matches(line).Select(found => double.Parse(found.Value, CultureInfo.InvariantCulture))];

    static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    // A program of its own, from the folder its first lines name.
    static string[] Run(string name)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", name, configuration, name + ".dll");
        var start = new ProcessStartInfo("dotnet", [program])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error.Result);
        return output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    [GeneratedRegex(@"(?<head>L\d+H\d+) (?<effect>[-+][\d.]+)")]
    private static partial Regex Source();

    [GeneratedRegex(@": length (?<length>[\d.]+), attention (?<attention>[\d.]+) %$")]
    private static partial Regex Length();

    [GeneratedRegex(@"-?\d+\.\d+")]
    private static partial Regex Decimal();
}
