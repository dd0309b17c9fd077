using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Tests.Options;

/// <summary>Holds all commands to one mould: names, types, defaults, help and JSON.</summary>
public sealed class MouldTests
{
    static readonly CliOptions Vocabulary = new();

    static readonly Command Root = CommandLine.Root(
        [], new Terminal(Stream.Null, false, TextWriter.Null, TextWriter.Null, false), Vocabulary);

    static IEnumerable<(TerminalCommand Command, Option Option)> Uses =>
        from command in Root.Subcommands.Concat(Root.Subcommands.SelectMany(sub => sub.Subcommands))
            .Cast<TerminalCommand>()
        from option in command.Options
        select (command, option);

    static IEnumerable<System.Reflection.PropertyInfo> Declared => typeof(CliOptions).GetProperties()
        .Where(property => property.PropertyType.IsAssignableTo(typeof(CliOption)));

    public static TheoryData<string> Commands => [.. Root.Subcommands.Select(command => command.Name)];

    [Fact]
    public void Every_command_takes_its_options_from_one_place()
    {
        var declared = Declared.Select(property => (Option)property.GetValue(Vocabulary)!).ToHashSet();
        Assert.All(Uses, use => Assert.Contains(use.Option, declared));
        Assert.All(declared, option => Assert.True(
            option == Vocabulary.Verbose || Uses.Any(use => use.Option == option), $"{option.Name} is not used."));
        var names = declared.SelectMany(option => option.Aliases.Append(option.Name)).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Fact]
    public void Every_option_is_called_as_the_code_calls_it() => Assert.All(
        Declared,
        property => Assert.Equal("--" + Words.Kebab(property.Name), ((Option)property.GetValue(Vocabulary)!).Name));

