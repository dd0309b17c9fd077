using System.Text.Json.Nodes;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

/// <summary>Where added tokens are sought: in the text as it stands, or in its form C.</summary>
public sealed class AddedTokensTests : IDisposable
{
    readonly TinyTokenizer tiny = new();

    public void Dispose() => tiny.Dispose();

    // U+0338 composes with > to U+226F.
    [Fact]
    public void A_special_token_before_a_mark_is_found()
    {
        var encoded = Load().Encode("a<|endoftext|>\u0338e\u0301");

        Assert.Equal(['a', TinyTokenizer.End, 0xCC, 0xB8, 0xC3, 0xA9], encoded.Ids);
        Assert.Equal(
            [new(0, 1), new(1, 13), new(14, 1), new(14, 1), new(15, 2), new(15, 2)], encoded.Ranges);
    }

    [Fact]
    public void A_token_that_is_sought_after_normalisation_is_lost_before_a_mark()
    {
        var tokenizer = Load(Token("<m>", normalized: true));

        Assert.Equal(300, Assert.Single(tokenizer.Encode("<m>").Ids));
        Assert.DoesNotContain(300, tokenizer.Encode("<m>\u0338").Ids);
    }

    [Theory]
    [InlineData("<\u00E9", "<e\u0301")]
    [InlineData("<e\u0301", "<\u00E9")]
    [InlineData("<e\u0301", "<e\u0301")]
    public void A_token_that_is_sought_after_normalisation_is_found_in_either_spelling(string content, string text)
    {
        var encoded = Load(Token(content, normalized: true)).Encode($"a{text}b");

        Assert.Equal(['a', 300, 'b'], encoded.Ids);
        Assert.Equal(new TextRange(1, text.Length), encoded.Ranges[1]);
    }

    [Theory]
    [InlineData("<\u00E9", "<e\u0301", false)]
    [InlineData("<e\u0301", "<\u00E9", false)]
    [InlineData("<e\u0301", "<e\u0301", true)]
    public void A_token_that_is_sought_in_the_text_as_it_stands_has_one_spelling(
        string content, string text, bool isFound)
    {
        var tokenizer = Load(Token(content, normalized: false));

        Assert.Equal(isFound, tokenizer.Encode($"a{text}b").Ids.Contains(300));
    }

    [Fact]
    public void Tokens_of_the_raw_text_come_before_longer_ones_of_its_form_c()
    {
        var raw = Token("ab", normalized: false, id: TinyTokenizer.Ab);
        var tokenizer = Load(raw, Token("abc", normalized: true, id: TinyTokenizer.Abc));

        Assert.Equal([TinyTokenizer.Ab, 'c'], tokenizer.Encode("abc").Ids);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, true, true)]
    [InlineData(null, false, false)]
    [InlineData(true, null, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    public void A_token_that_does_not_say_where_it_is_sought_is_sought_raw_if_it_is_special(
        bool? special, bool? raw, bool isFound)
    {
        var token = new JsonObject { ["id"] = 300, ["content"] = "<m>" };
        if (special is { } isSpecial)
            token["special"] = isSpecial;
        if (raw is { } isRaw)
            token["normalized"] = !isRaw;

        Assert.Equal(isFound, Load(token).Encode("<m>\u0338").Ids.Contains(300));
    }

    [Fact]
    public void A_text_that_is_one_token_has_its_id()
    {
        Assert.Equal(TinyTokenizer.Abc, Load().TokenOf("abc"));
        Assert.Equal(TinyTokenizer.End, Load().TokenOf("<|endoftext|>"));
        Assert.True(Load().TryTokenOf("ab", out var id));
        Assert.Equal(TinyTokenizer.Ab, id);
    }

    [Theory]
    [InlineData("", "'' has no token, expected text that is one token.")]
    [InlineData("ba", "'ba' is 2 tokens ('b' #98, 'a' #97), expected one; give the text of one of them.")]
    [InlineData("é", "'é' is 2 tokens (⟨C3⟩ #195, ⟨A9⟩ #169), expected one; give the text of one of them.")]
    [InlineData(" abc", "' abc' is 2 tokens (' ' #32, 'abc' #257), expected one; without a leading space, 'abc', it is "
        + "one.")]
    public void A_text_that_is_no_single_token_is_refused_with_its_parts(string text, string fault)
    {
        Assert.False(Load().TryTokenOf(text, out var id));
        Assert.Equal(-1, id);
        var thrown = Assert.Throws<ArgumentException>(() => Load().TokenOf(text));
        Assert.StartsWith(fault + " (Parameter 'text')", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_spelling_with_a_space_is_named_where_it_is_a_token()
    {
        var tokenizer = Tokenizer.Load(DemoModel.Folder);

        var thrown = Assert.Throws<ArgumentException>(() => tokenizer.TokenOf("went"));

        Assert.Contains(
            "expected one; with a leading space, ' went', it is one.", thrown.Message, StringComparison.Ordinal);
    }

    static JsonObject Token(string content, bool normalized, int id = 300) =>
        new() { ["id"] = id, ["content"] = content, ["normalized"] = normalized };

    Tokenizer Load(params JsonObject[] more)
    {
        var json = TinyTokenizer.Json();
        foreach (var token in more)
            json["added_tokens"]!.AsArray().Add(token);
        return tiny.With("tokenizer.json", json).Load();
    }
}
