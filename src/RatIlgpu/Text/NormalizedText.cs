using System.Globalization;
using System.Text;

namespace RatIlgpu.Text;

/// <summary>A normalised text, such as one in Unicode's form C, and where each part of it was before.</summary>
/// <remarks>Unicode Standard Annex #15.</remarks>
sealed class NormalizedText
{
    // Characters below the first combining mark are the same in form C, whatever stands around them.
    const char LastStable = '\u02FF';

    const int MostMarks = 10_000;

    // Without ICU, .NET returns text as it is instead of normalising it.
    static readonly bool CanNormalize = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    // In the order of the text; the last one is empty and marks both ends.
    readonly Piece[] pieces;

    NormalizedText(string text, params Piece[] pieces) => (Text, this.pieces) = (text, pieces);

    /// <summary>Gets the normalised text; every surrogate in it has its other half.</summary>
    public string Text { get; }

    /// <summary>Normalises a text; half a surrogate pair becomes U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="compose">Whether to bring it to form C.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need it and this process cannot.</exception>
    public static NormalizedText Of(string text, bool compose) => Of(text, compose, CanNormalize);

    /// <summary>Normalises a text in another way; half a surrogate pair becomes U+FFFD first.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="normalize">Normalises a whole text, or a character of one.</param>
    public static NormalizedText Of(string text, Func<string, string> normalize)
    {
        var source = WellFormed(text);
        var whole = normalize(source);
        return whole == source ? Unchanged(source) : Align(source, whole, normalize);
    }

    /// <summary>Normalises a text in a process that can, or cannot, bring it to form C.</summary>
    internal static NormalizedText Of(string text, bool compose, bool canNormalize) =>
        compose ? Of(text, part => Compose(part, canNormalize)) : Unchanged(WellFormed(text));

    /// <summary>Brings text to form C if this process can.</summary>
    /// <param name="text">Every surrogate has its other half.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need it and this process cannot.</exception>
    public static string Compose(string text) => Compose(text, CanNormalize);

    /// <summary>Brings text to form C.</summary>
    /// <param name="text">Every surrogate has its other half.</param>
    /// <exception cref="ArgumentException">A character has more marks than any writing has.</exception>
    public static string FormC(string text)
    {
        if (FirstUnstable(text) < 0)
            return text;
        NeedFewMarks(text);

        // .NET refuses U+FFFE, which is no character and composes with none.
        var parts = text.Split('\uFFFE').Select(part => part.Normalize(NormalizationForm.FormC));
        return string.Join('\uFFFE', parts);
    }

    // Sorting the marks of one character takes ICU time that grows with their square.
    static void NeedFewMarks(string text)
    {
        var marks = 0;
        foreach (var character in text)
        {
            var isMark = char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark;
            marks = isMark ? marks + 1 : 0;
            if (marks > MostMarks)
                throw new ArgumentException(
                    $"A character of the text has more than {MostMarks} combining marks, expected a few.");
        }
    }

    /// <summary>Returns where a part of <see cref="Text"/> was before; part of a changed piece was all of it.</summary>
    /// <param name="start">Where the part starts.</param>
    /// <param name="end">Where it ends, after <paramref name="start"/>.</param>
    public TextRange Source(int start, int end)
    {
        var (first, last) = (PieceAt(start), PieceAt(end - 1));
        var from = pieces[first].Changed ? pieces[first].Source : pieces[first].Source + start - pieces[first].Start;
        var to = pieces[last].Changed ? pieces[last + 1].Source : pieces[last].Source + end - pieces[last].Start;
        return new TextRange(from, to - from);
    }

    static NormalizedText Unchanged(string text) =>
        new(text, new Piece(0, 0, Changed: false), new Piece(text.Length, text.Length, Changed: false));

    // Characters compose within a grapheme cluster, never across its ends.
    static NormalizedText Align(string source, string whole, Func<string, string> normalize)
    {
        var text = new StringBuilder(source.Length);
        var pieces = new List<Piece>();
        int length;
        for (var at = 0; at < source.Length; at += length)
        {
            length = StringInfo.GetNextTextElementLength(source, at);
            var cluster = source.Substring(at, length);
            var composed = normalize(cluster);
            var changed = composed != cluster;
            if (changed || pieces.Count == 0 || pieces[^1].Changed)
                pieces.Add(new Piece(text.Length, at, changed));
            text.Append(composed);
        }

        // A newer ICU may know compositions that this runtime's clusters do not, and another way of normalising may see
        // more than a cluster: right ids, coarse ranges.
        if (!text.Equals(whole))
            pieces = [new Piece(0, 0, Changed: true)];
        pieces.Add(new Piece(whole.Length, source.Length, Changed: false));
        return new NormalizedText(whole, [.. pieces]);
    }

    static string Compose(string text, bool canNormalize)
    {
        var unstable = FirstUnstable(text);
        if (unstable < 0)
            return text;
        if (!canNormalize)
            throw new PlatformNotSupportedException(
                $"Tokenizer: the text has U+{(int)text[unstable]:X4} at {unstable}, and this process cannot "
                + "normalise Unicode: install ICU (libicu) and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.");
        return FormC(text);
    }

    static int FirstUnstable(string text) => text.AsSpan().IndexOfAnyExceptInRange('\0', LastStable);

    static string WellFormed(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        return string.Create(text.Length, text, static (units, source) =>
        {
            source.CopyTo(units);
            for (var i = 0; i < units.Length; i++)
                if (char.IsHighSurrogate(units[i]) && i + 1 < units.Length && char.IsLowSurrogate(units[i + 1]))
                    i++;
                else if (char.IsSurrogate(units[i]))
                    units[i] = '\uFFFD';
        });
    }

    int PieceAt(int position)
    {
        var (low, high) = (0, pieces.Length - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = pieces[middle].Start <= position ? (middle, high) : (low, middle);
        }

        return low;
    }

    readonly record struct Piece(int Start, int Source, bool Changed);
}