    [Fact]
    public void Every_choice_is_spelled_as_the_members_of_its_enumeration()
    {
        foreach (var property in typeof(CliOptions).GetProperties().Where(one => one.PropertyType.IsGenericType))
        {
            var type = property.PropertyType.GenericTypeArguments[0];
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (!type.IsEnum || property.PropertyType.Name != "CliOption`1")
                continue;
            var option = (Option)property.GetValue(Vocabulary)!;
            var words = Enum.GetNames(type).Select(Words.Kebab).ToList();
            var shown = $"{option.HelpName} {option.Description}";
            if (option == Vocabulary.Activation)
                words = [.. CliOptions.Patchable.Select(Words.Of)];
            // As the names of heads are spelled.
            if (option == Vocabulary.Notation)
                words = ["LH", "dot"];
            Assert.All(words, word => Assert.Contains(word, shown, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_command_that_runs_a_prompt_takes_it_in_the_same_ways()
    {
        Option[] prompt =
        [
            Vocabulary.Text, Vocabulary.Ids, Vocabulary.Prompts, Vocabulary.Chat, Vocabulary.AttentionMask,
            Vocabulary.FromRecording, Vocabulary.Record, Vocabulary.Model, Vocabulary.Device, Vocabulary.Layers,
        ];
        var commands = Root.Subcommands.OfType<ModelCommand>().ToList();
        Assert.Equal(
            ["trace", "attention", "attribute", "explain", "lens", "patch", "predict", "components"],
            commands.Select(command => command.Name));
        // Conditions run in branches, which have no padding and are not recorded; heads are named with their layers.
        Option[] ofRuns =
            [Vocabulary.AttentionMask, Vocabulary.FromRecording, Vocabulary.Record, Vocabulary.Layers];
        foreach (var command in commands)
        {
            Assert.Single(command.Arguments);
            // The head that is explained has its layer in its name.
            var expected = command.Name switch
            {
                "predict" => prompt.Except(ofRuns),
                "explain" => prompt.Except([Vocabulary.Layers]),
                _ => prompt,
            };
            Assert.All(expected, option => Assert.Contains(option, command.Options));
            // Attention is shown of all positions; what is explained has a query and keys.
            Assert.Equal(
                command.Name is not ("attention" or "explain"), command.Options.Contains(Vocabulary.Position));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_can_write_json(string name) =>
        Assert.Contains(Vocabulary.Json, Find(name).Options);

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_help_has_groups_three_examples_and_lines_that_fit(string name)
    {
        var run = CommandRun.Of(name, "--help");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n');
        Assert.Contains("Output:", lines);
        Assert.Contains("Examples:", lines);
        Assert.Equal(3, Find(name).Examples.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 200));
        Assert.DoesNotContain("System.", run.Output, StringComparison.Ordinal);
        // One default each.
        Assert.All(Regex.Split(run.Output, @"\n  (?=\S)"), entry =>
            Assert.InRange(Regex.Count(entry, "Default: "), 0, 1));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_of_a_help_is_a_call_that_can_be_made(string name)
    {
        foreach (var (_, line) in Find(name).Examples)
        {
            string[] words =
            [
                name, .. Regex.Matches(line, "\"(?<quoted>[^\"]*)\"|(?<plain>\\S+)").Select(word =>
                    word.Groups["quoted"].Success ? word.Groups["quoted"].Value : word.Groups["plain"].Value),
            ];
            Assert.Empty(Root.Parse(Arguments.Check(Root, words)).Errors);
            if (name is "bench" || line.Contains(".json", StringComparison.Ordinal)
                || line.Contains(".txt", StringComparison.Ordinal) || words.Any(word => word.Contains('/')))
                continue;
            using var folder = new Testing.TemporaryFolder();
            string[] output = name is "trace" or "attention" or "heads" or "components" or "ablate"
                && !words.Contains("--through")
                ? ["--output", folder.Root]
                : [];
            var run = CommandRun.Of([.. words, .. output]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
        }
    }

    [Theory]
    [InlineData(
        "attribute --unit head --value-bias separate --reference vocabulary-mean --position 2 --answer #5",
        "unit=head value_bias=separate reference=vocabulary_mean position=2 answer.id=5")]
    [InlineData(
        "explain --head L1H2 --query 2 --foil-key 0 --split-heads",
        "head=L1H2 query=2 foil_key=0 reading=foil split_heads=True")]
    [InlineData(
        "patch --corrupted-ids 7,8,10 --activation head-output --axes head --metric probability --answer #5 --scope -",
        "activation=head_output metric=probability answer.id=5")]
    [InlineData(
        "patch --corrupted-ids 7,8,10 --source L0H1 --input value --norm recomputed --scope key-value-group",
        "input=value norm=recomputed scope=key_value_group metric=logit")]
    [InlineData(
        "trace --top-beam 3 --top-k 2 --min-attn 0.125 --heads 1 --length-norm sqrt --bos-token-id 5 "
        + "--stop-at-bos false --weights info",
        "metadata.top_beam=3 metadata.top_k=2 ratilgpu.options.min_attn=0.125 ratilgpu.options.agg_heads=1 "
        + "ratilgpu.options.length_norm=sqrt ratilgpu.options.stop_at_bos=False ratilgpu.options.bos_token_id=5 "
        + "ratilgpu.options.weights=info")]
    [InlineData(
        "trace --through --flow rollout --from-layer 1 --to-layer 2 --min-share 0.125 --top-beam 3",
        "metadata.top_beam=3 ratilgpu.options.flow=rollout ratilgpu.options.from_layer=1 ratilgpu.options.to_layer=2 "
        + "ratilgpu.options.min_share=0.125")]
    public void Option_and_key_are_the_same_word(string call, string keys)
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var words = call.Replace(" --scope -", "", StringComparison.Ordinal).Split(' ');
        string[] output = words[0] == "trace" && !words.Contains("--through") ? ["--output", folder] : [];
        var run = CommandRun.Of([.. words, "--ids", "7,8,9", "--json", "-", .. output]);
        Assert.Equal("", run.Error);
        using var json = JsonDocument.Parse(run.Output);
        foreach (var (path, value) in keys.Split(' ').Select(key => key.Split('=')).Select(key => (key[0], key[1])))
        {
            var at = path.Split('.').Aggregate(json.RootElement, (element, key) => element.GetProperty(key));
            Assert.Equal(value, at.ToString());
        }

        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(
        "trace --title T",
        "--position -1 --layers -1 --heads all --agg-heads mean --top-beam 5 --top-k 5 --min-attn 0 "
        + "--length-norm avg_logprob --weights standard --predictions 5 --device auto --threads 0 "
        + "--rotary-precision double")]
    [InlineData(
        "attention --title T",
        "--layers all --heads all --weights standard --mode small --notation LH --max-bytes 25000000")]
    [InlineData(
        "trace --through",
        "--flow norm --from-layer 0 --to-layer -1 --min-share 0 --position -1 --top-beam 5 --top-k 5")]
    [InlineData("attribute", "--position -1 --layers all --unit sublayer --value-bias in-heads --reference raw")]
    [InlineData(
        "ablate --title T",
        "--heads all --layer -2 --part head --kind zero,mean --sequences 10 --length 128 --seed 0")]
    [InlineData("attribute --unit head", "--layers all --heads all --top 10")]
    [InlineData("lens", "--position -1 --layers all --predictions 5")]
    [InlineData(
        "patch --activation head-output --corrupted-ids 7,8,10",
        "--position -1 --layers all --heads all --patch-position all --axes head --metric logit --top 10")]
    [InlineData(
        "patch --activation key --corrupted-ids 7,8,10", "--scope key-value-group --axes head")]
    [InlineData("explain --head L3H2", "--query -1 --reading here --top 10")]
    [InlineData("explain --head L3H2 --foil-key 0", "--reading foil")]
    [InlineData("predict --heads L1H0", "--position -1 --top 20")]
    [InlineData(
        "patch --source L0H1 --corrupted-ids 7,8,10", "--input query --norm frozen-scale --axes head --layers all")]
    public void The_defaults_that_a_help_tells_are_those_that_hold(string call, string defaults)
    {
        using var folder = new Testing.TemporaryFolder();
        var command = call.Split(' ')[0];
        string[] words = [.. call.Split(' '), .. command == "ablate" ? (string[])[] : ["--ids", "7,8,9"]];
        string[] output = command is "trace" or "attention" or "ablate" && !words.Contains("--through")
            ? ["--output", folder.Root]
            : [];
        Assert.Equal(Printed([.. words, .. output]), Printed([.. words, .. output, .. defaults.Split(' ')]));
    }

    static string Printed(string[] words)
    {
        var run = CommandRun.Of(words);
        Assert.Equal("", run.Error);
        return run.Output;
    }

    static TerminalCommand Find(string name) =>
        (TerminalCommand)Root.Subcommands.Single(command => command.Name == name);
}
