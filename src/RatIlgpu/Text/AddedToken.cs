using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>A token that a folder adds to the vocabulary, and that is cut out of texts whole.</summary>
/// <param name="File">The file that names the token, for messages.</param>
/// <param name="Content">The token's text.</param>
/// <param name="Id">The token's number.</param>
sealed record AddedToken(string File, string Content, int Id)
{
    /// <summary>Gets a value indicating whether the token is sought in the normalised text; else it is sought in the
    /// text as it stands.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Gets a value indicating whether the token is special, such as one that ends a text.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Gets a value indicating whether the token takes in the white space before it.</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Gets a value indicating whether the token takes in the white space after it.</summary>
    public bool TakesSpaceAfter { get; init; }

    /// <summary>Gets a value indicating whether the token counts only where no letter, digit or other character of a
    /// word is beside it.</summary>
    public bool StandsAlone { get; init; }

    /// <summary>Reads the entry of an added token.</summary>
    public static AddedToken Read(JsonPart entry, int id)
    {
        // Hugging Face's default of normalized: the tokens that are not special.
        var isSpecial = Flag("special", false);
        return new AddedToken(entry.File, entry["content"].Text(), id)
        {
            IsSpecial = isSpecial,
            IsNormalized = Flag("normalized", !isSpecial),
            TakesSpaceBefore = Flag("lstrip", false),
            TakesSpaceAfter = Flag("rstrip", false),
            StandsAlone = Flag("single_word", false),
        };

        bool Flag(string name, bool absent) => entry[name].OrNull?.Flag() ?? absent;
    }
}
