namespace RatIlgpu.Cli.Tests.Options;

public sealed class ArgumentsTests
{
    [Theory]
    [InlineData("there is no command 'trac'; did you mean trace?", "", "trac", "When")]
    [InlineData(
        "there is no command 'quantum', expected trace, compare, attention, attribute, explain, lens, patch, predict, "
        + "heads, ablate, components, diff, tokenize, devices, verify, bench.", "", "quantum")]
    [InlineData(
        "there is no option --layerz; did you mean --layers? A text that starts with a dash goes after --, or to "
        + "--text=.", " trace", "trace", "--layerz", "0")]
    [InlineData("there is no option --quantum.", " devices", "devices", "--quantum")]
    [InlineData(
        "--output needs a value: FOLDER; found '--verbose'. A value that starts with a dash goes after an equals sign: "
        + "--output=--verbose", " trace", "trace", "--output", "--verbose", "When Mary")]
    [InlineData(
        "--text needs a value: TEXT; found '--top-beam'. A value that starts with a dash goes after an equals sign: "
        + "--text=--top-beam", " trace", "trace", "--text", "--top-beam")]
    [InlineData("--layers needs a value: LIST.", " trace", "trace", "a", "--layers")]
    [InlineData("--layers is given twice; give it once.", " trace", "trace", "a", "--layers", "0", "--layer", "1")]
    [InlineData("--verbose is a switch and has no value; found '--verbose=yes'.", " trace", "trace", "--verbose=yes")]
    [InlineData(
        "'Mary' stands behind the prompt; quote the prompt: \"When Mary …\"", " trace", "trace", "When", "Mary", "and",
        "John")]
    [InlineData(
        "'P' stands behind the prompt; quote the prompt: \"C P …\". The corrupted prompt goes to --corrupted.",
        " patch", "patch", "--activation", "key", "C", "P")]
    [InlineData(
        "'P' is too much: a list has no blank after its commas, as in 2,3.", " trace", "trace", "--layers", "2,", "3",
        "P")]
    [InlineData("--json names p.txt, which the command reads; give another file.", " tokenize", "tokenize", "--prompts",
        "p.txt", "--json", "./p.txt")]
    [InlineData("--predictions 0 leaves nothing to show; give --answer or --direction.", " lens", "lens", "a",
        "--predictions", "0")]
    [InlineData("'x' is too much: devices takes no argument.", " devices", "devices", "x")]
    [InlineData("compare needs A and B.", " compare", "compare", "a.json")]
    [InlineData("verify needs FOLDER.", " verify", "verify")]
    [InlineData("--top-beam is 'many', expected a whole number.", " trace", "trace", "a", "--top-beam", "many")]
    [InlineData("--top-beam is '1,5', expected a whole number.", " trace", "trace", "a", "--top-beam", "1,5")]
    [InlineData("--min-attn is '0,05', expected a number such as 0.05.", " trace", "trace", "a", "--min-attn", "0,05")]
    [InlineData("--min-attn is 2, expected 0 to 1.", " trace", "trace", "a", "--min-attn", "2")]
    [InlineData("--min-attn is 'NaN', expected a number such as 0.05.", " trace", "trace", "a", "--min-attn", "NaN")]
    [InlineData("--top-p is 0, expected more than 0 and at most 1.", " trace", "trace", "a", "--top-p", "0")]
    [InlineData("--stop-at-bos is 'maybe', expected true, false.", " trace", "trace", "a", "--stop-at-bos", "maybe")]
    [InlineData(
        "--unit is '7', expected sublayer, cumulative-layer, head, head-by-source, neuron.", " attribute", "attribute",
        "a", "--unit", "7")]
    [InlineData("--agg-heads is '3', expected mean, max, none.", " trace", "trace", "a", "--agg-heads", "3")]
    [InlineData(
        "--dtype does not exist: weights are used as the checkpoint stores them (F32, F16 or BF16), and all sums are "
        + "in float32, so there is nothing to choose; leave it out.", " trace", "trace", "a", "--dtype", "float16")]
    [InlineData(
        "--temperature means nothing without --generate; give that too, or leave --temperature out.", " trace",
        "trace", "a", "--temperature", "1")]
    [InlineData(
        "--top-p means nothing without a --temperature above 0; give that too, or leave --top-p out.", " trace",
        "trace", "a", "--generate", "3", "--top-p", "0.5")]
    [InlineData(
        "--scope is for keys and values, not for head-output.", " patch", "patch", "a", "--corrupted", "b",
        "--activation", "head-output", "--scope", "query-head")]
    [InlineData(
        "--scope is for single heads; --axes has none.", " patch", "patch", "a", "--corrupted", "b", "--activation",
        "key", "--axes", "position", "--scope", "query-head")]
    [InlineData("--trace-token is 5, expected -2 to 1 with --generate 2.", " trace", "trace", "a", "--generate", "2",
        "--trace-token", "5")]
    [InlineData("--json and --record name the same file; give two.", " lens", "lens", "a", "--json", "x.st", "--record",
        "./x.st")]
    [InlineData("--json and --record name the same file; give two.", " lens", "lens", "a", "--json", "x-2.st",
        "--record", "x.st")]
    [InlineData(
        "--json names index.html in the folder of --output, where the command writes its own files; give another name.",
        " trace", "trace", "a", "--output", "out", "--json", "out/index.html")]
    [InlineData(
        "--record names trace-L3H1.json in the folder of --output, where the command writes its own files; give "
        + "another name.", " trace", "trace", "a", "--output", "out/", "--record", "out/trace-L3H1.json")]
    [InlineData("--json names b.json, which the command reads; give another file.", " compare", "compare", "a.json",
        "b.json", "--json", "./b.json")]
    [InlineData("--record is a dash, expected a file: standard output takes text only.", " lens", "lens", "a",
        "--record", "-")]
    [InlineData("--model is empty, expected a folder or a name.", " lens", "lens", "a", "--model", "")]
    [InlineData("--top-k is 99999999999999999999, expected 1 to 2147483647.", " trace", "trace", "a", "--top-k",
        "99999999999999999999")]
    [InlineData("--ids is empty, expected whole numbers with commas between, such as 12,7,9.", " lens", "lens",
        "--ids=")]
    [InlineData(
        "there is no option --txt; did you mean --text? A text that starts with a dash goes after --, or to --text=.",
        " trace", "trace", "--txt=a b")]
    [InlineData("there is no corrupted prompt: give it with --corrupted or --corrupted-ids.", " patch", "patch", "a",
        "--activation", "mlp-output")]
    public void A_mistake_on_the_command_line_is_met_with_exit_code_2(
        string message, string command, params string[] args) => CommandRun.Of(args).IsMisused(message, command);

