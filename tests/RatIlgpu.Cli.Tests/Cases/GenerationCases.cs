namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Generation with a <c>generation_config.json</c> in the folder. Token 280 is always the likeliest; 278 is
/// the end token of <c>config.json</c>.</summary>
public sealed class GenerationCases
{
    const string Case = "end-token-in-generation-config", Name = "generation_config.json";
    const string Ended = "Note       The model ended its text at once: none of 3 tokens were generated.";

    [Fact]
    [Tries("`generation_config.json`")]
    public void The_end_token_of_the_file_ends_the_text()
    {
        using var model = new CaseFolder(Case);
        var run = Generate(model);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.Contains(Ended, run.Output, StringComparison.Ordinal);
        Assert.Contains("Tokens     2: The \" cat\"\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("280", true)]
    [InlineData("[5, 280]", true)]
    [InlineData("[280, 280]", true)]
    [InlineData("[-1, 280]", true)]
    [InlineData("278", false)]
    [InlineData("[]", false)]
    [InlineData("-1", false)]
    [InlineData("999999999", false)]
    [InlineData("null", false)]
    public void The_end_tokens_are_one_or_a_list(string tokens, bool ends)
    {
        using var model = new CaseFolder(Case).With(Name, $$"""{"eos_token_id": {{tokens}}}""");
        AssertEnds(ends, Generate(model));
    }

    [Theory]
    [InlineData(null, "280", true)]
    [InlineData("{}", "[281, 280]", true)]
    [InlineData(null, "-1", false)]
    [InlineData(null, "[-1, 280]", true)]
    [InlineData("""{"eos_token_id": null}""", "280", true)]
    [InlineData("""{"eos_token_id": []}""", "280", false)]
    [InlineData("""{"eos_token_id": 278}""", "280", false)]
    public void Where_the_file_names_none_those_of_the_config_end_the_text(string? file, string config, bool ends)
    {
        using var model = new CaseFolder(Case).Without(Name)
            .With("config.json", "\"eos_token_id\": 278", $"\"eos_token_id\": {config}");
        if (file is not null)
            model.With(Name, file);
        AssertEnds(ends, Generate(model));
    }

    [Fact]
    public void A_text_that_does_not_end_is_written_to_its_length_and_says_so()
    {
        using var model = new CaseFolder(Case).Without(Name);
        var run = Generate(model);
        Assert.Contains("Then       <|im_end|><|im_end|><|im_end|>\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Sampling", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sampling_of_the_file_is_shown_and_applied_only_if_asked()
    {
        using var model = new CaseFolder(Case).With(Name, """
            {"do_sample": true, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.05,
             "repetition_penalty": 1.05, "eos_token_id": 278}
            """);
        const string Suggested = "temperature 0.7, top-k 20, top-p 0.8, min-p 0.05, repetition penalty 1.05";
        Assert.Contains(
            $"Sampling   the likeliest token; {Name} suggests {Suggested}, which --sampling suggested applies\n",
            Generate(model).Output, StringComparison.Ordinal);
        Assert.Contains(
            $"Sampling   {Suggested}, as {Name} suggests\n",
            Generate(model, "--sampling", "suggested", "--seed", "4").Output, StringComparison.Ordinal);
        Assert.Contains(
            $"Sampling   temperature 0.5, top-p 0.9; {Name} suggests {Suggested}, which",
            Generate(model, "--temperature", "0.5", "--top-p", "0.9").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Sampling", model.Run("trace", "The cat").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"num_beams\": 4", "num_beams 4")]
    [InlineData("\"no_repeat_ngram_size\": 3", "no_repeat_ngram_size 3")]
    [InlineData("\"bad_words_ids\": [[1]]", "bad_words_ids [[1]]")]
    public void What_cannot_be_applied_is_shown_and_refused_by_name(string setting, string shown)
    {
        using var model = new CaseFolder(Case).With(Name, $$"""{"do_sample": true, {{setting}}}""");
        Assert.Contains(
            $"{Name} suggests temperature 1, top-k 50, {shown}, which cannot be applied here\n",
            Generate(model).Output, StringComparison.Ordinal);
        Generate(model, "--sampling", "suggested").Refuses(
            $"{Path.Combine(model.Root, Name)}: has {shown}, which no generation here does, so its settings cannot be "
            + "applied exactly; leave --sampling out, or give --temperature and --top-p instead.");
    }

    [Fact]
    public void What_one_cannot_sample_with_is_refused_with_its_file_and_a_cure()
    {
        using var model = new CaseFolder(Case).With(Name, """{"do_sample": true, "top_p": 0}""");
        Generate(model, "--sampling", "suggested").Refuses(
            $"{Path.Combine(model.Root, Name)}: Top-p is 0, expected more than 0 and at most 1; leave --sampling out, "
            + "or give --temperature and --top-p instead.");
    }

    [Fact]
    public void Nothing_is_suggested_without_a_file()
    {
        using var model = new CaseFolder();
        Generate(model, "--sampling", "suggested").Refuses(
            $"{model.Root}: has no {Name}, so it suggests no sampling; leave --sampling out, or give --temperature and "
            + "--top-p instead.");
    }

    [Theory]
    [InlineData("{\"eos_token_id\": \"<|im_end|>\"}", "eos_token_id is '<|im_end|>', expected a whole number")]
    [InlineData("{\"eos_token_id\": [[1]]}", "eos_token_id[0] is a list of 1, expected a whole number")]
    [InlineData("{\"eos_token_id\": 1.5}", "eos_token_id is 1.5, expected a whole number")]
    [InlineData("{\"temperature\": \"0.7\"}", "temperature is '0.7', expected a number")]
    [InlineData("{\"do_sample\": 1}", "do_sample is 1, expected true or false")]
    [InlineData("{\"eos_token_id\": 280", "is not JSON from line 1")]
    [InlineData("[]", "the root is a list of 0, expected an object")]
    public void A_damaged_file_is_refused_with_place_and_cure(string content, string fault)
    {
        using var model = new CaseFolder(Case).With(Name, content);
        var run = Generate(model);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"ratilgpu: {Path.Combine(model.Root, Name)}: {fault}", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "Mend the file, or delete it: then config.json says what ends a text.\n", run.Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--temperature")]
    [InlineData("--top-p")]
    public void Suggested_and_own_sampling_exclude_each_other(string option) => CommandRun.Of(
        "trace", "--generate", "2", "--sampling", "suggested", option, "0.5", "a").IsMisused(
        $"--sampling suggested and {option} both say how to choose a token; give one of them.");

    [Theory]
    [InlineData("-1")]
    [InlineData("3.5e38")]
    public void A_temperature_out_of_range_is_refused_with_both_ends(string temperature) => CommandRun.Of(
        "trace", "--generate", "2", "--temperature", temperature, "a").IsMisused(
        $"--temperature is {temperature}, expected 0 to 3.4e38.");

    [Fact]
    public void Sampling_means_nothing_where_nothing_is_generated() =>
        CommandRun.Of("trace", "--sampling", "suggested", "a").IsMisused(
            "--sampling means nothing without --generate; give that too, or leave --sampling out.");

    static CommandRun Generate(CaseFolder model, params string[] args) =>
        model.Run("trace", ["--generate", "3", .. args, "The cat"]);

    static void AssertEnds(bool ends, CommandRun run)
    {
        Assert.Equal("", run.Error);
        Assert.Equal(ends, run.Output.Contains(Ended, StringComparison.Ordinal));
        Assert.Equal(!ends, run.Output.Contains("Then       <|im_end|>", StringComparison.Ordinal));
    }
}
