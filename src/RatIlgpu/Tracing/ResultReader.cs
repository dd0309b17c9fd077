using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>What the readers of results share: tokens, model, and what made the result. Nothing is trusted.</summary>
abstract class ResultReader(JsonPart file)
{
    /// <summary>The number of a token of a file that does not have it.</summary>
    protected const int UnknownId = -1;

    // Numbers computed twice may come from different exponential and logarithm functions.
    const double Agreement = 1e-6;

    /// <summary>Gets the file.</summary>
    protected JsonPart File => file;

    /// <summary>Gets what only this program writes; null in a file of another one.</summary>
    protected JsonPart? Own { get; } = file.Find(TraceJson.OwnKey);

    /// <summary>Gets the index of the prompt in its batch.</summary>
    protected int Prompt => (Own?.Find("prompt")?.Whole(1) ?? 1) - 1;

    /// <summary>Gets the descriptions of the interventions.</summary>
    protected ImmutableArray<string> Interventions =>
        [.. Own?.Find("interventions")?.Items().Select(Text) ?? []];

    /// <summary>Gets what made the result.</summary>
    protected TraceOrigin? Origin => Own?.Find("origin") is { } origin ? OriginOf(origin) : null;

    /// <summary>Returns the texts of the tokens, at least one.</summary>
    protected string[] Names()
    {
        string[] names = [.. File["tokens"].Items().Select(token => token.Text())];
        return names.Length > 0 ? names : throw File["tokens"].Unexpected("at least one token");
    }

    /// <summary>Returns the number of tokens of the prompt.</summary>
    protected int PromptLengthOf(int count) => Own?.Find("prompt_length")?.Whole(1, count) ?? count;

    /// <summary>Returns the model.</summary>
    protected TracedModel Model() => Own?["model"] is { } model
        ? new(Text(model["name"]), model["layer_count"].Whole(0), model["head_count"].Whole(0))
        : new("unknown", 0, 0);

    /// <summary>Returns the padding mask; null if there is none.</summary>
    protected static ValueArray<int>? Mask(JsonPart options, int length) => options.Find("attention_mask") is { } mask
        ? [.. mask.Items(length).Select(entry => entry.Whole(0, 1))]
        : null;

    /// <summary>Returns the position of a path behind its target, which is no padding.</summary>
    /// <param name="place">The position.</param>
    /// <param name="last">The last one that it may be.</param>
    /// <param name="mask">The padding mask; null if there is none.</param>
    protected static int Position(JsonPart place, int last, ValueArray<int>? mask)
    {
        var position = place.Whole(0, last);
        return mask is { } entries && entries[position] == 0
            ? throw place.Unexpected("a position whose attention_mask is 1, since no path goes through padding")
            : position;
    }

    /// <summary>Returns a number that the rest of the file determines.</summary>
    protected static double Near(JsonPart place, double expected)
    {
        var number = place.Number();
        return Math.Abs(number - expected) <= Agreement * (1 + Math.Abs(expected))
            ? number
            : throw place.Unexpected(FormattableString.Invariant($"{expected} as the rest of the file says"));
    }

    /// <summary>Returns the numbers of the tokens.</summary>
    protected int[] Ids(int length) => Own?["token_ids"] is { } ids
        ? [.. ids.Items(length).Select(id => id.Whole(UnknownId))]
        : [.. Enumerable.Repeat(UnknownId, length)];

    /// <summary>Returns the tokens.</summary>
    protected ImmutableArray<TokenText> Tokens(string[] names, int[] ids)
    {
        var texts = Texts(names);
        var bytes = Bytes(texts);
        return [.. names.Select((_, position) => new TokenText(ids[position], texts[position], bytes[position]))];
    }

    /// <summary>Returns what only some positions have, ascending.</summary>
    protected IEnumerable<(int Position, JsonPart Place)> Sparse(string name, int length)
    {
        var next = 0;
        foreach (var place in Own?[name].Items() ?? [])
        {
            var position = place["position"].Whole(next, length - 1);
            next = position + 1;
            yield return (position, place);
        }
    }

    /// <summary>Returns a text, which need not be well-formed.</summary>
    protected static string Text(JsonPart place) => place.IsText
        ? place.Text()
        : string.Concat(place["utf16"].Items().Select(unit => (char)unit.Whole(0, char.MaxValue)));

    string[] Texts(string[] names)
    {
        string[] texts = [.. names];
        foreach (var (position, token) in Sparse("token_texts", names.Length))
        {
            texts[position] = Text(token["text"]);
            if (TraceJson.WellFormed(texts[position]) != names[position])
                throw token["text"].Unexpected("the text of the token");
        }

        return texts;
    }

    ImmutableArray<byte>[] Bytes(string[] texts)
    {
        ImmutableArray<byte>[] bytes = [.. Enumerable.Repeat(ImmutableArray<byte>.Empty, texts.Length)];
        foreach (var (position, token) in Sparse("token_bytes", texts.Length))
            bytes[position] = BytesOf(token["bytes"], texts[position]);
        return bytes;
    }

    /// <summary>Returns the bytes of a token, which are kept where they are no UTF-8.</summary>
    /// <param name="place">The bytes, in base64.</param>
    /// <param name="text">The text of the token, which bounds their number.</param>
    protected static ImmutableArray<byte> BytesOf(JsonPart place, string text)
    {
        ImmutableArray<byte> bytes = [.. place.As(Convert.FromBase64String, "bytes in base64")];
        place.Need(
            TokenText.Of(UnknownId, bytes.AsSpan()) is { IsPartial: true } token && token.Text == text,
            $"bytes in base64 that are no UTF-8 and show as the token, {OneLine.Quote(text)}");
        return bytes;
    }

    static TraceOrigin OriginOf(JsonPart origin) => new()
    {
        Title = origin.Find("title") is { } title ? Text(title) : null,
        Command = origin.Find("command") is { } command ? Text(command) : null,
        Version = origin.Find("version") is { } version ? Text(version) : null,
    };
}
