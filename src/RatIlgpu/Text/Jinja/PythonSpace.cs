namespace RatIlgpu.Text;

/// <summary>White space as Python has it.</summary>
static class PythonSpace
{
    /// <summary>Tells whether Python counts a character as white space.</summary>
    public static bool Is(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    /// <summary>Returns the place behind the last character that is no white space.</summary>
    public static int EndOfText(ReadOnlySpan<char> text)
    {
        var end = text.Length;
        while (end > 0 && Is(text[end - 1]))
            end--;
        return end;
    }
}
