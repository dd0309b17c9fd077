using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

/// <summary>The tokens that Hugging Face's Rust library gives texts by small tokenizers of every form.</summary>
/// <remarks>rust-tokens.json has the tokenizers, texts and ids; tests/reference/rust_tokens.sh writes the ids, and
/// names the version of the library.</remarks>
public sealed class RustTokensTests
{
    public static TheoryData<string> Names => [.. Cases().Select(one => (string)one["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_prompt_has_the_tokens_of_the_library(string name)
    {
        var one = Cases().Single(one => (string)one["name"]! == name);
        using var folder = new TinyTokenizer().With("tokenizer.json", one["tokenizer"]!);
        var tokenizer = folder.Load();

        Assert.All(one["texts"]!.AsArray(), text =>
        {
            var encoded = tokenizer.EncodePrompt((string)text!["text"]!);
            Assert.Equal(text["ids"]!.AsArray().Select(id => (int)id!), encoded.Ids);
            Assert.Equal(encoded.Text.Length, encoded.Ranges.Select(range => range.End).LastOrDefault());
        });
    }

    static IEnumerable<JsonNode> Cases() => JsonNode
        .Parse(File.ReadAllText(Repository.Path("tests", "RatIlgpu.Tests", "Text", "rust-tokens.json")))!
        .AsArray()
        .Select(one => one!);
}
