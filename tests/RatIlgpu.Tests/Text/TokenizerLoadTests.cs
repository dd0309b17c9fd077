using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

public sealed class TokenizerLoadTests : IDisposable
{
    readonly TinyTokenizer tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Adds_the_tokens_of_Qwen2_after_a_bare_vocabulary()
    {
        var tokenizer = tiny.WithFiles().Load();

        Assert.Equal([258, 259, 260], tokenizer.Encode("<|endoftext|><|im_start|><|im_end|>").Ids);
        Assert.Equal(261, tokenizer.Count);
    }

    [Fact]
    public void Takes_added_tokens_of_the_configuration()
    {
        tiny.WithFiles().With("tokenizer_config.json",
            """{"added_tokens_decoder": {"300": {"content": "<x>"}}, "eos_token": {"content": "<x>"}}""");

        var tokenizer = tiny.Load();

        Assert.Equal([300], tokenizer.Encode("<x>").Ids);
        Assert.Equal(300, tokenizer.EosTokenId);
        Assert.Equal(301, tokenizer.Count);
        Assert.False(tokenizer.Has(299));
    }

    [Fact]
    public void Takes_added_tokens_of_a_file_of_their_own()
    {
        var tokenizer = tiny.WithFiles().With("added_tokens.json", """{"<x>": 258, "<xy>": 259}""").Load();

        Assert.Equal([258, 259], tokenizer.Encode("<x><xy>").Ids);
        Assert.Null(tokenizer.EosTokenId);
    }

    [Fact]
    public void Takes_merges_written_as_pairs()
    {
        var json = TinyTokenizer.Json();
        json["model"]!["merges"] = new JsonArray(new JsonArray("a", "b"), new JsonArray("ab", "c"));

        Assert.Equal([TinyTokenizer.Abc], tiny.With("tokenizer.json", json).Load().Encode("abc").Ids);
    }

    [Fact]
    public void Does_not_compose_unless_the_file_says_so()
    {
        var json = TinyTokenizer.Json();
        json["normalizer"] = null;

        Assert.Equal("e\u0301"u8.ToArray().Select(value => (int)value),
            tiny.With("tokenizer.json", json).Load().Encode("e\u0301").Ids);
    }

    [Fact]
    public void Takes_an_added_token_that_the_vocabulary_has_too()
    {
        var json = TinyTokenizer.Json();
        json["model"]!["vocab"]!["<|endoftext|>"] = TinyTokenizer.End;

        Assert.Equal([TinyTokenizer.End], tiny.With("tokenizer.json", json).Load().Encode("<|endoftext|>").Ids);
    }

