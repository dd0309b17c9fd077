using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class ExplainCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_pairs_sum_to_the_score_and_the_margins_are_told()
    {
        var run = Explain("--key", "3", "--top", "2");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Link       L3H1 from \" to\" at 13 to \" John\" at 3\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Score      26.5093, attention 0.9973\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Reading    here: the score, 26.5093\n", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"  2_mlp_out +2_mlp_out +\+3\.0726\n", run.Output);
        Assert.Matches(
            @"  839 more +\+21\.811\d\n  all pairs +\+26\.5093\n  position alone +\+0\.0359\n", run.Output);
        Assert.Matches(
            @"Part of the key +adds +attention without it at this key alone\n  2_mlp_out +\+6\.1937 +0\.4334\n",
            run.Output);
        Assert.Matches(@"Part of the query +adds\n  2_mlp_out +\+11\.8318\n", run.Output);
        Assert.DoesNotContain("Note", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_key_those_with_the_most_attention_are_explained()
    {
        var run = Explain("--top", "1");
        Assert.Equal(3, run.Output.Split("Link ").Length - 1);
        Assert.True(
            run.Output.IndexOf(" to \" John\" at 3\n", StringComparison.Ordinal)
            < run.Output.IndexOf(" to \" Mary\" at 1\n", StringComparison.Ordinal));
        var foil = Explain("--top", "1", "--foil-key", "3");
        Assert.Equal(3, foil.Output.Split("Link ").Length - 1);
        Assert.DoesNotContain(" to \" John\" at 3\n", foil.Output, StringComparison.Ordinal);
        Assert.Contains("foil: the score less that of \" John\" at 3, -6.07", foil.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_of_keys_has_those_that_the_query_sees()
    {
        Assert.Equal(4, Explain("--query", "3", "--key", "all").Output.Split("Link ").Length - 1);
        Assert.Equal(2, Explain("--query", "3", "--key", "2:9").Output.Split("Link ").Length - 1);
    }

    [Fact]
    public void What_another_reading_adds_is_told_from_what_is_measured()
    {
        var run = Explain("--key", "3", "--reading", "others", "--verify", "--top", "1");
        Assert.Contains(
            "Note       Parts are those of this link that are largest by --reading others; what is", run.Output,
            StringComparison.Ordinal);
        Assert.Matches(@"Taken out +adds here +score falls by +attention +metric\n", run.Output);
        var split = Explain("--key", "3", "--reading", "others", "--verify", "--split-heads", "--top", "1");
        Assert.Equal((0, ""), (split.ExitCode, split.Error));
    }

    [Fact]
    public void A_gradient_that_vanishes_is_said()
    {
        var run = Explain("--key", "3", "--reading", "gradient");
        Assert.Contains(
            "Note       The gradient vanishes where attention is saturated, as here, at 0.9", run.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "Reading    gradient: the score less the mean score of all keys by attention, ", run.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Note", Explain("--key", "1", "--reading", "gradient").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_split_by_token_name_it() => Assert.Matches(
        @"2_mlp_out +L1H0 <- 2 "" and"" +\+1\.6294\n", Explain("--key", "3", "--split-heads", "--top", "3").Output);

    [Fact]
    public void The_file_has_every_pair_and_a_recording_gives_the_same()
    {
        var (recorded, first, second) = (folder.Path("run.st"), folder.Path("a.json"), folder.Path("b.json"));
        var run = Explain("--key", "1,3", "--json", first, "--record", recorded);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var again = CommandRun.Of(
            "explain", "--head", "L3H1", "--key", "1,3", "--from-recording", recorded, "--json", second);
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        using var json = JsonDocument.Parse(File.ReadAllText(first));
        using var read = JsonDocument.Parse(File.ReadAllText(second));
        Assert.Equal($"{json.RootElement.GetProperty("keys")}", $"{read.RootElement.GetProperty("keys")}");
        Assert.Equal("explain", json.RootElement.GetProperty("kind").GetString());
        var key = json.RootElement.GetProperty("keys")[1];
        Assert.Equal(3, key.GetProperty("key").GetInt32());
        Assert.Equal(29 * 29, key.GetProperty("pairs").GetArrayLength());
        Assert.Equal(
            key.GetProperty("measured").GetDouble(),
            key.GetProperty("pairs").EnumerateArray().Sum(pair => pair.GetDouble()), 1e-3);
        Assert.Contains(
            $"{recorded}: Position 2 of residual-before of layer 3 was not recorded",
            CommandRun.Of("explain", "--head", "L3H1", "--key", "2", "--from-recording", recorded).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Attributed_and_measured_stand_side_by_side()
    {
        var run = Explain("--key", "3", "--verify", "--top", "1");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "Metric     logit of \" Mary\" (#514) at position 13: 22.059\n", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n  nothing +0\.0000 +0\.9973 +22\.05", run.Output);
        Assert.Matches(@"\n  L1H0 of the key +\+3\.4615 +\+3\.461\d +0\.9216 +21\.88", run.Output);
        Assert.Matches(@"\n    norms recomputed +\+2\.216\d +0\.9761 +22\.01", run.Output);
        Assert.Matches(@"\n  2_mlp_out of the query +\+11\.8318 +\+11\.831\d ", run.Output);
        var foil = Explain(
            "--key", "3", "--verify", "--answer", " Mary", "--foil", " John", "--ablate", "L3H0", "--json", "-");
        using var json = JsonDocument.Parse(foil.Output);
        var measured = json.RootElement.GetProperty("keys")[0].GetProperty("verification");
        Assert.Equal(" John", measured.GetProperty("foil").GetProperty("text").GetString());
        Assert.Equal(10, measured.GetProperty("parts").GetArrayLength());
        Assert.Equal("key", measured.GetProperty("parts")[0].GetProperty("input").GetString());
        Assert.Equal("2_mlp_out", measured.GetProperty("parts")[0].GetProperty("label").GetString());
        Explain("--answer", " Mary").IsMisused(
            "--answer means nothing without --verify; give that too, or leave --answer out.", " explain");
        CommandRun.Of("explain", "--head", "L3H1", "--verify", "--from-recording", "a.st").IsMisused(
            "--verify runs the model again, and --from-recording runs nothing; leave one out.", " explain");
    }

    [Fact]
    public void An_answer_in_another_spelling_is_told_as_by_other_commands()
    {
        const string Hint = "Note       \" Mary\" (#514) is a token too, and likelier here than Mary (#";
        string[] measured = ["--key", "3", "--verify", "--top", "0"];
        Assert.Contains(Hint, Explain([.. measured, "--answer", "Mary"]).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Note", Explain([.. measured, "--answer", " Mary"]).Output, StringComparison.Ordinal);
        // Of the run that is measured.
        string[] changed = ["--ablate", string.Join(',', Enumerable.Range(0, 8).Select(head => $"L0H{head}"))];
        Assert.DoesNotContain("Note", Explain([.. measured, "--answer", "store"]).Output, StringComparison.Ordinal);
        Assert.Contains(
            "\" store\" (#716) is a token too", Explain([.. measured, .. changed, "--answer", "store"]).Output,
            StringComparison.Ordinal);
        Explain([.. measured, "--answer", " Mary Mary"]).Refuses(
            "--answer is 2 tokens, expected one: \" Mary\" (#514) \" Mary\" (#514); give one of them, as text or as "
            + "#id.");
        var file = folder.Path("prompts.jsonl");
        File.WriteAllText(file, $$"""{"prompt": "{{Prompt}}", "answer": "Mary"}""");
        Assert.Contains(
            Hint, CommandRun.Of(["explain", "--head", "L3H1", "--prompts", file, .. measured]).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Several_prompts_have_their_own_queries()
    {
        var file = folder.Path("prompts.jsonl");
        File.WriteAllText(file, """
            {"prompt": "When Mary and John went", "position": 3}
            {"prompt": "Mary gave"}
            """);
        var run = CommandRun.Of("explain", "--head", "L1H0", "--key", "0", "--prompts", file, "--json", "-");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(3, json.RootElement.GetProperty("prompts")[0].GetProperty("query").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("prompts")[1].GetProperty("prompt").GetInt32());
    }

    [Fact]
    public void A_head_that_is_ablated_adds_nothing()
    {
        Assert.Matches(@"\n  L1H0 +\+3\.4615 ", Explain("--key", "3").Output);
        var run = Explain("--key", "3", "--ablate", "L1H0", "--top", "100");
        Assert.Matches(@"\n  L1H0 +0\.0000 ", run.Output);
        Explain("--ablate", "L3H0").Refuses(
            "--ablate has heads of layer 3, which do not change the attention of L3H1: leave them out.");
    }

    [Fact]
    public void Padding_changes_nothing()
    {
        var masked = CommandRun.Of("explain", "--head", "L2H1", "--ids", "1,2,789,514", "--attention-mask", "0011");
        var alone = CommandRun.Of("explain", "--head", "L2H1", "--ids", "789,514");
        Assert.Equal((0, ""), (masked.ExitCode, masked.Error));
        Assert.Equal(2, masked.Output.Split("Link ").Length - 1);
        Assert.Equal(ScoreLines(alone), ScoreLines(masked));
    }

    [Fact]
    public void What_cannot_be_explained_is_refused()
    {
        Explain("--query", "2", "--key", "5").Refuses("Key 5 comes after query 2, which sees only keys up to itself.");
        Explain("--key", "99").Refuses("--key is 99, expected -14 to 13 for a prompt of 14 tokens.");
        Explain("--query", "99").Refuses("--query is 99, expected -14 to 13 for a prompt of 14 tokens.");
        Explain("--key", "3", "--foil-key", "-11").Refuses(
            "Key and foil are both position 3: expected another key to compare it with.");
        Explain("--query", "2:4").IsMisused("--query is '2:4', expected one position.", " explain");
        Explain("--foil-key", "all").IsMisused("--foil-key is 'all', expected one position.", " explain");
        CommandRun.Of(
            "explain", "--head", "L3H1", "--key", "all", "--split-heads", "--ids",
            string.Join(',', Enumerable.Range(10, 66))).Refuses(
            "Heads split by token have up to 84053376 pairs of parts for these 66 keys, more than 16777216: explain "
            + "fewer keys at a time with --key, or leave --split-heads out.");
        Explain("--query", "0", "--foil-key", "0").Refuses(
            "The query sees no key but that of --foil-key, so there is nothing to compare.");
        CommandRun.Of("explain", "--head", "L4H1", Prompt).Refuses(
            "--head: L4H1 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count from "
            + "the end.");
        CommandRun.Of("explain", Prompt).IsMisused(
            "there is no head: give the one whose attention is explained with --head, such as --head L3H2.",
            " explain");
        Explain("--reading", "foil").IsMisused(
            "--reading foil compares with a key; give it with --foil-key.", " explain");
        Explain("--reading", "others", "--foil-key", "1").IsMisused(
            "--foil-key is about --reading foil, not others; leave one of them out.", " explain");
        CommandRun.Of("explain", "--head", "3", Prompt).IsMisused(
            "--head is '3', expected names such as L3H2 or 3.2.", " explain");
        CommandRun.Of(
            "explain", "--head", "L2H1", "--ids", "1,2,789,514", "--attention-mask", "0011", "--key", "0").Refuses(
            "--key has 0, which is padding, expected that of a token.");
        CommandRun.Of(
            "explain", "--head", "L2H1", "--ids", "1,2,789,514", "--attention-mask", "0011", "--foil-key", "1").Refuses(
            "--foil-key has 1, which is padding, expected that of a token.");
    }

    [Theory]
    [InlineData("Key 2 comes after query 1, which sees only keys up to itself.", "--key", "2", "--query", "-2")]
    [InlineData("--key is 9, expected -3 to 2 for a prompt of 3 tokens.", "--key", "9", "--query", "-1")]
    [InlineData("--query is 3, expected -3 to 2 for a prompt of 3 tokens.", "--query", "3")]
    [InlineData(
        "Query 0 sees no key but 0, so there is no mean of others; the reading 'here' needs none.", "--query", "-3",
        "--reading", "others")]
    public void Of_several_prompts_the_one_is_named_that_cannot_be_explained(string fault, params string[] asked)
    {
        var file = folder.Path("prompts.txt");
        File.WriteAllText(file, "When Mary and John went to the store, John\nMary gave John\n");
        CommandRun.Of(["explain", "--head", "L1H0", "--prompts", file, .. asked]).Refuses(
            $"{file}:2: {fault} Leave this prompt out, or explain what every prompt has.");
    }

    [Fact]
    public void Without_rows_the_sums_are_left()
    {
        var run = Explain("--key", "3", "--top", "0");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"Query +Key +adds\n  all pairs +\+26\.5093\n  position alone ", run.Output);
        Assert.DoesNotContain("Part of the", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_speaks_of_this_command_alone()
    {
        var help = CommandRun.Of("explain", "--help").Output;
        foreach (var other in (string[])["lens", "attribute", "predict"])
            Assert.DoesNotContain(other, help, StringComparison.Ordinal);
        Assert.Matches(@"--query N +The position that attends; .*\n? +.*--prompts", help);
        Assert.Contains("With --verify: a token that the answer is compared with", help, StringComparison.Ordinal);
    }

    static IEnumerable<string> ScoreLines(CommandRun run) =>
        run.Output.Split('\n').Where(line => line.StartsWith("Score", StringComparison.Ordinal));

    static CommandRun Explain(params string[] more) =>
        CommandRun.Of(["explain", "--head", "L3H1", Prompt, .. more]);
}