    [Fact]
    public void An_empty_value_is_an_empty_value()
    {
        CommandRun.Of("trace", "--text=").IsMisused("the prompt is empty, expected at least one token.");
        CommandRun.Of("trace", "--text", "").IsMisused("the prompt is empty, expected at least one token.");
        CommandRun.Of("trace", "a", "--output=").IsMisused("--output is empty, expected a folder.");
    }

    [Theory]
    [InlineData("--answer= Mary")]
    [InlineData("--answer", " Mary")]
    [InlineData("--answer: Mary")]
    public void A_value_may_have_spaces(params string[] args)
    {
        var run = CommandRun.Of(["attribute", "When Mary and John", .. args]);
        Assert.Equal("", run.Error);
        Assert.Contains("logit of \" Mary\" (#514)", run.Output, StringComparison.Ordinal);
        Assert.Equal(run, CommandRun.Of(["attribute", .. args, "--text=When Mary and John"]));
    }

    [Theory]
    [InlineData("--text=-p:2 is it")]
    [InlineData("--", "-p:2 is it")]
    [InlineData("--text=--top-beam=3 is it")]
    [InlineData("- a list")]
    public void A_text_may_look_like_an_option_where_it_is_said_to_be_a_text(params string[] args)
    {
        var run = CommandRun.Of(["tokenize", "--json", "-", .. args]);
        Assert.Equal("", run.Error);
        var text = args[^1].Replace("--text=", "", StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.Equal(text, string.Concat(
            json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString())));
    }

    [Fact]
    public void The_version_is_told_behind_a_command_too()
    {
        Assert.Equal(CommandRun.Of("--version"), CommandRun.Of("trace", "--version"));
        Assert.Equal((0, ""), (CommandRun.Of("trace", "a", "--version").ExitCode, CommandRun.Of("--version").Error));
    }

    [Fact]
    public void Switches_of_the_program_may_stand_before_the_command()
    {
        Assert.Equal(0, CommandRun.Of("--verbose", "tokenize", "a").ExitCode);
        Assert.Equal(CommandRun.Of("help", "trace"), CommandRun.Of("--help", "trace"));
        CommandRun.Of("--layers", "0", "trace").IsMisused(
            "there is no option --layers. Options of a command go behind its name.", " trace");
    }

    [Fact]
    public void Help_is_a_word_too()
    {
        Assert.Equal(CommandRun.Of("trace", "--help"), CommandRun.Of("help", "trace"));
        Assert.Equal(CommandRun.Of("--help"), CommandRun.Of("help"));
        Assert.Equal(CommandRun.Of("help"), CommandRun.Of("help", "help"));
        Assert.Equal(0, CommandRun.Of("help").ExitCode);
        CommandRun.Of("help", "trac").IsMisused("there is no command 'trac'; did you mean trace?", "");
    }

    [Theory]
    [InlineData("--position=-1", "--layers=-2:")]
    [InlineData("--position", "-1", "--layers", "-2:")]
    [InlineData("--target-pos", "-1", "--layer", "-2,-1")]
    [InlineData("-p:-1", "-l", "2:4")]
    public void Numbers_from_the_end_are_values_and_the_original_spelling_is_understood(params string[] args)
    {
        var run = CommandRun.Of(["trace", "When Mary and John", "--json", "-", .. args, .. Elsewhere()]);
        Assert.Equal("", run.Error);
        Assert.Contains("\"layer\": 2", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_original_spelling_is_that_of_trace_alone() => Assert.Equal(
        2, CommandRun.Of("lens", "a", "--target-pos", "0").ExitCode);

    [Fact]
    public void The_older_name_of_the_predictions_of_lens_is_taken() => Assert.Equal(
        CommandRun.Of("lens", "a", "--predictions", "2").Output, CommandRun.Of("lens", "a", "--top", "2").Output);

    static string[] Elsewhere() => ["--output", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())];
}
