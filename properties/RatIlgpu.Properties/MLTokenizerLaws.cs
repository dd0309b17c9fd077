using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.MLTokenizers;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

/// <summary>Holds Microsoft.ML.Tokenizers to the built-in tokenizer.</summary>
/// <remarks><c>RATILGPU_QWEN2_TOKENIZER</c> names a folder with the vocabulary to do so with, such as Qwen2's own; else
/// it is that of the demonstration model.</remarks>
public sealed class MLTokenizerLaws
{
    static readonly string Folder =
        Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER") is { Length: > 0 } folder
            ? folder
            : DemoModel.Folder;

    [Fact]
    public void Both_tokenizers_cut_every_text_alike()
    {
        var (builtIn, package) = (Tokenizer.Load(Folder), MLTokenizer.Load(Folder));
        Assert.Equal((builtIn.Count, builtIn.EosTokenId), (package.Count, package.EosTokenId));

        Law.Holds(Texts(builtIn), text =>
        {
            var (expected, actual) = (builtIn.Encode(text), package.Encode(text));
            Assert.Equal(expected.Ids, actual.Ids);
            Assert.Equal(expected.Ranges, actual.Ranges);
            Assert.Equal(builtIn.Decode(expected.Ids.AsSpan()), package.Decode(actual.Ids.AsSpan()));
            Assert.All(expected.Ids, id => Assert.Equal(builtIn.Token(id), package.Token(id)));
        }, 2000);
    }

    // Arbitrary strings, and what tokens of the vocabulary say in a row, which merges as they seldom do.
    static Arbitrary<string> Texts(Tokenizer tokenizer) => Law.Cases(
        Gen.OneOf(
            TokenizerTexts.Any.Generator,
            Gen.Choose(0, tokenizer.Count - 1).ListOf().Select(ids => tokenizer.Decode([.. ids]))),
        TokenizerTexts.Any.Shrinker);
}
