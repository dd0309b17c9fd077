namespace RatIlgpu.Properties;

/// <summary>Changes that damage a text, applied in order.</summary>
/// <param name="Changes">The kind of each change, its place, and a number for it; all numbers are valid.</param>
public sealed partial record Damage(IReadOnlyList<(int Kind, int Where, int What)> Changes)
{
    static readonly byte[][] Words =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"x\":", "null", "true", "\"\"", "\\ud800", "-1", "0", "1", "1.5",
            "1e400", "2147483648", "9223372036854775807", "18446744073709551616", "[[[[[[[[", "/**/",
            "\"dtype\":\"F32\",",
            "\"shape\":[4294967296],", "\"data_offsets\":[0,0],", "\"__metadata__\":{},", "\"head_dim\":3,",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    static readonly byte[][] Numbers =
    [
        .. new[]
        {
            "0", "1", "-1", "2", "7", "8", "16777216", "2147483647", "2147483648", "9223372036854775807", "1e300",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Returns a text with these changes.</summary>
    public byte[] Apply(byte[] text)
    {
        foreach (var (kind, where, what) in Changes)
            if (text.Length > 0)
                text = Change(text, kind, where % text.Length, what);
        return text;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Changes);

    static byte[] Change(byte[] text, int kind, int at, int what)
    {
        var end = Math.Min(at + what % 24 + 1, text.Length);
        switch (kind)
        {
            case 0:
                return [.. text[..at], (byte)(text[at] ^ 1 << what % 8), .. text[(at + 1)..]];
            case 1:
                return text[..at];
            case 2:
                return [.. text[..at], .. text[end..]];
            case 3:
                return [.. text[..end], .. text[at..]];
            case 4:
                return [.. text[..at], .. Words[what % Words.Length], .. text[at..]];
            case 5:
                return [.. text[..at], .. Words[what % Words.Length], .. text[end..]];
            default:
                return AnotherNumber(text, at, what);
        }
    }

    // Replaces the next number of the text by another one, so that the text stays JSON.
    static byte[] AnotherNumber(byte[] text, int at, int what)
    {
        var start = Array.FindIndex(text, at, character => char.IsAsciiDigit((char)character));
        if (start < 0)
            return text;
        var end = Array.FindIndex(text, start, character => !char.IsAsciiDigit((char)character));
        return [.. text[..start], .. Numbers[what % Numbers.Length], .. end < 0 ? [] : text[end..]];
    }
}
