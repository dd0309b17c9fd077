using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Tests;

public sealed class PromptFileTests
{
    [Fact]
    public void Lines_are_prompts_and_empty_ones_are_left_out()
    {
        var prompts = PromptFile.Parse("When Mary\r\n\n The end \n", "p.txt");
        Assert.Equal(["When Mary", " The end "], prompts.Select(prompt => prompt.Text));
        Assert.Equal(["p.txt:1", "p.txt:3"], prompts.Select(prompt => prompt.Where));
    }

    [Theory]
    [InlineData("\uFEFFWhen Mary", "When Mary")]
    [InlineData("\uFEFF{\"prompt\": \"When\", \"ids\": null}", "When")]
    public void A_byte_order_mark_is_no_part_of_a_prompt(string text, string prompt) =>
        Assert.Equal(prompt, PromptFile.Parse(text, "p").Single().Text);

    [Theory]
    [InlineData("a\rb\r")]
    [InlineData("a\r\nb\r\n")]
    [InlineData("\n\na\n \t\nb\n\n\n")]
    [InlineData("\uFEFFa\n\uFEFFb")]
    public void A_line_ends_in_any_way_and_blank_ones_are_left_out(string text) =>
        Assert.Equal(["a", "b"], PromptFile.Parse(text, "p.txt").Select(prompt => prompt.Text));

    [Theory]
    [InlineData("[\n  \"a\",\n  {\"prompt\": \"b\"}\n]", "p.json[0]", "p.json[1]")]
    [InlineData("{\"prompt\": \"a\"}\n\n{\"prompt\": \"b\"}", "p.json:1", "p.json:3")]
    [InlineData("{\n  \"prompt\": \"a\"\n}", "p.json")]
    public void A_file_of_JSON_has_a_list_an_object_or_an_object_a_line(string text, params string[] where)
    {
        var prompts = PromptFile.Parse(text, "p.json");
        Assert.Equal(where, prompts.Select(prompt => prompt.Where));
        Assert.Equal(((string[])["a", "b"])[..where.Length], prompts.Select(prompt => prompt.Text));
    }

    [Theory]
    [InlineData("[\n  \"a\",\n  {\"prompt\": \"b\"}\n]", new[] { "a", "b" })]
    [InlineData("[\"a\", \"b\"]", new[] { "[\"a\", \"b\"]" })]
    [InlineData("[INST] a\nb", new[] { "[INST] a", "b" })]
    public void A_list_over_several_lines_is_JSON_whatever_the_name(string text, string[] prompts) =>
        Assert.Equal(prompts, PromptFile.Parse(text, "standard input").Select(prompt => prompt.Text));

    [Theory]
    [InlineData("[]", "p.json: has no prompt, expected at least one.")]
    [InlineData("[1]", "p.json[0]: is no JSON object, expected one such as {\"prompt\": \"…\"}.")]
    [InlineData("[{\"text\": \"a\"}]", "p.json[0]: has the key 'text', expected prompt, ids, system, answer, foil, "
        + "corrupted, corrupted_ids, position, attention_mask; did you mean prompt?")]
    public void A_list_of_JSON_without_prompts_is_refused(string text, string message) => Assert.Equal(
        message, Assert.Throws<InvalidDataException>(() => PromptFile.Parse(text, "p.json")).Message);

    [Fact]
    public void A_table_is_refused_by_its_name()
    {
        using var folder = new Testing.TemporaryFolder();
        var table = folder.Write("id,text\n1,When Mary\n"u8.ToArray(), "Prompts.CSV");
        CommandRun.Of("tokenize", "--prompts", table).Refuses(
            $"{table}: is a table by its name, expected one prompt a line, or one JSON object a line; save the column "
            + "of prompts as a text file.");
        CommandRun.Of("tokenize", "--prompts", folder.Root).Refuses($"{folder.Root}: is a folder, expected a file.");
        var missing = folder.Path("missing.txt");
        CommandRun.Of("tokenize", "--prompts", missing).Refuses($"{missing}: there is no such file.");
    }

