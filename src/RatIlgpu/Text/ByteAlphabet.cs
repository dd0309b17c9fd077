namespace RatIlgpu.Text;

/// <summary>Maps bytes to the visible characters that spell them in vocabulary files.</summary>
/// <remarks>In GPT-2's table, a byte that is a visible Latin-1 character is spelled by that character, and the others
/// in order by U+0100 and the characters after it. Radford et al., Language Models are Unsupervised Multitask Learners,
/// 2019.</remarks>
static class ByteAlphabet
{
    const char LastSpelling = '\u0143';

    static readonly char[] Spellings = MakeSpellings();
    static readonly byte[] Values = MakeValues();

    /// <summary>Returns the character that spells a byte.</summary>
    public static char Spell(byte value) => Spellings[value];

    /// <summary>Returns the characters that spell the UTF-8 bytes of a text.</summary>
    public static char[] Spell(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        var spelled = new char[bytes.Length];
        for (var i = 0; i < spelled.Length; i++)
            spelled[i] = Spellings[bytes[i]];
        return spelled;
    }

    /// <summary>Returns the bytes that characters spell; null if one of them spells no byte.</summary>
    public static byte[]? Read(string spelled)
    {
        var bytes = new byte[spelled.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (spelled[i] >= Values.Length || Spellings[Values[spelled[i]]] != spelled[i])
                return null;
            bytes[i] = Values[spelled[i]];
        }

        return bytes;
    }

    static char[] MakeSpellings()
    {
        var spellings = new char[256];
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
            spellings[value] = IsVisible((char)value) ? (char)value : next++;
        return spellings;
    }

    static bool IsVisible(char value) => value is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ');

    static byte[] MakeValues()
    {
        var values = new byte[LastSpelling + 1];
        for (var value = 0; value < 256; value++)
            values[Spellings[value]] = (byte)value;
        return values;
    }
}
