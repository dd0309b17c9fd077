using RatIlgpu.Text;

namespace RatIlgpu.Testing;

/// <summary>The tests that every tokenizer of Qwen2 folders must pass; a subclass loads the tokenizer.</summary>
public abstract class TokenizerContract
{
    const string Story = "When Mary and John went to the store, John gave a drink to";

    /// <summary>Loads the tokenizer of a folder.</summary>
    protected abstract Tokenizer Load(string folder);

    Tokenizer Demo => field ??= Load(DemoModel.Folder);

    [Fact]
    public void Cuts_a_sentence_into_its_words()
    {
        var tokens = Demo.Encode(Story).Ids.Select(id => Demo.Token(id).Text);

        Assert.Equal("When| Mary| and| John| went| to| the| store|,| John| gave| a| drink| to".Split('|'), tokens);
    }

    [Fact]
    public void Says_where_each_token_lies()
    {
        var encoded = Demo.Encode(Story);

        Assert.Equal(Story, encoded.Text);
        Assert.All(encoded.Ids.Zip(encoded.Ranges), token =>
            Assert.Equal(Demo.Token(token.First).Text, Story.Substring(token.Second.Start, token.Second.Length)));
    }

    [Fact]
    public void Gives_the_same_tokens_from_either_kind_of_files()
    {
        using var folder = new TinyTokenizer();
        foreach (var file in new[] { "vocab.json", "merges.txt" })
            File.Copy(Path.Combine(DemoModel.Folder, file), Path.Combine(folder.Folder, file));
        const string text = Story + "<|im_end|>\r\n\r\n  Ünïcödé 日本 2024<|endoftext|>";

        var fromFiles = Load(folder.Folder);

        Assert.Equal(Demo.Count, fromFiles.Count);
        Assert.Equal(Demo.EosTokenId, fromFiles.EosTokenId);
        Assert.Equal(Demo.Encode(text).Ids, fromFiles.Encode(text).Ids);
    }

    [Fact]
    public void Cuts_special_tokens_whole()
    {
        var ids = Demo.Encode("a<|im_start|><|im_end|>b<|endoftext|").Ids;

        Assert.Equal([1348, 1349], ids[1..3]);
        Assert.DoesNotContain(1347, ids);
    }

    [Fact]
    public void Gives_nothing_for_nothing()
    {
        Assert.Empty(Demo.Encode("").Ids);
        Assert.Equal("", Demo.Decode([]));
    }

    [Fact]
    public void Reads_half_a_surrogate_pair_as_the_replacement_character() =>
        Assert.Equal(Demo.Encode("a\uFFFDb").Ids, Demo.Encode("a\uD83Db").Ids);

    [Fact]
    public void Gives_every_part_of_a_character_the_range_of_the_character()
    {
        using var tiny = new TinyTokenizer().With("tokenizer.json", TinyTokenizer.Json());

        var encoded = Load(tiny.Folder).Encode("€e\u0301a");

        Assert.Equal([0xE2, 0x82, 0xAC, 0xC3, 0xA9, 'a'], encoded.Ids);
        Assert.Equal([new(0, 1), new(0, 1), new(0, 1), new(1, 2), new(1, 2), new(3, 1)], encoded.Ranges);
    }

    [Fact]
    public void Gives_every_part_of_a_pair_the_range_of_the_pair()
    {
        using var tiny = new TinyTokenizer().WithFiles();

        var encoded = Load(tiny.Folder).Encode("a😀b");

        Assert.Equal(['a', 0xF0, 0x9F, 0x98, 0x80, 'b'], encoded.Ids);
        Assert.Equal([new(0, 1), new(1, 2), new(1, 2), new(1, 2), new(1, 2), new(3, 1)], encoded.Ranges);
    }

    [Fact]
    public void Gives_a_token_over_two_characters_the_range_of_both()
    {
        // The token of the last byte of é and the first of the next é.
        var vocabulary = TinyTokenizer.Vocabulary();
        vocabulary[$"{ByteAlphabet.Spell(0xA9)}{ByteAlphabet.Spell(0xC3)}"] = 258;
        using var tiny = new TinyTokenizer()
            .With("vocab.json", vocabulary)
            .With("merges.txt", $"{ByteAlphabet.Spell(0xA9)} {ByteAlphabet.Spell(0xC3)}\n");

        var encoded = Load(tiny.Folder).Encode("éé");

        Assert.Equal([0xC3, 258, 0xA9], encoded.Ids);
        Assert.Equal([new(0, 1), new(0, 2), new(1, 1)], encoded.Ranges);
    }

    [Fact]
    public void Keeps_the_bytes_of_a_token_that_is_part_of_a_character()
    {
        using var tiny = new TinyTokenizer().WithFiles();
        var tokenizer = Load(tiny.Folder);

        Assert.Equal(new TokenText(0xE2, "\uFFFD", [0xE2]), tokenizer.Token(0xE2));
        Assert.Equal(new TokenText(TinyTokenizer.Abc, "abc", []), tokenizer.Token(TinyTokenizer.Abc));
        Assert.Equal(new TokenText(TinyTokenizer.End, "<|endoftext|>", []), tokenizer.Token(TinyTokenizer.End));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1350)]
    [InlineData(151_900)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Gives_nothing_for_an_id_without_a_token(int id)
    {
        Assert.False(Demo.Has(id));
        Assert.Equal(new TokenText(id, "", ImmutableArray<byte>.Empty), Demo.Token(id));
        Assert.Equal("aa", Demo.Decode([.. Demo.Encode("a").Ids, id, .. Demo.Encode("a").Ids]));
    }

    [Fact]
    public void Gives_the_replacement_character_for_bytes_that_are_no_character()
    {
        using var tiny = new TinyTokenizer().WithFiles();

        Assert.Equal("a\uFFFDb€", Load(tiny.Folder).Decode(['a', 0xE2, 'b', 0xE2, 0x82, 0xAC]));
    }

    [Fact]
    public void Serves_several_threads_at_once()
    {
        var texts = Enumerable.Range(0, 64).Select(i => $"{Story} {i} {new string('x', i)}").ToArray();
        var expected = texts.Select(text => Demo.Encode(text).Ids).ToArray();
        var fresh = Load(DemoModel.Folder);

        Parallel.For(0, texts.Length, i => Assert.Equal(expected[i], fresh.Encode(texts[i]).Ids));
    }

    [Fact]
    public void Knows_its_size_and_its_end()
    {
        Assert.Equal(1350, Demo.Count);
        Assert.Equal(1347, Demo.EosTokenId);
        Assert.True(Demo.Has(0));
        Assert.True(Demo.Has(1349));
    }
}
