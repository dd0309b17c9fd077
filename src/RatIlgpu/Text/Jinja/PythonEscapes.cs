namespace RatIlgpu.Text;

/// <summary>Reads the escapes of Python's strings.</summary>
static class PythonEscapes
{
    /// <summary>Returns the text that a string between its quotes stands for.</summary>
    /// <param name="quoted">The text between the quotes.</param>
    /// <param name="line">The line, for errors.</param>
    /// <exception cref="TemplateException">An escape is not complete, or not known here.</exception>
    public static string Decode(ReadOnlySpan<char> quoted, int line)
    {
        if (!quoted.Contains('\\'))
            return quoted.ToString();
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
            if (quoted[i] != '\\')
                text.Append(quoted[i]);
            else
                i += Append(quoted[(i + 1)..], text, line);
        return text.ToString();
    }

    // Appends what an escape stands for, and returns how many characters it has behind its backslash.
    static int Append(ReadOnlySpan<char> escape, StringBuilder text, int line)
    {
        var first = escape[0];
        if (Simple(first) is { } one)
            text.Append(one);
        else if (first is >= '0' and <= '7')
            return AppendOctal(escape, text);
        else if (first is 'x' or 'u' or 'U')
            return AppendHex(escape, first == 'x' ? 2 : first == 'u' ? 4 : 8, text, line);
        else if (first == 'N' || !char.IsAscii(first))
            throw TemplateException.Unknown(line, $"the escape \\{first}");
        else if (first != '\n')
            text.Append('\\').Append(first);
        return 1;
    }

    static char? Simple(char letter) => letter switch
    {
        '\\' or '\'' or '"' => letter,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        _ => null,
    };

    static int AppendOctal(ReadOnlySpan<char> escape, StringBuilder text)
    {
        var (length, code) = (0, 0);
        while (length < Math.Min(3, escape.Length) && escape[length] is >= '0' and <= '7' and var digit)
            (length, code) = (length + 1, 8 * code + digit - '0');
        text.Append((char)code);
        return length;
    }

    static int AppendHex(ReadOnlySpan<char> escape, int digits, StringBuilder text, int line)
    {
        if (escape.Length <= digits
            || !int.TryParse(escape[1..(digits + 1)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var code)
            || !Rune.IsValid(code))
            throw new TemplateException(
                line, $"the escape \\{escape[0]} has no character, expected {digits} hexadecimal digits of one");
        text.Append(new Rune(code).ToString());
        return digits + 1;
    }
}
