using System.Text.Unicode;

namespace RatIlgpu.Text;

/// <summary>A token and its text.</summary>
/// <param name="Id">The token's number in the vocabulary.</param>
/// <param name="Text">The text, with U+FFFD for bytes that are not a whole character.</param>
/// <param name="Bytes">The bytes if they are not valid UTF-8 by themselves; else empty.</param>
public sealed record TokenText(int Id, string Text, ValueArray<byte> Bytes)
{
    /// <summary>Gets a value indicating whether the token holds part of a character, which <see cref="Text"/> cannot
    /// show.</summary>
    public bool IsPartial => !Bytes.IsEmpty;

    /// <summary>Makes the text of a token's bytes.</summary>
    internal static TokenText Of(int id, ReadOnlySpan<byte> bytes) =>
        new(id, Encoding.UTF8.GetString(bytes), Utf8.IsValid(bytes) ? [] : [.. bytes]);
}
