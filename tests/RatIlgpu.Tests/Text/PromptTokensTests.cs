using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

/// <summary>The tokens that a tokenizer puts around prompts.</summary>
public sealed class PromptTokensTests : IDisposable
{
    const string Template =
        """
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "S", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "E", "type_id": 0}}],
         "pair": [], "special_tokens": {"S": {"id": "S", "ids": [1, 2], "tokens": ["", ""]},
                                        "E": {"id": "E", "ids": [258], "tokens": [""]}}}
        """;

    const string Bytes = """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false}""";

    readonly TinyTokenizer tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData("null", new int[0], new int[0])]
    [InlineData(Bytes, new int[0], new int[0])]
    [InlineData(Template, new[] { 1, 2 }, new[] { 258 })]
    [InlineData("""{"type": "Sequence", "processors": [""" + Bytes + "," + Template + "]}",
        new[] { 1, 2 }, new[] { 258 })]
    [InlineData("""{"type": "Sequence", "processors": []}""", new int[0], new int[0])]
    [InlineData("""{"type": "BertProcessing", "sep": ["z", 9], "cls": ["y", 8]}""", new[] { 8 }, new[] { 9 })]
    [InlineData("""{"type": "RobertaProcessing", "sep": ["z", 9], "cls": ["y", 8]}""", new[] { 8 }, new[] { 9 })]
    public void Are_those_of_the_post_processor(string processor, int[] start, int[] end)
    {
        var tokenizer = Load(processor);

        Assert.Equal(start, tokenizer.PromptStart);
        Assert.Equal(end, tokenizer.PromptEnd);
        Assert.Equal([.. start, TinyTokenizer.Abc, .. end], tokenizer.EncodePrompt("abc").Ids);
        Assert.Equal([TinyTokenizer.Abc], tokenizer.Encode("abc").Ids);
        Assert.Equal(start.Length > 0 ? start[0] : null, tokenizer.BosTokenId);
    }

    [Fact]
    public void Stand_for_nothing_in_the_text() =>
        Assert.Equal([new(0, 0), new(0, 0), new(0, 3), new(3, 0)], Load(Template).EncodePrompt("abc").Ranges);

    [Fact]
    public void Are_all_there_is_of_an_empty_text()
    {
        var encoded = Load(Template).EncodePrompt("");

        Assert.Equal([1, 2, 258], encoded.Ids);
        Assert.Equal([new(0, 0), new(0, 0), new(0, 0)], encoded.Ranges);
    }

    [Theory]
    [InlineData("""{"type": "Other"}""", "post_processor.type is 'Other', expected 'ByteLevel', 'TemplateProcessing', "
        + "'BertProcessing', 'RobertaProcessing' or a 'Sequence' of them.")]
    [InlineData("""{"type": "TemplateProcessing"}""", "post_processor.single is missing, expected a list.")]
    [InlineData("""{"type": "TemplateProcessing", "single": []}""",
        "post_processor.single is a list of 0, expected a template with the sequence A.")]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}]}""",
        "post_processor.single[0].Sequence.id is 'B', expected 'A'.")]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"Sequence": {"id": "A"}}]}""",
        "post_processor.single[1] is an object, expected special tokens alone, after the text.")]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "S"}}], "special_tokens": {}}""",
        "post_processor.special_tokens.S is missing, expected an object.")]
    [InlineData("""{"type": "BertProcessing", "sep": ["z", 9], "cls": ["y"]}""",
        "post_processor.cls is a list of 1, expected a list of 2.")]
    [InlineData("""{"type": "BertProcessing", "sep": ["z", 9], "cls": ["y", 259]}""",
        "post_processor puts id 259 around texts, which has no token.")]
    [InlineData("""{"type": "Sequence", "processors": [""" + Template + "," + Template + "]}",
        "post_processor.processors is a list of 2, expected a list with one step at most that puts tokens around a "
        + "text.")]
    public void Of_a_post_processor_that_works_differently_are_refused(string processor, string refusal) =>
        Assert.Equal("tokenizer.json: " + refusal, tiny.Refusal(() => Load(processor)));

    [Theory]
    [InlineData("""{"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<b>"}""", new[] { 300 }, new int[0])]
    [InlineData("""{"tokenizer_class": "LlamaTokenizer", "bos_token": {"content": "<b>"}, "add_bos_token": true}""",
        new[] { 300 }, new int[0])]
    [InlineData("""
        {"tokenizer_class": "LlamaTokenizerFast", "bos_token": "<b>", "eos_token": "abc", "add_bos_token": false,
         "add_eos_token": true}
        """, new int[0], new[] { TinyTokenizer.Abc })]
    [InlineData("""{"tokenizer_class": "LlamaTokenizer", "bos_token": null, "add_bos_token": true}""",
        new int[0], new int[0])]
    [InlineData("""{"tokenizer_class": "LlamaTokenizer", "bos_token": "<b>", "add_bos_token": null}""",
        new int[0], new int[0])]
    [InlineData("""{"tokenizer_class": "CodeLlamaTokenizerFast", "bos_token": "<b>"}""", new[] { 300 }, new int[0])]
    [InlineData("""{"tokenizer_class": "Qwen2Tokenizer", "bos_token": "<b>", "add_bos_token": true}""",
        new[] { 8 }, new[] { 9 })]
    [InlineData("""{"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<b>", "add_bos_token": true}""",
        new[] { 8 }, new[] { 9 })]
    [InlineData("""{"bos_token": "<b>", "add_bos_token": true}""", new[] { 8 }, new[] { 9 })]
    public void Are_those_of_the_configuration_where_the_class_says_so(string config, int[] start, int[] end)
    {
        tiny.With("tokenizer_config.json", config);

        var tokenizer = Load("""{"type": "BertProcessing", "sep": ["z", 9], "cls": ["y", 8]}""");

        Assert.Equal(start, tokenizer.PromptStart);
        Assert.Equal(end, tokenizer.PromptEnd);
    }

    [Fact]
    public void Of_the_configuration_are_refused_where_the_vocabulary_lacks_one()
    {
        tiny.With("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer"}""");

        Assert.Equal(
            "tokenizer_config.json: add_bos_token asks for the token '<s>', which the vocabulary does not have.",
            tiny.Refusal(() => Load("null")));
    }

    [Fact]
    public void Of_an_old_folder_are_those_of_its_map_of_special_tokens()
    {
        tiny.With("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer", "bos_token": "ab"}""")
            .With("special_tokens_map.json", """{"bos_token": {"content": "<b>"}}""");

        Assert.Equal([300], Load("null").PromptStart);
    }

    [Fact]
    public void Are_not_those_of_the_map_where_the_configuration_lists_added_tokens_even_none()
    {
        tiny.With(
                "tokenizer_config.json",
                """{"tokenizer_class": "LlamaTokenizer", "bos_token": "abc", "added_tokens_decoder": {}}""")
            .With("special_tokens_map.json", """{"bos_token": {"content": "<b>"}}""");

        Assert.Equal([TinyTokenizer.Abc], Load("null").PromptStart);
    }

    Tokenizer Load(string processor)
    {
        var json = TinyTokenizer.Json();
        json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 300, ["content"] = "<b>", ["special"] = true });
        json["post_processor"] = JsonNode.Parse(processor);
        return tiny.With("tokenizer.json", json).Load();
    }
}
