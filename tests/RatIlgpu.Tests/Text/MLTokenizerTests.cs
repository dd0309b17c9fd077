using Microsoft.ML.Tokenizers;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class MLTokenizerTests
{
    static readonly TokenText[] Tokens = [new(0, "a", []), new(1, "b", []), new(2, "ab", []), new(4, "<s>", [])];

    [Fact]
    public void Takes_a_tokenizer_that_is_not_byte_level()
    {
        var tokenizer = new MLTokenizer(Words(), Tokens, eosTokenId: 4);

        var encoded = tokenizer.Encode("ab b");

        Assert.Equal([2, 1], encoded.Ids);
        Assert.Equal([new(0, 2), new(3, 1)], encoded.Ranges);
        Assert.Equal("abb", tokenizer.Decode(encoded.Ids.AsSpan()));
        Assert.Equal((5, 4), (tokenizer.Count, tokenizer.EosTokenId));
        Assert.False(tokenizer.Has(3));
    }

    [Fact]
    public void Gives_ranges_in_the_text_before_the_tokenizer_normalised_it()
    {
        var tokenizer = new MLTokenizer(Words(new LowerCaseNormalizer()), Tokens);

        Assert.Equal([new(0, 2), new(3, 1)], tokenizer.Encode("AB b").Ranges);
    }

    [Fact]
    public void Gives_a_token_without_text_an_empty_range()
    {
        var tokenizer = new MLTokenizer(Words(begin: "<s>"), Tokens);

        var encoded = tokenizer.Encode("ab");

        Assert.Equal([4, 2], encoded.Ids);
        Assert.Equal([new(0, 0), new(0, 2)], encoded.Ranges);
    }

    [Fact]
    public void Reads_what_the_tokens_of_a_byte_level_tokenizer_stand_for()
    {
        var tokenizer = new MLTokenizer(BpeTokenizer.Create(new BpeOptions(
            [new("Ġ", 0), new("Ã", 1), new("ÃĠ", 2)])
        {
            ByteLevel = true,
            SpecialTokens = new Dictionary<string, int> { ["é"] = 3 },
        }));

        Assert.Equal(new TokenText(0, " ", []), tokenizer.Token(0));
        Assert.Equal(new TokenText(1, "\uFFFD", [0xC3]), tokenizer.Token(1));
        Assert.Equal(new TokenText(2, "\uFFFD ", [0xC3, 0x20]), tokenizer.Token(2));
        Assert.Equal(new TokenText(3, "é", []), tokenizer.Token(3));
    }

    [Fact]
    public void Asks_what_tokens_stand_for_when_they_spell_no_bytes() =>
        Assert.Equal(
            "MLTokenizer: the tokenizer has ByteLevel false, expected true; else say what its tokens stand for.",
            Assert.Throws<ArgumentException>(() => new MLTokenizer(Words())).Message);

    [Theory]
    [InlineData(-1, "MLTokenizer: token 'x' has id -1, expected an id from 0 to 4194303.")]
    [InlineData(4194304, "MLTokenizer: token 'x' has id 4194304, expected an id from 0 to 4194303.")]
    [InlineData(2, "MLTokenizer: two tokens have id 2, expected one.")]
    public void Refuses_an_id_that_cannot_be(int id, string refusal) =>
        Assert.Equal(refusal, Assert.Throws<ArgumentException>(
            () => new MLTokenizer(Words(), [.. Tokens, new TokenText(id, "x", [])])).Message);

    [Fact]
    public void Refuses_an_end_that_is_no_token() =>
        Assert.Equal(
            "MLTokenizer: eosTokenId is 3, expected one of the tokens.",
            Assert.Throws<ArgumentException>(() => new MLTokenizer(Words(), Tokens, eosTokenId: 3)).Message);

    [Fact]
    public void Serves_as_the_tokenizer_of_a_model()
    {
        using var device = new CpuDevice();
        var tokenizer = new MLTokenizer(Words(), Tokens);
        using var model = LanguageModel.Load(DemoModel.Folder, device, tokenizer);

        Assert.Same(tokenizer, model.Tokenizer);
    }

    static BpeTokenizer Words(Normalizer? normalizer = null, string? begin = null) => BpeTokenizer.Create(
        new BpeOptions([new("a", 0), new("b", 1), new("ab", 2), new("<s>", 4)])
        {
            Merges = ["a b"],
            Normalizer = normalizer,
            BeginningOfSentenceToken = begin,
        });
}
