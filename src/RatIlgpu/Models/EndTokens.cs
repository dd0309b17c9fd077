using RatIlgpu.Files;

namespace RatIlgpu.Models;

/// <summary>Reads the field <c>eos_token_id</c>, which two files of a checkpoint may have.</summary>
static class EndTokens
{
    /// <summary>Returns the tokens that end a text, each once; null where the field is absent or null.</summary>
    /// <exception cref="InvalidDataException">The field is neither a token nor a list of tokens.</exception>
    public static ValueArray<int>? Read(JsonPart field)
    {
        if (field.IsMissing)
            return null;
        JsonPart[] tokens = field.IsList ? field.Items() : [field];
        // Some programs write -1 where they mean none, which no token of Hugging Face's generate ever equals.
        return [.. tokens.Where(token => !token.Is(-1)).Select(token => token.Whole(0)).Distinct()];
    }
}
