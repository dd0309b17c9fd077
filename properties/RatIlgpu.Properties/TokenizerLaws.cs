using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

public sealed class TokenizerLaws
{
    static readonly Tokenizer Tokenizer = Tokenizer.Load(DemoModel.Folder);

    static readonly Arbitrary<int[]> Ids = Law.Cases(
        Gen.OneOf(Gen.Choose(-2, 1400), Gen.Choose(0, 255), Gen.Choose(int.MinValue, int.MaxValue))
            .ListOf().Select(ids => ids.ToArray()),
        ids => ids.Select((_, i) => ids.Where((_, j) => j != i).ToArray()));

    [Fact]
    public void Tokens_read_back_as_the_text_in_form_c() => Law.Holds(TokenizerTexts.WellFormed, text =>
        Assert.Equal(TokenizerTexts.FormC(text), Tokenizer.Decode(Tokenizer.Encode(text).Ids.AsSpan())), 1000);

    [Fact]
    public void A_text_and_its_form_c_have_the_same_tokens() => Law.Holds(TokenizerTexts.WellFormed, text =>
        Assert.Equal(Tokenizer.Encode(TokenizerTexts.FormC(text)).Ids, Tokenizer.Encode(text).Ids));

    [Fact]
    public void Half_a_pair_counts_as_the_replacement_character() => Law.Holds(TokenizerTexts.Any, text =>
        Assert.Equal(Tokenizer.Encode(string.Concat(text.EnumerateRunes())).Ids, Tokenizer.Encode(text).Ids));

    [Fact]
    public void Ranges_are_ordered_and_cover_the_text() => Law.Holds(TokenizerTexts.Any, text =>
    {
        var encoded = Tokenizer.Encode(text);
        Assert.Equal(encoded.Ids.Length, encoded.Ranges.Length);

        var (start, end) = (0, 0);
        foreach (var range in encoded.Ranges)
        {
            Assert.InRange(range.Start, start, end);
            Assert.InRange(range.End, Math.Max(end, range.Start + 1), text.Length);
            (start, end) = (range.Start, range.End);
        }

        Assert.Equal(text.Length, end);
    }, 1000);

    [Fact]
    public void What_stands_apart_keeps_its_exact_place() => Law.Holds(TokenizerTexts.Any, text =>
    {
        var ranges = Tokenizer.Encode($"1 {text} 1").Ranges;
        Assert.Equal(new TextRange(0, 1), ranges[0]);
        Assert.Equal(new TextRange(text.Length + 3, 1), ranges[^1]);
    });

    [Fact]
    public void A_token_of_whole_characters_lies_where_its_text_does() => Law.Holds(TokenizerTexts.WellFormed, text =>
    {
        var encoded = Tokenizer.Encode(text);
        foreach (var (id, range) in encoded.Ids.Zip(encoded.Ranges))
            if (Tokenizer.Token(id) is { IsPartial: false } token)
                Assert.Contains(
                    token.Text,
                    TokenizerTexts.FormC(text.Substring(range.Start, range.Length)),
                    StringComparison.Ordinal);
    });

    [Fact]
    public void Special_tokens_stand_wherever_their_text_does() => Law.Holds(TokenizerTexts.WellFormed, text =>
        Assert.Equal(
            TokenizerTexts.FormC(text).Split("<|im_start|>").Length - 1,
            Tokenizer.Encode(text).Ids.Count(id => id == 1348)));

    [Fact]
    public void Any_ids_read_as_their_bytes_in_a_row() => Law.Holds(Ids, ids =>
    {
        var bytes = ids.Select(Tokenizer.Token)
            .SelectMany(token => token.IsPartial ? [.. token.Bytes] : Encoding.UTF8.GetBytes(token.Text));
        Assert.Equal(Encoding.UTF8.GetString([.. bytes]), Tokenizer.Decode(ids));
    });

    [Fact]
    public void Only_an_id_with_a_token_stands_for_something() => Law.Holds(Ids, ids =>
    {
        foreach (var id in ids)
            Assert.Equal(Tokenizer.Has(id), Tokenizer.Token(id).Text.Length > 0);
    });
}
