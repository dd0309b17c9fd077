using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RatIlgpu.Mutations;

/// <summary>Changes the values of a JSON file, which mostly stays JSON.</summary>
static class JsonMutation
{
    // What JSON nodes cannot hold is written in the place of these texts.
    const string Deep = "@deep@", Long = "@long@", Raw = "@raw@";

    static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 900,
    };

    static readonly double[] Numbers =
    [
        0, 1, 2, 3, 7, 8, 63, 64, 255, 256, 281, 288, 65536, 16777216, 2147483647, 2147483648, 4294967296,
        9007199254740993, 1e19, 1e300, -1, -2, 0.5, 1.5, 1e-300,
    ];

    static readonly string[] Texts =
    [
        "", " ", "\0", "\n", "é", "𝄞", "../x", "/etc/passwd", "default", "qwen2", "qwen3", "llama", "mistral", "BPE",
        "ByteLevel", "Sequence", "NFC", "Split", "TemplateProcessing", "F32", "F64", "I64", "U32", "BF16", "yarn",
        "lm_head.weight", "model.embed_tokens.weight", "<|im_end|>", "{{ messages }}", "{% for %}", "(a+)+$",
        "\\p{L}+",
    ];

    static readonly string[] Values =
        ["NaN", "-0", "1e400", "\"\\ud800\"", "\"\\u0000\"", "[,]", "{\"a\":1,}", "01", "'a'", "// a\n1", "tru", ""];

    /// <summary>Returns a file with one to three changes.</summary>
    public static byte[] Of(byte[] content, Random random)
    {
        if (Parse(content) is not { } root)
            return content;
        for (var change = random.Next(3); change >= 0; change--)
            Change(Places(root), random);
        var text = root.ToJsonString(Plain);
        var depth = random.Next(2) == 0 ? random.Next(1, 100) : random.Next(1, 100_000);
        return Encoding.UTF8.GetBytes(text
            .Replace($"\"{Deep}\"", $"{new string('[', depth)}{new string(']', depth)}", StringComparison.Ordinal)
            .Replace(Long, new string('a', random.Next(1, 1 << random.Next(1, 20))), StringComparison.Ordinal)
            .Replace($"\"{Raw}\"", Values[random.Next(Values.Length)], StringComparison.Ordinal));
    }

    static JsonNode? Parse(byte[] content)
    {
        try
        {
            return JsonNode.Parse(content);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // All members of objects and items of lists.
    static List<(JsonNode Parent, string? Name, int Index)> Places(JsonNode root)
    {
        var places = new List<(JsonNode, string?, int)>();
        var open = new Stack<JsonNode>([root]);
        while (open.TryPop(out var node))
            if (node is JsonObject members)
                foreach (var (name, value) in members)
                    Add(value, node, name, 0);
            else if (node is JsonArray items)
                foreach (var (index, value) in items.Index())
                    Add(value, node, null, index);
        return places;

        void Add(JsonNode? value, JsonNode parent, string? name, int index)
        {
            places.Add((parent, name, index));
            if (value is JsonObject or JsonArray)
                open.Push(value);
        }
    }

    static void Change(List<(JsonNode Parent, string? Name, int Index)> places, Random random)
    {
        if (places.Count == 0)
            return;
        // A list of thousands of tokens would hide the few members that say what they are.
        var place = places[random.Next(2) == 0 ? random.Next(places.Count) : random.Next(int.Min(places.Count, 40))];
        var (parent, name, index) = place;
        var value = name is not null ? parent[name] : parent[index];
        var other = places[random.Next(places.Count)];
        var otherValue = other.Name is not null ? other.Parent[other.Name] : other.Parent[other.Index];
        switch (random.Next(10))
        {
            case 0 when parent is JsonObject members:
                members.Remove(name!);
                break;
            case 0 when parent is JsonArray items:
                items.RemoveAt(index);
                break;
            case 1 when parent is JsonObject members:
                members.Remove(name!);
                members[Texts[random.Next(Texts.Length)]] = value?.DeepClone();
                break;
            case 2 when parent is JsonArray { Count: < 5000 } items:
                for (var more = random.Next(1, 100); more > 0; more--)
                    items.Insert(index, value?.DeepClone());
                break;
            case 3:
                Set(place, otherValue?.DeepClone());
                break;
            case 4 when value is JsonValue text && text.TryGetValue<string>(out var old):
                Set(place, Mutation.Template(old, random));
                break;
            default:
                Set(place, New(value, random));
                break;
        }
    }

    static void Set((JsonNode Parent, string? Name, int Index) place, JsonNode? value)
    {
        if (place.Name is not null)
            place.Parent[place.Name] = value;
        else
            place.Parent[place.Index] = value;
    }

    static JsonNode? New(JsonNode? value, Random random) => random.Next(14) switch
    {
        0 => null,
        1 => true,
        2 => false,
        3 => new JsonArray(),
        4 => new JsonObject(),
        5 => new JsonArray(value?.DeepClone()),
        6 => new JsonObject { ["type"] = value?.DeepClone() },
        7 => Texts[random.Next(Texts.Length)],
        8 => Deep,
        9 => Long,
        10 => Raw,
        11 when value is JsonValue number && number.TryGetValue<double>(out var old) => old + random.Next(-2, 3),
        _ => Numbers[random.Next(Numbers.Length)],
    };
}
