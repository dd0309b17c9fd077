namespace RatIlgpu.Analysis.Tests;

public sealed class RepeatedSequencesTests
{
    static readonly Tokenizer Numbers = WholeWords.Numbers(1000);

    [Fact]
    public void Each_token_comes_again_half_a_length_later_and_not_before()
    {
        var maker = new RepeatedSequences(Numbers, 1000, new() { Repeats = 3 });
        Assert.All(Enumerable.Range(0, 20), number =>
        {
            var made = maker.Make(number);
            var half = made.Ids.AsSpan()[..made.HalfLength].ToArray();
            Assert.Equal(half.Length, half.Distinct().Count());
            Assert.Equal([.. half, .. half, .. half], made.Ids);
            Assert.Equal((0, 3), (made.Start, made.Repeats));
        });
        Assert.Empty(maker.Warnings);
    }

    [Fact]
    public void Half_lengths_differ_and_keep_to_their_bounds()
    {
        var maker = new RepeatedSequences(Numbers, 1000, new() { LeastHalfLength = 5, MostHalfLength = 8 });
        var lengths = Enumerable.Range(0, 100).Select(number => maker.Make(number).HalfLength).Distinct().Order();
        Assert.Equal([5, 6, 7, 8], lengths);
    }

    [Fact]
    public void A_sequence_made_alone_is_that_of_its_number_in_a_row()
    {
        var row = new RepeatedSequences(Numbers, 1000);
        var made = Enumerable.Range(0, 6).Select(row.Make).ToList();
        Assert.Equal(made[5], new RepeatedSequences(Numbers, 1000).Make(5));
        Assert.Equal(6, made.Distinct().Count());
    }

    [Fact]
    public void Another_seed_gives_other_tokens() => Assert.NotEqual(
        new RepeatedSequences(Numbers, 1000).Make(0), new RepeatedSequences(Numbers, 1000, new() { Seed = 1 }).Make(0));

    [Fact]
    public void A_vocabulary_of_16_tokens_makes_shorter_sequences_and_says_so()
    {
        var maker = new RepeatedSequences(WholeWords.Numbers(16), 16);
        Assert.Equal(
            "The model has 16 tokens to draw from, and 128 different ones were asked for; half lengths are 8 to 16.",
            Assert.Single(maker.Warnings));
        Assert.All(Enumerable.Range(0, 20), number => Assert.InRange(maker.Make(number).HalfLength, 8, 16));
    }

    [Fact]
    public void One_token_is_too_few() => Assert.Contains(
        "has 1 token, expected at least 2",
        Assert.Throws<ArgumentException>(() => new RepeatedSequences(WholeWords.Numbers(1), 1)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_token_between_texts_comes_first_where_it_is_asked_for_and_there()
    {
        var tokenizer = WholeWords.Load();
        RepeatedSequenceOptions options = new() { StartsWithEndOfText = true, LeastHalfLength = 3, MostHalfLength = 3 };
        var made = new RepeatedSequences(tokenizer, 300, options).Make(0);
        Assert.Equal(WholeWords.EndOfText, made.Ids[0]);
        Assert.Equal((1, 7), (made.Start, made.Ids.Length));
        Assert.Equal(made.Ids[1], made.Ids[4]);

        // The model has no row of that token.
        var unfit = new RepeatedSequences(tokenizer, 258, options);
        Assert.Equal(0, unfit.Make(0).Start);
        Assert.Contains("no token <|endoftext|>", Assert.Single(unfit.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_length_of_one_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new RepeatedSequences(Numbers, 1000, new() { LeastHalfLength = 1 }));

    [Fact]
    public void Random_sequences_are_those_of_their_seed_and_number()
    {
        var pool = TokenPool.Of(WholeWords.Numbers(16), 16);
        var made = new RandomSequences(pool, 4).Make(7, 100);
        Assert.Equal(made, new RandomSequences(pool, 4).Make(7, 100));
        Assert.NotEqual(made, new RandomSequences(pool, 4).Make(8, 100));
        Assert.Equal(16, made.Distinct().Count());
    }
}
