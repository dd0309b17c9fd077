using System.Text.Json.Nodes;
using RatIlgpu.Text;

namespace RatIlgpu.Testing;

/// <summary>A folder with the tokenizer files of 256 bytes, two merges and a special token; each can be
/// spoilt.</summary>
sealed class TinyTokenizer : IDisposable
{
    // The bytes are 0 to 255.
    public const int Ab = 256, Abc = 257, End = 258;

    readonly TemporaryFolder folder = new();

    public string Folder => folder.Root;

    public static JsonObject Vocabulary()
    {
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++)
            vocabulary[ByteAlphabet.Spell((byte)value).ToString()] = value;
        vocabulary["ab"] = Ab;
        vocabulary["abc"] = Abc;
        return vocabulary;
    }

    public static JsonObject Added() => new() { ["id"] = End, ["content"] = "<|endoftext|>", ["special"] = true };

    public static JsonObject Json() => new()
    {
        ["added_tokens"] = new JsonArray(Added()),
        ["normalizer"] = new JsonObject { ["type"] = "NFC" },
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = Pretokenizer.Qwen2Pattern },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
        },
        ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = Vocabulary(),
            ["merges"] = new JsonArray("a b", "ab c"),
        },
    };

    public TinyTokenizer With(string file, string text)
    {
        File.WriteAllText(folder.Path(file), text);
        return this;
    }

    public TinyTokenizer With(string file, JsonNode json) => With(file, json.ToJsonString());

    public TinyTokenizer WithFiles(string merges = "#version: 0.2\na b\nab c\n") =>
        With("vocab.json", Vocabulary()).With("merges.txt", merges);

    public Tokenizer Load() => Tokenizer.Load(Folder);

    /// <summary>Returns what the refusal of the folder says, without the folder.</summary>
    public string Refusal() => Refusal(() => Load());

    public string Refusal(Action load) =>
        Assert.Throws<InvalidDataException>(load).Message.Replace(Folder + Path.DirectorySeparatorChar, "");

    public void Dispose() => folder.Dispose();
}
