using System.Buffers;

namespace RatIlgpu.Cli.Options;

/// <summary>A choice of heads: by number, in every layer that is looked at, or by name.</summary>
/// <param name="Numbers">The numbers; null where names are given.</param>
/// <param name="Names">The heads in the order given, each once; negative numbers count from the end. Empty where
/// numbers are given.</param>
sealed record HeadChoice(Selection? Numbers, ValueArray<HeadIndex> Names)
{
    static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789,:-");

    const string NameForms = "names such as L3H2 or 3.2";

    /// <summary>Reads names with commas between, such as <c>L1H0,2.3,L-1H-2</c>, each once.</summary>
    /// <exception cref="FormatException">The text has something else.</exception>
    public static ImmutableArray<HeadIndex> ParseNames(string text) => NamesIn(text, NameForms);

    /// <summary>Reads the name of one head.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static HeadIndex ParseName(string text) => ParseNames(text) is [var only]
        ? only
        : throw new FormatException($"is '{OneLine.Shorten(text)}', expected one head.");

    /// <summary>Returns the choice of a command that takes numbers and names; null where there is none.</summary>
    /// <exception cref="UsageException">The text is neither.</exception>
    public static HeadChoice? Of(HeadText? given) => given is null ? null : Read(given, text =>
        !LooksNamed(text)
            ? new(Selection.Parse(text, $"{NameForms}, or {Selection.Forms}"), [])
            : new HeadChoice(null, [.. NamesIn(text, $"{NameForms}, or {Selection.Forms}")]));

    /// <summary>Returns the numbers of a choice that leaves something out, of a command that takes numbers alone; null
    /// where all are chosen.</summary>
    /// <exception cref="UsageException">The heads are given by name, or the text is no choice.</exception>
    public static Selection? NumbersOf(HeadText? given)
    {
        if (given is null)
            return null;
        var names = given.Text.Split(',').Select(Named).ToList();
        return LooksNamed(given.Text) && names.All(name => name is not null)
            ? throw new UsageException(
                $"--heads has {names[0]}, a name; here it takes numbers such as 0,2,-1, the heads of every layer "
                + "looked at.")
            : Selection.Narrower(Read(given, Selection.Parse));
    }

    /// <summary>Returns the names of a choice, of a command that takes names alone; null where there is none.</summary>
    /// <exception cref="UsageException">The heads are given by number, or the text has no names.</exception>
    public static ValueArray<HeadIndex>? NamesOf(HeadText? given)
    {
        if (given is null)
            return null;
        return given.Text.Length > 0 && (given.Text == "all" || !given.Text.AsSpan().ContainsAnyExcept(OfNumbers))
            ? throw new UsageException(
                $"--heads is {OneLine.Shorten(given.Text)}, numbers; here it takes names such as L3H2, of any layers.")
            : [.. Read(given, ParseNames)];
    }

    static bool LooksNamed(string text) => text != "all" && text.AsSpan().IndexOfAny("LlHh.") >= 0;

    static T Read<T>(HeadText given, Func<string, T> read)
    {
        try
        {
            return read(given.Text);
        }
        catch (FormatException fault)
        {
            throw new UsageException($"--heads {fault.Message}");
        }
    }

    static ImmutableArray<HeadIndex> NamesIn(string text, string expected) =>
    [
        .. text.Split(',').Select(name => Named(name) ?? throw new FormatException(
            $"is '{OneLine.Shorten(text)}'{(name == text ? "" : $", which has a '{OneLine.Shorten(name)}'")}, "
            + $"expected {expected}.")).Distinct(),
    ];

    // Null for what is no name.
    static HeadIndex? Named(string name)
    {
        var isNamed = name.StartsWith('L') || name.StartsWith('l');
        var parts = isNamed ? name[1..].Split('H', 'h') : name.Split('.');
        return parts is [var layer, var head] && Number(layer) is { } inLayer && Number(head) is { } number
            ? new(inLayer, number)
            : null;
    }

    static int? Number(string digits) => digits is not ['+', ..] && int.TryParse(
        digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

/// <summary>What <c>--heads</c> has. Each command reads it in the forms that it takes, so that an error offers no form
/// that the command refuses.</summary>
/// <param name="Text">The text.</param>
sealed record HeadText(string Text);
