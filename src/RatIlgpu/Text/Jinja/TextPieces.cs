namespace RatIlgpu.Text;

/// <summary>Splits texts.</summary>
static class TextPieces
{
    /// <summary>Splits a text at another.</summary>
    /// <param name="run">The rendering.</param>
    /// <param name="text">The text.</param>
    /// <param name="separator">The text between the pieces.</param>
    /// <param name="most">At how many places it is split at most.</param>
    /// <param name="fromEnd">True to take the last of these places.</param>
    public static List<object?> At(TemplateRun run, string text, string separator, long most, bool fromEnd)
    {
        List<object?> pieces = [];
        var (start, end) = (0, text.Length);
        while (pieces.Count < most)
        {
            run.Step();
            var rest = text.AsSpan(start, end - start);
            var place = fromEnd ? rest.LastIndexOf(separator) : rest.IndexOf(separator);
            if (place < 0)
                break;
            pieces.Add(fromEnd ? rest[(place + separator.Length)..].ToString() : rest[..place].ToString());
            (start, end) = fromEnd ? (start, start + place) : (start + place + separator.Length, end);
        }

        pieces.Add(text[start..end]);
        if (fromEnd)
            pieces.Reverse();
        return pieces;
    }

    /// <summary>Splits a text at its white space, of which none is left between the pieces or at the ends.</summary>
    /// <inheritdoc cref="At"/>
    public static List<object?> AtSpace(TemplateRun run, string text, long most, bool fromEnd)
    {
        List<object?> pieces = [];
        var (start, end) = Trim(text, 0, text.Length, true, true);
        while (start < end)
        {
            run.Step();
            var rest = text.AsSpan(start, end - start);
            var place = pieces.Count == most ? -1 : SpaceIn(rest, fromEnd);
            if (place < 0)
            {
                pieces.Add(rest.ToString());
                break;
            }

            pieces.Add(fromEnd ? rest[(place + 1)..].ToString() : rest[..place].ToString());
            (start, end) = fromEnd ? (start, start + place) : (start + place, end);
            (start, end) = Trim(text, start, end, atStart: !fromEnd, atEnd: fromEnd);
        }

        if (fromEnd)
            pieces.Reverse();
        return pieces;
    }

    static int SpaceIn(ReadOnlySpan<char> text, bool fromEnd)
    {
        for (var i = 0; i < text.Length; i++)
            if (PythonSpace.Is(text[fromEnd ? text.Length - 1 - i : i]))
                return fromEnd ? text.Length - 1 - i : i;
        return -1;
    }

    static (int Start, int End) Trim(string text, int start, int end, bool atStart, bool atEnd)
    {
        while (atStart && start < end && PythonSpace.Is(text[start]))
            start++;
        while (atEnd && start < end && PythonSpace.Is(text[end - 1]))
            end--;
        return (start, end);
    }
}
