using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;

namespace RatIlgpu.Text;

/// <summary>What one token stands for.</summary>
/// <param name="Id">The token's number in the vocabulary.</param>
/// <param name="Text">The text; U+FFFD where the bytes are not a whole character.</param>
/// <param name="Bytes">The bytes, when they are not valid UTF-8 by themselves; else empty.</param>
public sealed record TokenText(int Id, string Text, ImmutableArray<byte> Bytes)
{
    /// <summary>Gets whether the token is part of a character, so that <see cref="Text"/> does not show all of it.
    /// </summary>
    public bool IsPartial => !Bytes.IsEmpty;

    /// <summary>Makes the text of a token's bytes.</summary>
    internal static TokenText Of(int id, ReadOnlySpan<byte> bytes) =>
        new(id, Encoding.UTF8.GetString(bytes), Utf8.IsValid(bytes) ? [] : [.. bytes]);

    /// <summary>Tells whether both are the same token.</summary>
    public bool Equals(TokenText? other) =>
        other is not null && Id == other.Id && Text == other.Text && Bytes.AsSpan().SequenceEqual(other.Bytes.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Text);
}
