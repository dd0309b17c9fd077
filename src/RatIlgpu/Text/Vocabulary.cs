using System.Text.Json;
using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Holds the bytes of each token.</summary>
sealed class Vocabulary
{
    /// <summary>The largest id a token may have: every id below the largest takes memory.</summary>
    public const int LargestId = (1 << 22) - 1;

    // The tokens' bytes, in the order in which the tokens were added; for each id the start and length of its token
    // among them. No token starts at 0: a start of 0 marks an id without a token.
    byte[] bytes = new byte[1 << 12];
    int[] starts = [], lengths = [];
    int used = 1;

    /// <summary>Gets one past the largest id.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the bytes of a token; an id without a token has none.</summary>
    public ReadOnlySpan<byte> this[int id] =>
        (uint)id < (uint)Count ? bytes.AsSpan(starts[id], lengths[id]) : [];

    /// <summary>Adds a token; returns false if the id already has one. Ids go from 0 to
    /// <see cref="LargestId"/>.</summary>
    public bool TryAdd(int id, ReadOnlySpan<byte> token)
    {
        if (id >= starts.Length)
        {
            Array.Resize(ref starts, Math.Max(id + 1, starts.Length * 2));
            Array.Resize(ref lengths, starts.Length);
        }

        if (starts[id] != 0)
            return false;
        if (token.Length > bytes.Length - used)
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + token.Length));
        token.CopyTo(bytes.AsSpan(used));
        (starts[id], lengths[id]) = (used, token.Length);
        used += token.Length;
        Count = Math.Max(Count, id + 1);
        return true;
    }
}

/// <summary>Collects the tokens of a vocabulary and throws if they contradict each other.</summary>
/// <param name="file">The file that has the tokens, for messages.</param>
/// <param name="read">Returns the bytes that a spelling stands for.</param>
sealed class VocabularyBuilder(string file, Func<string, byte[]> read)
{
    // The ids of the added tokens by their texts.
    readonly Dictionary<string, int> added = [];

    /// <summary>Gets the tokens' bytes.</summary>
    public Vocabulary Vocabulary { get; } = new();

    /// <summary>Gets the tokens' ids by their spellings, without the added tokens.</summary>
    public Dictionary<string, int> Ids { get; } = [];

    /// <summary>Makes the builder of a byte-level vocabulary. A token with a character that spells no byte stands for
    /// its text; no word becomes that token.</summary>
    public static VocabularyBuilder ByteLevel(string file) =>
        new(file, spelling => ByteAlphabet.Read(spelling) ?? Encoding.UTF8.GetBytes(spelling));

    /// <summary>Adds the members of an object, each the spelling of a token and its id.</summary>
    public void AddSpelled(JsonPart members)
    {
        members.Need(members.IsObject, "an object");
        AddSpelled(members.Raw, () => members);
    }

    /// <summary>Adds the members of an object without parsing it into a document, which halves the time.</summary>
    /// <param name="json">The object, UTF-8, with or without a byte order mark.</param>
    /// <param name="parse">Parses the object into a document; called only if something is wrong with the
    /// object.</param>
    /// <exception cref="InvalidDataException">The text is not such an object, a token is empty, or an id is out of
    /// range or taken.</exception>
    public void AddSpelled(ReadOnlySpan<byte> json, Func<JsonPart> parse)
    {
        var reader = new Utf8JsonReader(json.StartsWith(Encoding.UTF8.Preamble) ? json[3..] : json);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                AddSpelled(ref reader, parse);
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
                throw parse().Unexpected("an object of ids");
        }
        catch (Exception fault)
            when (fault is JsonException or InvalidOperationException or ArgumentException or InvalidDataException)
        {
            // A fault of the whole text, such as a missing end, comes before one of a token.
            var whole = parse();
            if (fault is InvalidDataException)
                throw;
            throw whole.Unexpected("an object of ids");
        }
    }

    /// <summary>Adds an added token, which the vocabulary may have already.</summary>
    public void Add(AddedToken token)
    {
        if (token.Content.Length == 0)
            throw Refusal.Of(token.File, $"the added token {token.Id} is empty, expected text.");
        if (IdOf(token.Content) is not { } known)
        {
            Add(token.File, token.Content, Encoding.UTF8.GetBytes(token.Content), token.Id);
            added.Add(token.Content, token.Id);
        }
        else if (known != token.Id)
            throw Refusal.Of(
                token.File,
                $"the added token {Refusal.Quote(token.Content)} has id {token.Id}, but also id {known}.");
    }

    /// <summary>Returns the id of a token by its spelling, or of an added token by its text; null for none.</summary>
    public int? IdOf(string content) =>
        Ids.TryGetValue(content, out var id) || added.TryGetValue(content, out id) ? id : null;

    /// <summary>Throws unless every byte has a token.</summary>
    public void CheckBytes()
    {
        for (var value = 0; value < 256; value++)
            if (!Ids.ContainsKey(ByteAlphabet.Spell((byte)value).ToString()))
                throw Refusal.Of(file, $"has no token for byte {value}, expected one for each byte.");
    }

    void AddSpelled(ref Utf8JsonReader reader, Func<JsonPart> parse)
    {
        var spelling = reader.GetString()!;
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id))
            id = -1;
        if (id is < 0 or > Vocabulary.LargestId)
            id = parse()[spelling].Whole(0, Vocabulary.LargestId);
        if (spelling.Length == 0)
            throw Refusal.Of(file, $"token {id} is empty, expected text.");
        Ids.Add(spelling, id);
        Add(file, spelling, read(spelling), id);
    }

    void Add(string from, string text, byte[] bytes, int id)
    {
        if (Vocabulary.TryAdd(id, bytes))
            return;
        var other = Refusal.Quote(Encoding.UTF8.GetString(Vocabulary[id]));
        throw Refusal.Of(from, $"token {Refusal.Quote(text)} has id {id}, but so has {other}.");
    }
}
