namespace RatIlgpu.Text;

/// <summary>Holds a normalised text, such as one in Unicode's form C, and maps its parts to the text before
/// normalisation.</summary>
/// <remarks>Unicode Standard Annex #15, with the characters of Unicode 9 (<see cref="UnicodeNine"/>).</remarks>
sealed class NormalizedText
{
    // Form C leaves characters below the first combining mark unchanged in every context.
    const char LastStable = '\u02FF';

    const int MostMarks = 10_000;

    // Without ICU, .NET returns texts without normalising them.
    static readonly bool CanNormalize = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    // In the order of the text. The last piece is empty and marks the ends of both texts.
    readonly Piece[] pieces;

    NormalizedText(string text, params Piece[] pieces) => (Text, this.pieces) = (text, pieces);

    /// <summary>Gets the normalised text, in which every surrogate is half of a pair.</summary>
    public string Text { get; }

    /// <summary>Normalises a text, to form C if it is to be composed; a surrogate without its other half becomes
    /// U+FFFD.</summary>
    public static NormalizedText Of(string text, bool compose) => Of(text, compose, CanNormalize);

    /// <summary>Normalises a text in another way, which may be given the whole text or one grapheme cluster; first, a
    /// surrogate without its other half becomes U+FFFD.</summary>
    public static NormalizedText Of(string text, Func<string, string> normalize)
    {
        var source = WellFormed(text);
        var whole = normalize(source);
        return whole == source ? Unchanged(source) : Align(source, whole, normalize);
    }

    /// <summary>Normalises a text as a process with or without ICU does.</summary>
    internal static NormalizedText Of(string text, bool compose, bool canNormalize) =>
        compose ? Of(text, part => Compose(part, canNormalize)) : Unchanged(WellFormed(text));

    /// <summary>Brings a text to form C, or throws if the process runs without ICU.</summary>
    public static string Compose(string text) => Compose(text, CanNormalize);

    /// <summary>Brings a text to the form C of Unicode 9.</summary>
    /// <param name="text">Any text in which every surrogate is half of a pair.</param>
    /// <exception cref="ArgumentException">A character has more than 10,000 combining marks.</exception>
    public static string FormC(string text)
    {
        if (FirstUnstable(text) < 0)
            return text;
        NeedFewMarks(text);
        var composed = new StringBuilder(text.Length);
        int start = 0, at = 0;
        foreach (var character in text.EnumerateRunes())
        {
            if (UnicodeNine.IsInert(character))
            {
                // U+FFFE is inert, at which .NET throws.
                composed.Append(FormCOfPart(text[start..at])).Append(text, at, character.Utf16SequenceLength);
                start = at + character.Utf16SequenceLength;
            }

            at += character.Utf16SequenceLength;
        }

        return composed.Append(FormCOfPart(text[start..])).ToString();
    }

    static string FormCOfPart(string part) =>
        FirstUnstable(part) < 0 ? part : part.Normalize(NormalizationForm.FormC);

    // ICU sorts the marks of a character in time that grows with the square of their number.
    static void NeedFewMarks(string text)
    {
        var marks = 0;
        foreach (var character in text.EnumerateRunes())
        {
            var isMark = Rune.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            marks = isMark ? marks + 1 : 0;
            if (marks > MostMarks)
                throw new ArgumentException(
                    $"A character of the text has more than {MostMarks} combining marks, expected a few.");
        }
    }

    /// <summary>Returns the text after one more character, which was not in the text before normalisation; an empty
    /// text stays empty.</summary>
    public NormalizedText After(char first) => Text.Length == 0 ? this : new NormalizedText(
        first + Text,
        [new Piece(0, 0, Changed: true), .. pieces.Select(piece => piece with { Start = piece.Start + 1 })]);

    /// <summary>Returns the range that a part of <see cref="Text"/> had before normalisation. A part of a changed
    /// grapheme cluster has the range of the whole cluster. The part is not empty.</summary>
    /// <param name="start">The part's first UTF-16 unit.</param>
    /// <param name="end">The unit after its last.</param>
    /// <param name="offset">Where the text begins in a longer one, in which the range is.</param>
    public TextRange Source(int start, int end, int offset = 0)
    {
        var (first, last) = (PieceAt(start), PieceAt(end - 1));
        var from = pieces[first].Changed ? pieces[first].Source : pieces[first].Source + start - pieces[first].Start;
        var to = pieces[last].Changed ? pieces[last + 1].Source : pieces[last].Source + end - pieces[last].Start;
        return new TextRange(offset + from, to - from);
    }

    static NormalizedText Unchanged(string text) =>
        new(text, new Piece(0, 0, Changed: false), new Piece(text.Length, text.Length, Changed: false));

    // Characters compose only within a grapheme cluster.
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

        // The runtime's clusters may be older than ICU's compositions, and another way of normalising may look beyond a
        // cluster. Then the whole text is one changed piece: the ids are right, the ranges coarse.
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

    /// <summary>Returns a text of the same length in which a surrogate without its other half is U+FFFD.</summary>
    public static string WellFormed(string text)
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
