using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

/// <summary>The forms in which folders write one and the same tokenizer, and the settings that count.</summary>
public sealed class TokenizerFormsTests : IDisposable
{
    readonly TinyTokenizer tiny = new();

    public void Dispose() => tiny.Dispose();

    [Theory]
    [InlineData("model.type", null)]
    [InlineData("model.dropout", "0.0")]
    [InlineData("model.dropout", "null")]
    [InlineData("model.continuing_subword_prefix", "\"\"")]
    [InlineData("model.unk_token", "\"<unk>\"")]
    [InlineData("model.byte_fallback", "true")]
    [InlineData("model.merges", """[["a", "b"], ["ab", "c"]]""")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "NFC"}]}""")]
    [InlineData("added_tokens", null)]
    [InlineData("added_tokens", "null")]
    [InlineData("decoder", null)]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "ByteLevel"}]}""")]
    [InlineData("truncation", """{"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0}""")]
    [InlineData("padding", """{"strategy": {"Fixed": 9}, "direction": "Right", "pad_id": 0, "pad_token": "<pad>"}""")]
    [InlineData("pre_tokenizer", """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}""")]
    [InlineData("pre_tokenizer",
        """{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel", "add_prefix_space": false}]}""")]
    public void Give_the_same_tokens(string where, string? value)
    {
        var tokenizer = Load(json => Set(json, where, value));

        Assert.Equal([TinyTokenizer.Abc, ' ', TinyTokenizer.Ab, 0xC3, 0xA9], tokenizer.Encode("abc abe\u0301").Ids);
    }

    [Fact]
    public void A_word_that_is_a_token_is_that_token_where_merges_are_ignored()
    {
        var tokenizer = Load(json =>
        {
            json["model"]!["vocab"]!["cab"] = 300;
            json["model"]!["ignore_merges"] = true;
        });

        Assert.Equal([300], tokenizer.Encode("cab").Ids);
        Assert.Equal(['c', TinyTokenizer.Abc], tokenizer.Encode("cabc").Ids);
    }

    [Fact]
    public void A_token_that_spells_no_bytes_stands_for_its_text()
    {
        var tokenizer = Load(json => json["model"]!["vocab"]!["▁a"] = 300);

        Assert.Equal("▁a", tokenizer.Token(300).Text);
        Assert.DoesNotContain(300, tokenizer.Encode("▁a a").Ids);
    }

    [Fact]
    public void The_configuration_changes_the_flags_of_an_added_token_and_adds_others()
    {
        tiny.With("tokenizer_config.json",
            """
            {"added_tokens_decoder": {"258": {"content": "<|endoftext|>", "lstrip": true, "special": true},
                                      "300": {"content": "<x>", "special": true}}}
            """);

        Assert.Equal(['a', TinyTokenizer.End, 300], Load(_ => { }).Encode("a  <|endoftext|><x>").Ids);
    }

    [Theory]
    [InlineData("""{"pad_token": "ab"}""")]
    [InlineData("""{"unk_token": {"content": "ab"}}""")]
    [InlineData("""{"additional_special_tokens": ["ab"]}""")]
    [InlineData("""{"extra_special_tokens": {"image_token": "ab"}}""")]
    public void A_token_that_is_named_as_special_is_cut_out_whole(string config) =>
        Assert.Equal(
            [TinyTokenizer.Ab, 'c'],
            tiny.With("tokenizer_config.json", config).With("tokenizer.json", TinyTokenizer.Json()).Load()
                .Encode("abc").Ids);

    [Theory]
    [InlineData("""{}""", false)]
    [InlineData("""{"added_tokens_decoder": {"256": {"content": "ab", "normalized": true}}}""", true)]
    [InlineData("""{"split_special_tokens": true}""", false)]
    public void A_tokenizer_tells_which_tokens_are_added(string config, bool isAbAdded)
    {
        var tokenizer = tiny.With("tokenizer_config.json", config).With("tokenizer.json", TinyTokenizer.Json()).Load();

        Assert.True(tokenizer.EncodesTexts);
        Assert.True(tokenizer.IsAdded(TinyTokenizer.End));
        Assert.Equal(isAbAdded, tokenizer.IsAdded(TinyTokenizer.Ab));
        Assert.False(tokenizer.IsAdded(TinyTokenizer.Abc));
        Assert.False(tokenizer.IsAdded(-1));
    }

    [Fact]
    public void Special_tokens_are_text_where_the_configuration_says_so()
    {
        tiny.With("tokenizer_config.json", """{"split_special_tokens": true}""");

        Assert.DoesNotContain(TinyTokenizer.End, Load(_ => { }).Encode("<|endoftext|>").Ids);
    }

    [Fact]
    public void A_space_that_is_put_before_a_text_has_no_place_in_it()
    {
        var tokenizer = TinyPieces.Load(TinyPieces.Normalizer, null);

        var encoded = tokenizer.Encode("the é b");

        Assert.Equal(Ids("▁the", "▁", "<0xC3>", "<0xA9>", "▁", "b"), encoded.Ids);
        Assert.Equal([new(0, 3), new(3, 1), new(4, 1), new(4, 1), new(5, 1), new(6, 1)], encoded.Ranges);
        Assert.Equal([new(0, 0), new(0, 1)], tokenizer.Encode("b").Ranges);
        Assert.Equal(" the é b", tokenizer.Decode(encoded.Ids.AsSpan()));
    }

    [Theory]
    [InlineData("normalizer", """{"type": "Prepend", "prepend": "▁"}""",
        "normalizer is an object, expected 'Replace' after 'Prepend'.")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": " "}}""",
        "normalizer.pattern.String is missing, expected ' '.")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"String": " "}, "content": "_"}""",
        "normalizer.content is '_', expected '▁'.")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "_"}""",
        "pre_tokenizer.replacement is '_', expected '▁'.")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "last"}""",
        "pre_tokenizer.prepend_scheme is 'last', expected 'always', 'first' or 'never'.")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false}""",
        "pre_tokenizer.prepend_scheme is missing, expected 'never'.")]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "ByteLevel"}]}""",
        "decoder.decoders[0].type is 'ByteLevel', expected 'Replace', 'ByteFallback', 'Fuse', 'Strip', 'Metaspace'.")]
    [InlineData("model.byte_fallback", "false", "model.byte_fallback is false, expected true.")]
    [InlineData("model.vocab.<0x0A>", null, "has no token <0x0A>, expected one for each byte.")]
    [InlineData("model.merges", """["t x"]""", "merge 0 is 't x', but 'x' is not in the vocabulary.")]
    public void Spaces_that_are_marked_otherwise_are_refused(string where, string? value, string refusal)
    {
        var json = TinyPieces.Json(null, TinyPieces.Metaspace("first", split: false));
        Set(json, where, value);

        Assert.Equal("tokenizer.json: " + refusal, tiny.With("tokenizer.json", json).Refusal());
    }

    static int[] Ids(params string[] spellings) => Array.ConvertAll(spellings, spelling => TinyPieces.Ids[spelling]);

    static void Set(JsonObject json, string where, string? value)
    {
        var steps = where.Split('.');
        var parent = steps[..^1].Aggregate(json, (node, step) => node[step]!.AsObject());
        parent.Remove(steps[^1]);
        if (value is not null)
            parent[steps[^1]] = JsonNode.Parse(value);
    }

    Tokenizer Load(Action<JsonObject> change)
    {
        var json = TinyTokenizer.Json();
        change(json);
        return tiny.With("tokenizer.json", json).Load();
    }
}
