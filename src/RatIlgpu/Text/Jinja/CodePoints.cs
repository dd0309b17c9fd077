namespace RatIlgpu.Text;

/// <summary>Texts as Python counts them: by characters of Unicode, of which some are two of .NET's.</summary>
static class CodePoints
{
    /// <summary>Returns the number of characters.</summary>
    public static int Count(string text)
    {
        var count = text.Length;
        var rest = text.AsSpan();
        while (rest.IndexOfAnyInRange('\uDC00', '\uDFFF') is >= 0 and var place)
        {
            count--;
            rest = rest[(place + 1)..];
        }

        return count;
    }

    /// <summary>Returns the characters, each as a text.</summary>
    public static IEnumerable<string> Of(string text)
    {
        for (var i = 0; i < text.Length; i += char.IsHighSurrogate(text[i]) ? 2 : 1)
            yield return At(text, i);
    }

    /// <summary>Returns the place in .NET's text at which a character starts.</summary>
    public static int PlaceOf(string text, int index)
    {
        var place = 0;
        for (; index > 0; index--)
            place += char.IsHighSurrogate(text[place]) ? 2 : 1;
        return place;
    }

    /// <summary>Returns the character that starts at a place.</summary>
    public static string At(string text, int place) =>
        text.Substring(place, char.IsHighSurrogate(text[place]) ? 2 : 1);

    /// <summary>Compares two texts by the numbers of their characters.</summary>
    public static int Compare(string one, string other)
    {
        var place = one.AsSpan().CommonPrefixLength(other);
        if (place == one.Length || place == other.Length)
            return one.Length.CompareTo(other.Length);
        // The surrogates lie below the last characters of the basic plane.
        var (left, right) = (one[place], other[place]);
        return char.IsSurrogate(left) != char.IsSurrogate(right)
            ? char.IsSurrogate(left) ? 1 : -1
            : left.CompareTo(right);
    }
}
