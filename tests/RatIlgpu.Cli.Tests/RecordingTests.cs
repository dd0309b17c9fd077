using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

/// <summary>What commands read from recordings that they kept.</summary>
public sealed class RecordingTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    string Run => folder.Path("run.st");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_trace_looks_again_where_it_looked()
    {
        Assert.Empty(Trace(Prompt, "--position", "4,9", "--record", Run).Error);
        var again = Trace("--from-recording", Run);
        Assert.Empty(again.Error);
        Assert.Equal(
            ["Traced     \" went\" at position 4, layer 3 (of 0 to 3), heads mean",
                "Traced     \" John\" at position 9, layer 3 (of 0 to 3), heads mean"],
            Lines(again, "Traced"));
        Assert.Equal(2, Lines(again, "Predicts").Length);
        // The command line comes first.
        Assert.Contains(
            " at position 13, ", Assert.Single(Lines(Trace("--from-recording", Run, "--position", "-1"), "Traced")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_without_predictions_says_so_in_the_report_and_on_the_page()
    {
        Trace(Prompt, "--position", "4", "--record", Run);
        var again = Trace("--from-recording", Run, "--position", "4,9");
        Assert.Single(Lines(again, "Predicts"));
        const string LeftOut = "The predictions after position 9 are left out: the recording has no logits there.";
        Assert.Equal([$"Note       {LeftOut}"], Lines(again, "Note"));
        Assert.Contains(LeftOut, File.ReadAllText(folder.Path("out", "index.html")), StringComparison.Ordinal);
        Assert.Empty(Lines(Trace("--from-recording", Run, "--position", "9", "--predictions", "0"), "Note"));
    }

    [Fact]
    public void Positions_of_the_file_that_do_not_fit_are_named_with_their_key()
    {
        const string Cure = "A recording serves the command, the choices and the model that it was made with.";
        Trace(Prompt, "--position", "4,9", "--record", Run);
        CommandRun.Of("explain", "--head", "L3H1", "--from-recording", Run).Refuses(
            $"{Run}: metadata 'asked_positions' has 2 positions, expected one, that of the query; give one with "
            + $"--query. {Cure}");
        Trace("--ids", "5,789,514", "--attention-mask", "011", "--position", "0", "--record", Run);
        CommandRun.Of("lens", "--from-recording", Run).Refuses(
            $"{Run}: metadata 'asked_positions' has 0, which is padding, expected that of a token. {Cure}");
    }

    [Fact]
    public void A_token_that_was_generated_is_traced_again()
    {
        Assert.Empty(Trace(Prompt, "--generate", "3", "--trace-token", "1", "--record", Run).Error);
        Assert.Contains(
            " at position 15, ", Assert.Single(Lines(Trace("--from-recording", Run), "Traced")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_explanation_is_of_the_query_that_was_asked_for()
    {
        string[] head = ["explain", "--head", "L3H1"];
        var live = CommandRun.Of([.. head, Prompt, "--query", "9", "--record", Run]);
        Assert.Empty(live.Error);
        var again = CommandRun.Of([.. head, "--from-recording", Run]);
        Assert.Empty(again.Error);
        Assert.Equal(Lines(live, "Link"), Lines(again, "Link"));
        Assert.Equal(3, Lines(again, "Link").Length);
        CommandRun.Of([.. head, "--from-recording", Run, "--query", "4"]).Refuses(
            $"{Run}: Position 4 of rotated-query of layer 3 was not recorded: positions 9 were. Record anew what this "
            + "command reads: give it the prompt and --record FILE in place of --from-recording, and the other "
            + "options as here.");
    }

    [Theory]
    [InlineData("lens")]
    [InlineData("attribute")]
    public void Other_commands_look_again_where_they_looked(string command)
    {
        Assert.Empty(CommandRun.Of(command, Prompt, "--position", "4", "--record", Run).Error);
        var again = CommandRun.Of(command, "--from-recording", Run);
        Assert.Empty(again.Error);
        Assert.Equal(
            CommandRun.Of(command, Prompt, "--position", "4").Output, again.Output);
    }

    [Fact]
    public void A_patch_measures_again_where_it_measured()
    {
        string[] words = ["patch", "--activation", "head-output", "--top", "1", "--answer", " John"];
        var live = CommandRun.Of([
            .. words, "--clean", "When Mary and John", "--corrupted", "When Mary and Mary", "--position", "2",
            "--record", Run,
        ]);
        Assert.Empty(live.Error);
        var files = $"{folder.Path("run-clean.st")},{folder.Path("run-corrupted.st")}";
        var again = CommandRun.Of([.. words, "--from-recording", files]);
        Assert.Empty(again.Error);
        Assert.Equal(Lines(live, "Metric"), Lines(again, "Metric"));
        CommandRun.Of([.. words, "--from-recording", $"{Run},{Run}"]).Refuses(
            $"{Run}: there is no such file, and --record writes one for each run; give --from-recording {files}.");
    }

    [Fact]
    public void Several_prompts_are_several_files()
    {
        var prompts = folder.Path("prompts.txt");
        File.WriteAllText(prompts, "When Mary and John\nWhen Mary\n");
        Assert.Empty(Trace("--prompts", prompts, "--position", "1", "--record", Run).Error);
        var files = $"{folder.Path("run-1.st")},{folder.Path("run-2.st")}";
        CommandRun.Of("trace", "--from-recording", Run, "-o", folder.Path("out")).Refuses(
            $"{Run}: there is no such file, and --record writes one for each run; give --from-recording {files}.");
        var again = Trace("--from-recording", files);
        Assert.Empty(again.Error);
        Assert.Equal(2, Lines(again, "Traced").Length);
        Assert.All(Lines(again, "Traced"), line => Assert.Contains(
            "\" Mary\" at position 1, ", line, StringComparison.Ordinal));
        CommandRun.Of("trace", "--from-recording", folder.Path("none.st"), "-o", folder.Path("out")).Refuses(
            $"{folder.Path("none.st")}: there is no such file.");
    }

    [Theory]
    [InlineData("explain --head L3H1")]
    [InlineData("explain --head L3H1 --key 1")]
    [InlineData("trace")]
    [InlineData("attention --layers 3")]
    public void A_number_that_is_not_finite_is_named_with_its_tensor_and_file(string command)
    {
        string[] words = command.Split(' ');
        string[] output = words[0] == "explain" ? [] : ["-o", folder.Path("out")];
        Assert.Empty(CommandRun.Of([.. words, Prompt, "--record", Run, .. output]).Error);
        Damage("layers.3.rotated_key");
        var run = CommandRun.Of([.. words, "--from-recording", Run, .. output]);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            $@"^ratilgpu: {Regex.Escape(Run)}: 'layers\.3\.rotated_key' holds NaN at 5 of [\d,]+, expected finite "
            + @"numbers: the file is damaged, or a number of the recorded run grew beyond F32\.\n$",
            run.Error);
        Assert.Empty(run.Output);
    }

    CommandRun Trace(params string[] args) => CommandRun.Of(["trace", .. args, "--output", folder.Path("out")]);

    static string[] Lines(CommandRun run, string name) =>
        [.. run.Output.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))];

    // Makes the sixth number of a tensor NaN.
    void Damage(string tensor)
    {
        var bytes = File.ReadAllBytes(Run);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var start = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 8, header))![tensor]!["data_offsets"]![0]!
            .GetValue<int>();
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8 + header + start + 20), float.NaN);
        File.WriteAllBytes(Run, bytes);
    }
}
