using System.Text.Json.Nodes;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Analysis.Tests;

/// <summary>Makes tokenizers of bytes and some whole words or signs, which cut texts as Qwen2 does: a space joins the
/// word behind it, but no digit.</summary>
static class WholeWords
{
    public const int EndOfText = TinyTokenizer.End;

    /// <summary>Returns a tokenizer; the first text has the token 259, and so on.</summary>
    /// <param name="texts">The texts that are tokens beside the bytes.</param>
    public static Tokenizer Load(params IEnumerable<string> texts)
    {
        var json = TinyTokenizer.Json();
        var vocabulary = (JsonObject)json["model"]!["vocab"]!;
        foreach (var (place, text) in texts.Distinct().Index())
            vocabulary[Spell(text)] = EndOfText + 1 + place;
        json["model"]!["ignore_merges"] = true;
        using var tiny = new TinyTokenizer();
        return tiny.With("tokenizer.json", json).Load();
    }

    /// <summary>Returns the tokenizer of a folder that has none.</summary>
    public static Tokenizer Numbers(int count)
    {
        using var folder = new TemporaryFolder();
        return TokenizerFolder.LoadOrNumber(folder.Root, count);
    }

    /// <summary>Returns words with the space before them.</summary>
    public static IEnumerable<string> Spaced(params IEnumerable<string> words) => words.Select(word => " " + word);

    static string Spell(string text) =>
        string.Concat(System.Text.Encoding.UTF8.GetBytes(text).Select(value => ByteAlphabet.Spell(value)));
}
