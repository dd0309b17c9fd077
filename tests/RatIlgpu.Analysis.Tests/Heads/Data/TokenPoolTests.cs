namespace RatIlgpu.Analysis.Tests;

public sealed class TokenPoolTests
{
    const string Twenty = "fghijklmnopqrstuvwxy";

    [Fact]
    public void Special_tokens_rows_without_a_token_and_parts_of_characters_are_left_out()
    {
        var tokenizer = WholeWords.Load(" one", " two");
        var pool = TokenPool.Of(tokenizer, vocabularySize: 300);
        // 128 bytes of ASCII, "ab" and "abc", and the two words.
        Assert.Equal([.. Enumerable.Range(0, 128), 256, 257, 259, 260], pool.Ids);
        Assert.DoesNotContain(WholeWords.EndOfText, pool.Ids);
    }

    [Fact]
    public void Tokens_beyond_the_rows_of_the_model_are_left_out()
    {
        var pool = TokenPool.Of(WholeWords.Load(" one", " two"), vocabularySize: 260);
        Assert.Equal(259, pool.Ids[^1]);
    }

    // 128 bytes, 2 merges and 2000 words are 2130 tokens: the ranks 106 to below 106 + 958.
    [Fact]
    public void A_large_vocabulary_gives_its_middle_part()
    {
        var tokenizer = WholeWords.Load(Letters());
        var pool = TokenPool.Of(tokenizer, 5000);
        Assert.Equal(958, pool.Count);
        Assert.Equal(106, pool.Ids[0]);
        Assert.Equal(259 + 106 + 958 - 130 - 1, pool.Ids[^1]);
        Assert.Contains("from rank 5", pool.Rule, StringComparison.Ordinal);
    }

    // Qwen2's pattern cuts " 1" into two, whatever the vocabulary has.
    [Fact]
    public void A_token_that_no_text_gives_is_left_out_of_the_middle_part()
    {
        var tokenizer = WholeWords.Load([.. Letters().Take(500), " 1", .. Letters().Skip(500)]);
        Assert.True(tokenizer.Has(259 + 500));
        var pool = TokenPool.Of(tokenizer, 5000);
        Assert.Contains(259 + 499, pool.Ids);
        Assert.DoesNotContain(259 + 500, pool.Ids);
        Assert.Contains(259 + 501, pool.Ids);
    }

    [Fact]
    public void Without_a_tokenizer_the_pool_is_the_whole_vocabulary() =>
        Assert.Equal(Enumerable.Range(0, 16), TokenPool.Of(WholeWords.Numbers(16), 16).Ids);

    [Fact]
    public void A_draw_of_more_than_there_are_is_refused_with_the_cure()
    {
        var pool = TokenPool.Of(WholeWords.Numbers(16), 16);
        var fault = Assert.Throws<ArgumentException>(() => pool.Draw(new SeededRandom(0, "", 0), 17));
        Assert.Equal(
            "The pool has 16 tokens, expected at least the 17 different ones of a sequence; ask for a smaller half "
            + "length.",
            fault.Message);
    }

    [Fact]
    public void A_model_without_rows_is_refused() =>
        Assert.Contains(
            "no plain token among the 0 of the model",
            Assert.Throws<ArgumentException>(() => TokenPool.Of(WholeWords.Numbers(16), 0)).Message,
            StringComparison.Ordinal);

    // Two thousand words of three letters.
    static IEnumerable<string> Letters() =>
        from first in "abcde" from second in Twenty from third in Twenty select $" {first}{second}{third}";
}
