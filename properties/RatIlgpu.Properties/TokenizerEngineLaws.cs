using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

/// <summary>Holds the tokens of whole texts to plain byte-pair encoding, and both ways of merging to each
/// other.</summary>
/// <remarks><c>RATILGPU_QWEN2_TOKENIZER</c> names a folder with the vocabulary to do so with, such as Qwen2's own; else
/// it is that of the demonstration model.</remarks>
public sealed class TokenizerEngineLaws
{
    const int Longest = BytePairEncoder.LongestForPackage;

    static readonly string[] Specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    static readonly string Folder =
        Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER") is { Length: > 0 } folder
            ? folder
            : DemoModel.Folder;

    static readonly Tokenizer
        Tokenizer = Tokenizer.Load(Folder),
        Package = TokenizerFolder.Load(Folder, longestForPackage: int.MaxValue),
        Ours = TokenizerFolder.Load(Folder, longestForPackage: 0);

    // Arbitrary strings, and the texts of tokens in a row, which merge as arbitrary strings seldom do.
    static readonly Arbitrary<string> Texts = Law.Cases(
        Gen.OneOf(
            TokenizerTexts.Any.Generator,
            Gen.Choose(0, Tokenizer.Count - 1).ListOf().Select(ids => Tokenizer.Decode([.. ids]))),
        TokenizerTexts.Any.Shrinker);

    // Words about as long as the longest that the package merges, of few letters or of many.
    static readonly Arbitrary<string> LongWords = Law.Cases(
        from letters in Gen.Choose(1, 26)
        from length in Gen.Choose(Longest - 5, Longest + 5)
        from word in Gen.Choose(0, letters - 1).ArrayOf(length)
        select string.Concat(word.Select(letter => (char)('a' + letter))),
        word => word.Trim('a') == "" ? [] : [word[..(Longest / 2)].PadRight(word.Length, 'a'), word[1..] + 'a']);

    [Fact]
    public void Every_text_has_the_tokens_of_plain_byte_pair_encoding()
    {
        var plain = PlainBpe.Read(Folder);
        Law.Holds(Texts, text => Assert.Equal(Plain(plain, text), Tokenizer.Encode(text).Ids), 2000);
    }

    [Fact]
    public void Both_ways_of_merging_agree_on_every_text() => Law.Holds(Texts, Agree, 2000);

    [Fact]
    public void Both_ways_of_merging_agree_on_long_words() => Law.Holds(LongWords, Agree);

    static void Agree(string text)
    {
        var expected = Package.Encode(text);
        foreach (var tokenizer in new[] { Ours, Tokenizer })
        {
            Assert.Equal(expected.Ids, tokenizer.Encode(text).Ids);
            Assert.Equal(expected.Ranges, tokenizer.Encode(text).Ranges);
        }
    }

    static List<int> Plain(PlainBpe bpe, string text)
    {
        var ids = new List<int>();
        var formC = TokenizerTexts.FormC(string.Concat(text.EnumerateRunes()));
        foreach (var part in Regex.Split(formC, @"(<\|endoftext\|>|<\|im_start\|>|<\|im_end\|>)"))
            if (Array.IndexOf(Specials, part) is >= 0 and var special)
                ids.Add(Tokenizer.Count - Specials.Length + special);
            else
                for (int at = 0, length; at < part.Length; at += length)
                {
                    length = Pretokenizer.FirstWord(part.AsSpan(at));
                    ids.AddRange(bpe.Encode(ByteAlphabet.Spell(part.AsSpan(at, length))));
                }

        return ids;
    }
}
