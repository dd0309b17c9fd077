using System.Text;
using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Collects the tokens of a vocabulary, and refuses those that contradict each other.</summary>
/// <param name="file">The file that spells the tokens, for messages.</param>
sealed class VocabularyBuilder(string file)
{
    /// <summary>The largest id a token may have: some memory is taken for every id below the largest.</summary>
    public const int LargestId = (1 << 22) - 1;

    readonly Dictionary<string, int> ids = [];
    readonly List<byte[]?> tokens = [];

    /// <summary>Gets one past the largest id.</summary>
    public int Count => tokens.Count;

    /// <summary>Adds the members of an object, each the spelling of a token and its id.</summary>
    /// <exception cref="InvalidDataException">A token is empty or spells no bytes, or an id is none or is
    /// taken.</exception>
    public void AddSpelled(JsonPart members)
    {
        foreach (var (spelling, value) in members.Members())
        {
            var bytes = ByteAlphabet.Read(spelling);
            if (bytes is null or [])
                throw Refusal.Of(
                    file, $"token {Refusal.Quote(spelling)} spells no bytes, expected the byte-level alphabet.");
            var id = value.Whole(0, LargestId);
            ids.Add(spelling, id);
            Place(file, spelling, bytes, id);
        }
    }

    /// <summary>Adds a special token.</summary>
    /// <exception cref="InvalidDataException">It is empty, or its id or its text is taken.</exception>
    public void AddSpecial(AddedToken token)
    {
        var (from, content, id) = token;
        var bytes = Encoding.UTF8.GetBytes(content);
        var spelling = string.Concat(bytes.Select(ByteAlphabet.Spell));
        if (bytes.Length == 0)
            throw Refusal.Of(from, $"the added token {id} is empty, expected text.");
        if (ids.TryAdd(spelling, id))
            Place(from, content, bytes, id);
        else if (ids[spelling] != id)
            throw Refusal.Of(
                from, $"the added token {Refusal.Quote(content)} has id {id}, but also id {ids[spelling]}.");
    }

    /// <summary>Returns the id of a token by its spelling, or -1.</summary>
    public int Find(ReadOnlySpan<char> spelling) =>
        ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(spelling, out var id) ? id : -1;

    /// <summary>Returns the tokens of the 256 bytes.</summary>
    /// <exception cref="InvalidDataException">One is missing.</exception>
    public int[] Bytes()
    {
        var bytes = new int[256];
        for (var value = 0; value < bytes.Length; value++)
            if ((bytes[value] = Find([ByteAlphabet.Spell((byte)value)])) < 0)
                throw Refusal.Of(file, $"has no token for byte {value}, expected one for each byte.");
        return bytes;
    }

    /// <summary>Returns the vocabulary.</summary>
    public Vocabulary Build() => new(tokens);

    void Place(string from, string text, byte[] bytes, int id)
    {
        while (tokens.Count <= id)
            tokens.Add(null);
        if (tokens[id] is { } taken)
        {
            var other = Refusal.Quote(Encoding.UTF8.GetString(taken));
            throw Refusal.Of(from, $"token {Refusal.Quote(text)} has id {id}, but so has {other}.");
        }

        tokens[id] = bytes;
    }
}