    [Theory]
    [InlineData("normalizer", """{"type":"NFKC"}""",
        "normalizer.type is 'NFKC', expected 'NFC', or 'Prepend' and 'Replace' after it.")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer is null, expected an object.")]
    [InlineData("pre_tokenizer", """{"type":"Whitespace"}""",
        "pre_tokenizer.type is 'Whitespace', expected 'ByteLevel'.")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true}""",
        "pre_tokenizer.add_prefix_space is true, expected false.")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""",
        "pre_tokenizer.use_regex is false, expected true.")]
    [InlineData("pre_tokenizer.pretokenizers", "[]",
        "pre_tokenizer.pretokenizers is a list of 0, expected a list of two: Split and ByteLevel.")]
    [InlineData("pre_tokenizer.pretokenizers.0.type", "\"Digits\"",
        "pre_tokenizer.pretokenizers[0].type is 'Digits', expected 'Split'.")]
    [InlineData("pre_tokenizer.pretokenizers.0.pattern.Regex", "\"\\\\w+\"",
        "pre_tokenizer.pretokenizers[0].pattern.Regex is '\\w+', expected the pattern of Qwen2, Qwen3.5, Llama 3, "
        + "GPT-2 or Tekken.")]
    [InlineData("pre_tokenizer.pretokenizers.0.behavior", "\"Removed\"",
        "pre_tokenizer.pretokenizers[0].behavior is 'Removed', expected 'Isolated'.")]
    [InlineData("pre_tokenizer.pretokenizers.0.invert", "true",
        "pre_tokenizer.pretokenizers[0].behavior is 'Isolated', expected 'Removed'.")]
    [InlineData("pre_tokenizer.pretokenizers.0.invert", "null",
        "pre_tokenizer.pretokenizers[0].invert is null, expected false.")]
    [InlineData("pre_tokenizer.pretokenizers.1.type", "\"Metaspace\"",
        "pre_tokenizer.pretokenizers[1].type is 'Metaspace', expected 'ByteLevel'.")]
    [InlineData("pre_tokenizer.pretokenizers.1.add_prefix_space", "true",
        "pre_tokenizer.pretokenizers[1].add_prefix_space is true, expected false.")]
    [InlineData("pre_tokenizer.pretokenizers.1.use_regex", "true",
        "pre_tokenizer.pretokenizers[1].use_regex is true, expected false.")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "decoder.type is 'WordPiece', expected 'ByteLevel'.")]
    [InlineData("model", "3", "model is 3, expected an object.")]
    [InlineData("model.type", "\"Unigram\"", "model.type is 'Unigram', expected 'BPE'.")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix is '##', expected ''.")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix is '</w>', expected ''.")]
    [InlineData("model.dropout", "0.1", "model.dropout is 0.1, expected null or 0.")]
    [InlineData("model.vocab", "[]", "model.vocab is a list of 0, expected an object.")]
    [InlineData("model.vocab.ab", "-1", "model.vocab.ab is -1, expected a whole number from 0 to 4,194,303.")]
    [InlineData("model.vocab.ab", "4194304", "model.vocab.ab is 4194304, expected a whole number from 0 to 4,194,303.")]
    [InlineData("model.vocab.ab", "1e99", "model.vocab.ab is 1e99, expected a whole number from 0 to 4,194,303.")]
    [InlineData("model.vocab.ab", "\"7\"", "model.vocab.ab is '7', expected a whole number from 0 to 4,194,303.")]
    [InlineData("model.vocab.ab", "97", "token 'ab' has id 97, but so has 'a'.")]
    [InlineData("model.vocab.", "300", "token 300 is empty, expected text.")]
    [InlineData("model.merges", "{}", "model.merges is an object, expected a list.")]
    [InlineData("model.merges.0", "7", "model.merges[0] is 7, expected text.")]
    [InlineData("model.merges.0", "[\"a\"]", "model.merges[0] is a list of 1, expected two tokens.")]
    [InlineData("model.merges.0", "[\"a\", 7]", "model.merges[0][1] is 7, expected text.")]
    [InlineData("model.merges.1", "\"abc\"", "merge 1 is 'abc', expected two tokens with a space between them.")]
    [InlineData("model.merges.1", "\" abc\"", "merge 1 is ' abc', expected two tokens with a space between them.")]
    [InlineData("model.merges.1", "\"ab \"", "merge 1 is 'ab ', expected two tokens with a space between them.")]
    [InlineData("model.merges.1", "\"a b c\"", "merge 1 is 'a b c', expected two tokens with a space between them.")]
    [InlineData("model.merges.1", "\"a bc\"", "merge 1 is 'a bc', but 'bc' is not in the vocabulary.")]
    [InlineData("model.merges.1", "\"b c\"", "merge 1 is 'b c', but 'bc' is not in the vocabulary.")]
    [InlineData("model.merges.1", "\"a b\"", "merge 1 is 'a b', which an earlier merge is too.")]
    [InlineData("added_tokens", "7", "added_tokens is 7, expected a list.")]
    [InlineData("added_tokens.0.id", "null",
        "added_tokens[0].id is null, expected a whole number from 0 to 4,194,303.")]
    [InlineData("added_tokens.0.id", "97", "token '<|endoftext|>' has id 97, but so has 'a'.")]
    [InlineData("added_tokens.0.content", "null", "added_tokens[0].content is null, expected text.")]
    [InlineData("added_tokens.0.content", "\"\"", "the added token 258 is empty, expected text.")]
    [InlineData("added_tokens.0.content", "\"ab\"", "the added token 'ab' has id 258, but also id 256.")]
    [InlineData("added_tokens.0.lstrip", "1", "added_tokens[0].lstrip is 1, expected true or false.")]
    [InlineData("added_tokens.0.rstrip", "1", "added_tokens[0].rstrip is 1, expected true or false.")]
    [InlineData("added_tokens.0.single_word", "1", "added_tokens[0].single_word is 1, expected true or false.")]
    [InlineData("added_tokens.0.normalized", "1", "added_tokens[0].normalized is 1, expected true or false.")]
    [InlineData("added_tokens.0.special", "1", "added_tokens[0].special is 1, expected true or false.")]
    public void Refuses_a_file_that_does_not_describe_this_tokenizer(string where, string value, string refusal)
    {
        var json = TinyTokenizer.Json();
        var steps = where.Split('.');
        var parent = steps[..^1].Aggregate((JsonNode)json, Step);
        if (parent is JsonArray list)
            list[int.Parse(steps[^1], null)] = JsonNode.Parse(value);
        else
            parent[steps[^1]] = JsonNode.Parse(value);

        Assert.Equal("tokenizer.json: " + refusal, tiny.With("tokenizer.json", json).Refusal());
    }

    [Fact]
    public void Refuses_a_vocabulary_without_a_byte()
    {
        var vocabulary = TinyTokenizer.Vocabulary();
        vocabulary.Remove("Ġ");

        Assert.Equal("vocab.json: has no token for byte 32, expected one for each byte.",
            tiny.WithFiles().With("vocab.json", vocabulary).Refusal());
    }

    [Fact]
    public void Refuses_an_empty_vocabulary() =>
        Assert.Equal("vocab.json: has no token for byte 0, expected one for each byte.",
            tiny.WithFiles("#version: 0.2\n").With("vocab.json", "{}").Refusal());

    [Fact]
    public void Takes_a_vocabulary_with_a_byte_order_mark()
    {
        tiny.WithFiles().With("vocab.json", "\uFEFF" + TinyTokenizer.Vocabulary().ToJsonString());

        Assert.Equal([TinyTokenizer.Abc], tiny.Load().Encode("abc").Ids);
    }

    [Theory]
    [InlineData("vocab.json", "[]", "vocab.json: the root is a list of 0, expected an object.")]
    [InlineData("vocab.json", "{\"a\": 1, \"a\": 2}", "vocab.json: has a name twice in one object.")]
    [InlineData("vocab.json", "{\"\\ud800\": 1}", "vocab.json: has a name with half a surrogate pair.")]
    [InlineData("vocab.json", "{\"a\": 1", "vocab.json: is not JSON from line 1, byte 8 on.")]
    [InlineData("vocab.json", "{\"a\": 1} 2", "vocab.json: is not JSON from line 1, byte 10 on.")]
    [InlineData("vocab.json", "{\"a\": {\"b\": 1}}",
        "vocab.json: a is an object, expected a whole number from 0 to 4,194,303.")]
    [InlineData("vocab.json", "", "vocab.json: is empty, or no regular file; expected a file with content.")]
    [InlineData("added_tokens.json", "{\"<x>\": -1}",
        "added_tokens.json: <x> is -1, expected a whole number from 0 to 4,194,303.")]
    [InlineData("added_tokens.json", "{\"a\\nb\": -1}",
        "added_tokens.json: a\\nb is -1, expected a whole number from 0 to 4,194,303.")]
    [InlineData("tokenizer_config.json", "{\"add_prefix_space\": true}",
        "tokenizer_config.json: add_prefix_space is true, expected false.")]
    [InlineData("tokenizer_config.json", "{\"tokenizer_class\": \"GPT2Tokenizer\"}",
        "tokenizer_config.json: tokenizer_class is 'GPT2Tokenizer', expected 'Qwen2Tokenizer'.")]
    [InlineData("tokenizer_config.json", "{\"eos_token\": \"<no>\"}",
        "tokenizer_config.json: eos_token is '<no>', expected one of the added tokens.")]
    [InlineData("tokenizer_config.json", "{\"eos_token\": \"\\ud800\"}",
        "tokenizer_config.json: eos_token is text with half a surrogate pair, expected well-formed Unicode.")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"+1\": {}}}",
        "tokenizer_config.json: added_tokens_decoder has '+1', not an id from 0 to 4,194,303.")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"9\": {\"lstrip\": true}}}",
        "tokenizer_config.json: added_tokens_decoder.9.content is missing, expected text.")]
    [InlineData("merges.txt", "a b\r\nb\tc\r\n",
        "merges.txt: merge 1 is 'b\\tc', expected two tokens with a space between them.")]
    [InlineData("merges.txt", "a b\n#version x\n",
        "merges.txt: merge 1 is '#version x', but '#version' is not in the vocabulary.")]
    [InlineData("merges.txt", "\uFEFFa b\n",
        @"merges.txt: merge 0 is '\uFEFFa b', but '\uFEFFa' is not in the vocabulary.")]
    [InlineData("merges.txt", "#version: 0.2",
        "merges.txt: merge 0 is '#version: 0.2', but '#version:' is not in the vocabulary.")]
    public void Refuses_a_damaged_file_beside_a_vocabulary(string file, string text, string refusal) =>
        Assert.StartsWith(refusal, tiny.WithFiles().With(file, text).Refusal());

    [Fact]
    public void Refuses_a_file_nested_too_deep() =>
        Assert.StartsWith("vocab.json: is not JSON from line 1, byte 321 on.",
            tiny.WithFiles().With("vocab.json", string.Concat(Enumerable.Repeat("{\"a\":", 100_000))).Refusal());

    [Fact]
    public void Refuses_a_file_that_is_not_UTF_8()
    {
        File.WriteAllBytes(Path.Combine(tiny.WithFiles().Folder, "merges.txt"), [(byte)'a', 0xFF]);

        Assert.Equal("merges.txt: byte 1 is not UTF-8, expected UTF-8 text.", tiny.Refusal());
    }

    [Fact]
    public void Refuses_a_giant_file_before_reading_it()
    {
        using (var giant = File.Create(Path.Combine(tiny.WithFiles().Folder, "vocab.json")))
            giant.SetLength((128 << 20) + 1);

        Assert.Equal("vocab.json: has 134,217,729 bytes, expected at most 134,217,728.", tiny.Refusal());
    }

    [Fact]
    public void Shortens_what_it_quotes() =>
        Assert.Equal(
            $"merges.txt: merge 0 is '{new string('a', 160)}…', expected two tokens with a space between them.",
            tiny.WithFiles(new string('a', 1000)).Refusal());

    [Fact]
    public void Says_which_file_a_folder_lacks()
    {
        var missing = Assert.Throws<FileNotFoundException>(tiny.With("vocab.json", TinyTokenizer.Vocabulary()).Load);

        Assert.Equal(
            $"{tiny.Folder}: has no merges.txt, expected tokenizer.json, or vocab.json and merges.txt.",
            missing.Message);
    }

    [Fact]
    public void Says_where_a_missing_tokenizer_comes_from()
    {
        const string Fault = "has no vocab.json, expected tokenizer.json, or vocab.json and merges.txt";
        var none = Assert.Throws<FileNotFoundException>(tiny.Load);
        foreach (var step in (int[])[1000, 500])
            File.WriteAllText(
                Path.Combine(tiny.Folder, Directory.CreateDirectory(
                    Path.Combine(tiny.Folder, $"checkpoint-{step}")).Name, "tokenizer.json"),
                "{}");
        var run = Assert.Throws<FileNotFoundException>(tiny.Load);

        Assert.Equal(
            $"{tiny.Folder}: {Fault}; get all files of the folder again, or copy the tokenizer of the model that this "
                + "one was made from.",
            none.Message);
        Assert.Equal(
            $"{tiny.Folder}: {Fault}; there is a tokenizer in {Path.Combine(tiny.Folder, "checkpoint-1000")}.",
            run.Message);
    }

    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("tekken.json")]
    [InlineData("qwen.tiktoken")]
    public void Says_how_to_write_another_form_as_tokenizer_json(string file) =>
        Assert.Equal(
            $"{file}: is a form that is not read, and the folder has no tokenizer.json; transformers writes that file: "
            + "AutoTokenizer.from_pretrained(folder).save_pretrained(folder).",
            tiny.With("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer"}""").With(file, "x").Refusal());

    [Fact]
    public void Says_that_there_is_no_such_folder() =>
        Assert.Throws<DirectoryNotFoundException>(() => Tokenizer.Load(Path.Combine(tiny.Folder, "none")));

    static JsonNode Step(JsonNode node, string step) =>
        node is JsonArray list ? list[int.Parse(step, null)]! : node[step]!;
}
