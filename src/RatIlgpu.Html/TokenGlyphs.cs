using System.Globalization;
using System.Text;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Shows tokens so that each can be seen, also blanks, controls and parts of characters.</summary>
static class TokenGlyphs
{
    /// <summary>What stands for a space.</summary>
    public const char Space = '·';

    // Families of emoji with skin tones have 19 code units; a letter under a thousand accents is an attack.
    const int LongestCluster = 32;

    /// <summary>Returns the visible text of a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="length">How many characters are shown at most, as a reader counts them.</param>
    public static string Show(TokenText token, int length)
    {
        if (token.IsPartial)
            return $"⟨{string.Join(' ', token.Bytes.Take(length).Select(part => $"{part:X2}"))}⟩";
        if (token.Text.Length == 0)
            return "∅";
        var shown = new StringBuilder();
        var clusters = StringInfo.GetTextElementEnumerator(token.Text);
        for (var count = 0; clusters.MoveNext(); count++)
        {
            if (count == length)
                return shown.Append('…').ToString();
            var cluster = clusters.GetTextElement();
            if (cluster.Length > LongestCluster)
                Append(shown, cluster[..LongestCluster]).Append('…');
            else
                Append(shown, cluster);
        }

        return shown.ToString();
    }

    // A joiner inside an emoji is part of what is seen; a space under an accent is still a space.
    static StringBuilder Append(StringBuilder shown, string cluster)
    {
        var isHidden = cluster.EnumerateRunes().All(IsInvisible);
        foreach (var rune in cluster.EnumerateRunes())
            if (isHidden || Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || IsNoCharacter(rune))
                shown.Append(Name(rune));
            else
                shown.Append(rune);
        return shown;
    }

    static string Name(Rune rune) => rune.Value switch
    {
        ' ' => Space.ToString(),
        '\n' => "↵",
        '\t' => "⇥",
        '\r' => "␍",
        _ => $"⟨{rune.Value:X4}⟩",
    };

    // What Unicode keeps from ever being a character; of two of them no XML, and so no drawing, may hold any.
    static bool IsNoCharacter(Rune rune) =>
        (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    static bool IsInvisible(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
