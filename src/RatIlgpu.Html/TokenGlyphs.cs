using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Makes tokens and names visible, including spaces, control characters and parts of characters.</summary>
static class TokenGlyphs
{
    /// <summary>The character that is shown for a space.</summary>
    public const char Space = '·';

    // In code units. A family of emoji with skin tones has 19; a letter with a thousand accents is an attack.
    const int LongestCluster = 32;

    // In code units: a black flag, five tags and the end of the tags, two each.
    const int LongestFlag = 14;

    /// <summary>Returns the visible text of a token.</summary>
    public static string Show(TokenText token, int length)
    {
        if (token.IsPartial)
            return $"⟨{string.Join(' ', token.Bytes.Take(length).Select(part => $"{part:X2}"))}⟩";
        return token.Text.Length == 0 ? "∅" : Show(token.Text, length, Space);
    }

    /// <summary>Returns the visible text of a name or a sentence from a file; spaces stay spaces.</summary>
    public static string Line(string text, int length) => Show(text, length, ' ');

    static string Show(string text, int length, char space)
    {
        var shown = new StringBuilder();
        var clusters = StringInfo.GetTextElementEnumerator(text);
        for (var count = 0; clusters.MoveNext(); count++)
        {
            if (count == length)
                return shown.Append('…').ToString();
            var cluster = clusters.GetTextElement();
            if (cluster.Length > LongestCluster)
                Append(shown, cluster[..LongestCluster], space).Append('…');
            else
                Append(shown, cluster, space);
        }

        return shown.ToString();
    }

    // A joiner inside an emoji stays; a space with an accent is still shown as a space.
    static StringBuilder Append(StringBuilder shown, string cluster, char space)
    {
        var isHidden = cluster.EnumerateRunes().All(IsInvisible);
        var before = default(Rune);
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (isHidden || IsNoCharacter(rune) || CarriesText(cluster, before, rune))
                shown.Append(Name(rune, space));
            else
                shown.Append(rune);
            before = rune;
        }

        return shown;
    }

    // XML forbids the last two code points of each plane, with or without an accent.
    static bool IsNoCharacter(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)
        || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    // A letter or an emoji needs one selector or joiner; several in a row can hide text. Tags can hide text too, except
    // in the flag of a region, which is a black flag with five tags.
    static bool CarriesText(string cluster, Rune before, Rune rune) =>
        (IsTag(rune) && !(cluster.StartsWith("🏴", StringComparison.Ordinal) && cluster.Length <= LongestFlag))
        || (IsSelector(rune) && (IsSelector(before) || IsJoiner(before)))
        || (IsJoiner(rune) && IsJoiner(before));

    static bool IsTag(Rune rune) => rune.Value is >= 0xE0000 and <= 0xE007F;

    static bool IsSelector(Rune rune) => rune.Value is >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF;

    static bool IsJoiner(Rune rune) => rune.Value is 0x200C or 0x200D;

    static string Name(Rune rune, char space) => rune.Value switch
    {
        ' ' => space.ToString(),
        '\n' => "↵",
        '\t' => "⇥",
        '\r' => "␍",
        _ => $"⟨{rune.Value:X4}⟩",
    };

    static bool IsInvisible(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