    [Theory]
    [InlineData("text", "prompt")]
    [InlineData("input_ids", "ids")]
    [InlineData("Prompt", "prompt")]
    [InlineData("corrupted_prompt", "corrupted")]
    [InlineData("positions", "position")]
    public void A_key_of_another_name_is_told_the_right_one(string key, string meant) => Assert.EndsWith(
        $"; did you mean {meant}?",
        Assert.Throws<InvalidDataException>(() => PromptFile.Parse($$"""{"{{key}}": "a"}""", "p")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_line_of_JSON_may_say_more()
    {
        var prompts = PromptFile.Parse(
            """
            {"prompt": "When Mary", "answer": " and", "foil": " to", "corrupted": "When John", "position": [0, -1]}
            {"ids": [1, 2], "position": "0:2"}
            {"prompt": "x", "corrupted_ids": [3], "position": 0, "answer": null, "attention_mask": [0, 1]}
            {"prompt": "x", "attention_mask": "011", "system": ""}
            """,
            "p.jsonl");
        Assert.Equal(("When Mary", " and", " to"), (prompts[0].Text, prompts[0].Answer, prompts[0].Foil));
        Assert.Equal("When John", prompts[0].Corrupted!.Text);
        Assert.Equal([0, 1], prompts[0].Position!.Resolve(2, "", ""));
        Assert.Equal([1, 2], prompts[1].Ids);
        Assert.Equal([0, 1], prompts[1].Position!.Resolve(2, "", ""));
        Assert.Equal([3], prompts[2].Corrupted!.Ids);
        Assert.Null(prompts[2].Answer);
        Assert.Null(prompts[1].AttentionMask);
        Assert.Equal([0, 1], prompts[2].AttentionMask);
        Assert.Equal([0, 1, 1], prompts[3].AttentionMask);
        Assert.Equal((null, ""), (prompts[2].System, prompts[3].System));
    }

    [Theory]
    [InlineData("", "p: has no prompt, expected one a line.")]
    [InlineData("\n\r\n", "p: has no prompt, expected one a line.")]
    [InlineData("{\"promt\": \"a\"}", "p:1: has the key 'promt', expected prompt, ids, system, answer, foil, "
        + "corrupted, corrupted_ids, position, attention_mask; did you mean prompt?")]
    [InlineData("{\"prompt\": \"a\", \"attention_mask\": [0, 2]}", "p:1: attention_mask is '02', which has a '2', "
        + "expected only the digits 0 and 1.")]
    [InlineData("{}", "p:1: has neither prompt nor ids, expected one of them.")]
    [InlineData("{\"prompt\": \"a\", \"ids\": [1]}", "p:1: has both prompt and ids, expected one of them.")]
    [InlineData("{\"prompt\": 1}", "p:1: prompt is 1, expected a text in quotes.")]
    [InlineData("{\"prompt\": \"\\ud800\"}",
        "p:1: has half of a surrogate pair, expected well-formed Unicode.")]
    [InlineData("{\"prompt\": \"a\", \"position\": \"\\ud800\"}",
        "p:1: has half of a surrogate pair, expected well-formed Unicode.")]
    [InlineData("{\"prompt\": \"a\", \"ids\\ud800\": 1}",
        "p:1: has half of a surrogate pair, expected well-formed Unicode.")]
    [InlineData("{\"prompt\": \"a\", \"prompt\": \"b\"}", "p:1: has the key 'prompt' twice, expected each once.")]
    [InlineData("{\"ids\": 1}", "p:1: ids is no list, expected a list of token ids.")]
    [InlineData("{\"ids\": [1.5]}", "p:1: ids has 1.5, expected token ids: whole numbers of 0 or more.")]
    [InlineData("{\"ids\": [-1]}", "p:1: ids has -1, expected token ids: whole numbers of 0 or more.")]
    [InlineData("{\"prompt\": \"a\"}\n[1]", "p:2: is no JSON object, expected one such as {\"prompt\": \"…\"}.")]
    [InlineData("{\"prompt\": \"a\", \"position\": \"x\"}", "p:1: position is 'x', expected numbers "
        + "such as 3 or 0,2,-1, a range such as 2:5, or all.")]
    public void A_damaged_line_is_named(string text, string message) => Assert.Equal(
        message, Assert.Throws<InvalidDataException>(() => PromptFile.Parse(text, "p")).Message);

    [Fact]
    public void A_line_that_is_no_JSON_is_named() => Assert.StartsWith(
        "p.jsonl:2: is no JSON (",
        Assert.Throws<InvalidDataException>(() => PromptFile.Parse("{\"prompt\": \"a\"}\n{\"prompt\": ", "p.jsonl"))
            .Message,
        StringComparison.Ordinal);
}
