using System.Text.Json.Nodes;

namespace RatIlgpu.Testing;

/// <summary>The <c>tokenizer.json</c> of a vocabulary as SentencePiece makes it: 256 bytes, some letters and some
/// merges.</summary>
static class TinyPieces
{
    public static readonly string[] Merges = ["t h", "th e", "▁ the", "▁ ▁", "▁▁ ▁▁", "a b", "▁ ab", "e ▁the"];

    const string Letters = "▁abeht";

    /// <summary>The tokens' ids by their spellings; the bytes are 0 to 255.</summary>
    public static readonly Dictionary<string, int> Ids =
        Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")
            .Concat(Letters.Select(letter => letter.ToString()))
            .Concat(Merges.Select(merge => merge.Replace(" ", "")))
            .Index().ToDictionary(token => token.Item, token => token.Index);

    /// <summary>Gets the two steps by which the files of Llama 2 mark spaces.</summary>
    public static JsonObject Normalizer => new()
    {
        ["type"] = "Sequence",
        ["normalizers"] = new JsonArray(
            new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" },
            new JsonObject
            {
                ["type"] = "Replace",
                ["pattern"] = new JsonObject { ["String"] = " " },
                ["content"] = "▁",
            }),
    };

    /// <summary>Returns the step by which newer files mark spaces.</summary>
    public static JsonObject Metaspace(string scheme, bool split) => new()
    {
        ["type"] = "Metaspace",
        ["replacement"] = "▁",
        ["prepend_scheme"] = scheme,
        ["split"] = split,
    };

    public static JsonObject Json(JsonObject? normalizer, JsonObject? pretokenizer) => new()
    {
        ["normalizer"] = normalizer,
        ["pre_tokenizer"] = pretokenizer,
        ["decoder"] = new JsonObject { ["type"] = "Sequence", ["decoders"] = new JsonArray() },
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["byte_fallback"] = true,
            ["vocab"] = new JsonObject(Ids.Select(id => KeyValuePair.Create(id.Key, (JsonNode?)id.Value))),
            ["merges"] = new JsonArray([.. Merges.Select(merge => JsonValue.Create(merge))]),
        },
    };

    public static Tokenizer Load(JsonObject? normalizer, JsonObject? pretokenizer)
    {
        using var folder = new TinyTokenizer();
        return folder.With("tokenizer.json", Json(normalizer, pretokenizer)).Load();
    }
}
