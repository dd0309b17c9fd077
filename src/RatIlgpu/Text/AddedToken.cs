using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>A token that is added to a vocabulary and cut out of texts whole.</summary>
/// <param name="File">The file that names it, for messages.</param>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
readonly record struct AddedToken(string File, string Content, int Id)
{
    // What these ask for moves or hides the edges of a token.
    static readonly string[] Flags = ["lstrip", "rstrip", "single_word", "normalized"];

    /// <summary>Reads the entry that files have for an added token.</summary>
    /// <param name="entry">An object.</param>
    /// <param name="id">The id.</param>
    /// <exception cref="InvalidDataException">It is no such entry, or asks for more than being cut out
    /// whole.</exception>
    public static AddedToken Read(JsonPart entry, int id)
    {
        foreach (var flag in Flags)
            entry[flag].Need(!entry[flag].IsTrue, $"false: token {id} would not be cut out just as it stands");
        return new AddedToken(entry.File, entry["content"].Text(), id);
    }
}
