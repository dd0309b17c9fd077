using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class FlowCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    string File => folder.Path("result.json");

    string Output => folder.Path("output");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Prints_the_share_of_each_token_and_the_paths()
    {
        var run = Through(Prompt);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "Traced     \" to\" at position 13, through layers 0 to 3 (of 0 to 3), norm: what attention brings\n",
            run.Output, StringComparison.Ordinal);
        Assert.Contains("       1   27.7 %  \" Mary\"          ████", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "  1.  \" Mary\" -(L3)-> \" to\" (probability: 0.272)\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("These 5 paths carry 77.5 % of the whole.\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_blank_line_stands_between_parts()
    {
        var prompts = folder.Write("When Mary and John\nThe cat sat\n"u8.ToArray(), "prompts.txt");
        foreach (var run in (CommandRun[])
            [Through(Prompt), Through(Prompt, "--position", "3,9"), Through("--prompts", prompts)])
        {
            Assert.Equal(0, run.ExitCode);
            Assert.DoesNotContain("\n\n\n", run.Output, StringComparison.Ordinal);
            Assert.Matches(@" of the whole\.\n\n(Wrote|Deleted)[ ,]", run.Output);
        }

        Assert.Contains(
            " of the whole.\n\nTraced ", Through(Prompt, "--position", "3,9").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Writes_the_page_and_the_json_into_the_folder_and_the_figure_beside_it()
    {
        var svg = folder.Path("flow.svg");
        var run = CommandRun.Of(
            "trace", "--through", Prompt, "-o", Output, "--svg", svg, "--title", "Names", "--theme", "dark", "--json",
            File);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var page = Path.Combine(Output, "index.html");
        Assert.EndsWith(
            $"\nWrote {page} and {Path.Combine(Output, "flow.json")}\nWrote {svg}\n\nWrote {File}\n", run.Output,
            StringComparison.Ordinal);
        var html = System.IO.File.ReadAllText(page);
        Assert.Contains("data-page=\"flow\" data-theme=\"dark\"", html, StringComparison.Ordinal);
        Assert.Contains("<h1>Names</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Paths<dd>5 of at most 5, 77.5 % of the whole</div>", html, StringComparison.Ordinal);
        Assert.Equal(
            System.IO.File.ReadAllText(File), System.IO.File.ReadAllText(Path.Combine(Output, "flow.json")));
        Assert.Contains("<title>Names</title>", System.IO.File.ReadAllText(svg), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_opens_with_an_explanation_and_has_the_size_that_is_asked_for()
    {
        var page = Path.Combine(Output, "index.html");
        Assert.Equal(0, Through(Prompt, "--help-text").ExitCode);
        Assert.Contains(
            "class=\"card explain\" open", System.IO.File.ReadAllText(page), StringComparison.Ordinal);
        System.IO.File.Delete(page);
        var large = Through(Prompt, "--max-bytes", "1000");
        Assert.Equal(1, large.ExitCode);
        Assert.Matches(
            @"^ratilgpu: The data of the page take [\d,]+ bytes for its flow, and may take 1,000 bytes .*, "
                + @"or allow it with --max-bytes \d+\.\n$",
            large.Error);
        Assert.False(System.IO.File.Exists(page));
    }

    [Fact]
    public void Files_of_an_earlier_run_are_deleted_and_those_of_others_kept()
    {
        Assert.Equal(0, CommandRun.Of("trace", Prompt, "-o", Output).ExitCode);
        var run = CommandRun.Of("trace", "--through", Prompt, "-o", Output, "--position", "3,-1");
        Assert.Contains(
            $"Deleted, of an earlier run: {Path.Combine(Output, "trace.json")}\n", run.Output,
            StringComparison.Ordinal);
        Assert.Equal(
            ["flow-P13.json", "flow-P3.json", "index.html"],
            Directory.GetFiles(Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        System.IO.File.WriteAllText(Path.Combine(Output, "flow.json"), "{}");
        Assert.Contains(
            "was not written by ratilgpu and would be replaced",
            CommandRun.Of("trace", "--through", Prompt, "-o", Output).Error, StringComparison.Ordinal);
        Through(Prompt, "--json", Path.Combine(Output, "flow.json")).IsMisused(
            "--json names flow.json in the folder of --output, where the command writes its own files; give another "
            + "name.", " trace");
    }

    [Fact]
    public void The_figure_of_several_is_that_as_which_the_page_opens()
    {
        var svg = folder.Path("flow.svg");
        var run = Through(Prompt, "--position", "3,-1", "--svg", svg);
        Assert.EndsWith(
            $"Wrote {svg}: position 13, as the page opens\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_reaches_the_tracer()
    {
        var run = Through(
            Prompt, "--flow", "rollout", "--from-layer", "1", "--to-layer", "-2", "--min-share", "0.01", "--top-beam",
            "4", "--top-k", "3", "--position", "-2", "--attention-mask", "01111111111111", "--json", File, "--title",
            "T");
        Assert.Equal("", run.Error);
        using var json = Read();
        var (metadata, own) = (json.RootElement.GetProperty("metadata"), json.RootElement.GetProperty("ratilgpu"));
        Assert.Equal(
            """{"seq_len":14,"target_pos":12,"top_beam":4,"top_k":3}""", JsonSerializer.Serialize(metadata));
        var options = own.GetProperty("options");
        Assert.Equal("rollout", options.GetProperty("flow").GetString());
        Assert.Equal(
            (1, 2, 0.01), (options.GetProperty("from_layer").GetInt32(), options.GetProperty("to_layer").GetInt32(),
                options.GetProperty("min_share").GetDouble()));
        Assert.Equal(14, options.GetProperty("attention_mask").GetArrayLength());
        Assert.Equal("T", own.GetProperty("origin").GetProperty("title").GetString());
    }

    [Fact]
    public void The_json_has_shares_and_every_position_of_the_paths()
    {
        Through(Prompt, "--json", File);
        using var json = Read();
        var through = json.RootElement.GetProperty("ratilgpu").GetProperty("through");
        Assert.Equal(1, through.GetProperty("shares").EnumerateArray().Sum(share => share.GetDouble()), 1e-5);
        Assert.Equal(14, through.GetProperty("shares").GetArrayLength());
        Assert.Equal(0.775, through.GetProperty("path_share").GetDouble(), 1e-3);
        Assert.Equal(5, through.GetProperty("paths").GetArrayLength());
        Assert.All(through.GetProperty("paths").EnumerateArray(), path =>
        {
            Assert.Equal(5, path.GetProperty("positions").GetArrayLength());
            Assert.Equal(4, path.GetProperty("flows").GetArrayLength());
            Assert.Equal(
                path.GetProperty("probability").GetDouble(), Math.Exp(path.GetProperty("score").GetDouble()), 1e-9);
        });
        Assert.Equal(5, json.RootElement.GetProperty("paths_text").GetArrayLength());
        Assert.Equal("When", json.RootElement.GetProperty("tokens")[0].GetString());
    }

    [Fact]
    public void Several_positions_and_prompts_are_a_list()
    {
        var prompts = folder.Path("prompts.txt");
        System.IO.File.WriteAllText(prompts, "When Mary\nJohn gave a drink to Mary\n");
        var run = CommandRun.Of(
            "trace", "--through", "--prompts", prompts, "--position", "0,-1", "--json", File, "-o", Output);
        Assert.Equal("", run.Error);
        Assert.Equal(
            [
                "flow-prompt1-P0.json", "flow-prompt1-P1.json", "flow-prompt2-P0.json", "flow-prompt2-P5.json",
                "index.html",
            ],
            Directory.GetFiles(Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("Prompt 2 of 2, ", run.Output, StringComparison.Ordinal);
        using var json = Read();
        Assert.Equal("flow", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal(
            [(1, 0), (1, 1), (2, 0), (2, 5)],
            json.RootElement.GetProperty("flows").EnumerateArray().Select(flow => (
                flow.GetProperty("ratilgpu").GetProperty("prompt").GetInt32(),
                flow.GetProperty("metadata").GetProperty("target_pos").GetInt32())));
    }

    [Fact]
    public void A_long_prompt_shows_the_largest_shares()
    {
        var run = CommandRun.Of(
            "trace", "--through", "--ids", string.Join(',', Enumerable.Range(100, 60)), "--threads", "1", "-o",
            Output);
        Assert.Contains("and 20 tokens with smaller shares\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(40, run.Output.Split('\n').Count(line => line.Contains(" %  ", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_the_model_writes_is_traced_and_heads_are_left_out()
    {
        var run = Through(Prompt, "--generate", "2", "--ablate", "L1H0,L2H3");
        Assert.Equal("", run.Error);
        Assert.Contains("Ablated    L1H0, L2H3\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Then       ", run.Output, StringComparison.Ordinal);
        Assert.Contains(" at position 15, ", run.Output, StringComparison.Ordinal);
        Assert.NotEqual(Through(Prompt).Output, Through(Prompt, "--ablate", "L1H0").Output);
    }

    [Fact]
    public void A_share_that_no_path_has_is_said()
    {
        var run = Through(Prompt, "--min-share", "0.9");
        Assert.Contains("No path is as probable as --min-share asks.\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("This path carries ", Through(Prompt, "--top-beam", "1").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--layers 1", "goes through all layers; --from-layer and --to-layer limit them.")]
    [InlineData("--heads 1", "takes all heads together; leave it out.")]
    [InlineData("--agg-heads max", "takes all heads together; leave it out.")]
    [InlineData("--min-attn 0.1", "is of shares, not of attention; --min-share drops paths.")]
    [InlineData("--weights info", "has its own measure of what a step carries: --flow.")]
    [InlineData("--length-norm none", "has paths that all have as many steps; leave it out.")]
    [InlineData("--stop-at-bos true", "has paths that all end before the first layer; leave it out.")]
    [InlineData("--bos-token-id 1", "has paths that all end before the first layer; leave it out.")]
    [InlineData("--predictions 1", "ends in the last layer, before the prediction; leave it out.")]
    [InlineData("--record x", "is neither recorded nor read from a recording; leave it out.")]
    public void Refuses_what_is_about_one_layer(string option, string why) => Refuses(
        2, $"{option.Split(' ')[0]} means nothing with --through, which {why}\nSee ratilgpu trace --help.",
        ["--through", .. option.Split(' ')]);

    [Theory]
    [InlineData("--flow norm")]
    [InlineData("--from-layer 1")]
    [InlineData("--to-layer 1")]
    [InlineData("--min-share 0.1")]
    [InlineData("--help-text")]
    [InlineData("--max-bytes 1000")]
    public void Refuses_what_is_about_all_layers_in_a_trace_of_one(string option)
    {
        var name = option.Split(' ')[0];
        Refuses(
            2,
            $"{name} means nothing without --through; give that too, or leave {name} out.\nSee ratilgpu trace --help.",
            option.Split(' '));
    }

    [Fact]
    public void Refuses_layers_that_are_not_there_or_upside_down()
    {
        const string Help = "\nSee ratilgpu trace --help.";
        const string Order = "the first must not come after the last.";
        Refuses(2, $"--from-layer is 3 and --to-layer is 1: {Order}{Help}", "--through --from-layer 3 --to-layer 1");
        Refuses(
            2, $"--from-layer is -1 and --to-layer is -2: {Order}{Help}", "--through --from-layer -1 --to-layer -2");
        Refuses(
            1, $"The first layer of a flow is 3 and the last is 1: {Order}", "--through --from-layer -1 --to-layer 1");
        Refuses(
            1, "--to-layer is 9, expected -4 to 3 for a model of 4 layers.", "--through --to-layer 9");
        Refuses(
            2, $"--from-layer is -2147483648, expected -2147483647 or more.{Help}",
            "--through --from-layer -2147483648");
        Refuses(2, $"--min-share is 2, expected 0 to 1.{Help}", "--through --min-share 2");
        Refuses(
            1, "The target, position 13, is padding, through which nothing flows: name a token.",
            "--through --attention-mask 11111111111110");
    }

    [Fact]
    public void Of_several_prompts_the_one_is_named_that_cannot_be_traced()
    {
        var prompts = folder.Path("prompts.jsonl");
        System.IO.File.WriteAllText(prompts, """
            {"ids": [1, 2]}
            {"ids": [1, 2], "attention_mask": [1, 0]}
            """);
        Through("--prompts", prompts).Refuses(
            $"{prompts}:2: The target, position 1, is padding, through which nothing flows: name a token.");
        Through("--prompts", prompts, "--position", "2").Refuses(
            $"{prompts}:1: --position is 2, expected -2 to 1 for a prompt of 2 tokens.");
    }

    [Fact]
    public void Two_flows_are_compared_on_one_page()
    {
        Through(Prompt);
        var (a, other) = (Path.Combine(Output, "flow.json"), folder.Path("other"));
        CommandRun.Of("trace", "--through", Prompt, "--flow", "rollout", "-o", other);
        var (b, page, json) = (Path.Combine(other, "flow.json"), folder.Path("page"), folder.Path("c.json"));
        var run = CommandRun.Of("compare", a, b, "-o", page, "--json", json, "--svg", folder.Path("c.svg"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var html = System.IO.File.ReadAllText(Path.Combine(page, "compare.html"));
        Assert.Contains(
            "<p class=\"notice\">The flow of A is by norm, that of B by rollout: their shares do not measure the same."
            + "</p>", html, StringComparison.Ordinal);
        using var compared = JsonDocument.Parse(System.IO.File.ReadAllText(json));
        Assert.Equal(
            ("norm", "rollout"),
            (compared.RootElement.GetProperty("a").GetProperty("flow").GetString(),
                compared.RootElement.GetProperty("b").GetProperty("flow").GetString()));
        Assert.StartsWith("<svg ", System.IO.File.ReadAllText(folder.Path("c.svg")), StringComparison.Ordinal);
        Assert.StartsWith(
            "The flows are equal.\nWrote ", CommandRun.Of("compare", a, a, "-o", page).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_flow_beside_a_trace_and_several_flows_are_refused()
    {
        Through(Prompt, "--position", "3,-1", "--json", File);
        var (flow, trace) = (Path.Combine(Output, "flow-P3.json"), folder.Path("trace"));
        CommandRun.Of("trace", Prompt, "-o", trace);
        var file = Path.Combine(trace, "trace.json");
        foreach (var pair in (string[][])[[flow, file], [file, flow]])
            CommandRun.Of(["compare", .. pair, "-o", folder.Path("page")]).Refuses(
                $"{flow}: is a flow through all layers, and {file} a trace of one layer, whose shares do not measure "
                + "the same; compare two of one kind.");
        foreach (var other in (string[])[File, flow])
            CommandRun.Of("compare", File, other, "-o", folder.Path("page")).Refuses(
                $"{File}: is a JSON file of the kind 'flow', expected the trace.json of one trace, or the flow.json of "
                + "one flow.");
        // What is wrong with a file is said before what it is not.
        var cut = folder.Path("cut.json");
        System.IO.File.WriteAllText(cut, System.IO.File.ReadAllText(flow)[..400]);
        var run = CommandRun.Of("compare", flow, cut, "-o", folder.Path("page"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{cut}: is not JSON from line ", run.Error, StringComparison.Ordinal);
    }

    CommandRun Through(params string[] words) => CommandRun.Of(["trace", "--through", .. words, "-o", Output]);

    static void Refuses(int code, string message, string call) => Refuses(code, message, call.Split(' '));

    static void Refuses(int code, string message, string[] words)
    {
        var run = CommandRun.Of(["trace", Prompt, .. words]);
        Assert.Equal((code, $"ratilgpu: {message}\n", ""), (run.ExitCode, run.Error, run.Output));
    }

    JsonDocument Read() => JsonDocument.Parse(System.IO.File.ReadAllText(File));
}
