namespace RatIlgpu.Cli.Options;

/// <summary>A choice of heads: by number, in every layer that is looked at, or by name.</summary>
/// <param name="Numbers">The numbers; null where names are given.</param>
/// <param name="Names">The heads in the order given, each once; negative numbers count from the end. Empty where
/// numbers are given.</param>
sealed record HeadChoice(Selection? Numbers, ValueArray<HeadIndex> Names)
{
    /// <summary>Reads numbers such as <c>0,2,-1</c>, or names such as <c>L3H2</c> or <c>3.2</c>.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static HeadChoice Parse(string text) => text.AsSpan().IndexOfAny("LlHh.") < 0 || text == "all"
        ? new(Selection.Parse(text), [])
        : new(null, [.. NamesIn(text, "names such as L3H2 or 3.2, or numbers such as 0,2,-1")]);

    /// <summary>Reads names with commas between, such as <c>L1H0,2.3,L-1H-2</c>, each once.</summary>
    /// <exception cref="FormatException">The text has something else.</exception>
    public static ImmutableArray<HeadIndex> ParseNames(string text) => NamesIn(text, "names such as L3H2 or 3.2");

    /// <summary>Reads the name of one head.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static HeadIndex ParseName(string text) => ParseNames(text) is [var only]
        ? only
        : throw new FormatException($"is '{OneLine.Shorten(text)}', expected one head.");

    /// <summary>Returns the numbers of a choice that leaves something out; null where all are chosen.</summary>
    /// <exception cref="UsageException">The heads are given by name.</exception>
    public static Selection? NumbersOf(HeadChoice? choice) => choice is { Names: [var first, ..] }
        ? throw new UsageException(
            $"--heads has {first}, a name; here it takes numbers such as 0,2,-1, the heads of every layer looked at.")
        : Selection.Narrower(choice?.Numbers);

    static ImmutableArray<HeadIndex> NamesIn(string text, string expected) =>
        [.. text.Split(',').Select(name => NameOf(name, text, expected)).Distinct()];

    static HeadIndex NameOf(string name, string text, string expected)
    {
        var isNamed = name.StartsWith('L') || name.StartsWith('l');
        var parts = isNamed ? name[1..].Split('H', 'h') : name.Split('.');
        return parts is [var layer, var head] && Number(layer) is { } inLayer && Number(head) is { } number
            ? new(inLayer, number)
            : throw new FormatException(
                $"is '{OneLine.Shorten(text)}'{(name == text ? "" : $", which has a '{OneLine.Shorten(name)}'")}, "
                + $"expected {expected}.");
    }

    static int? Number(string digits) => digits is not ['+', ..] && int.TryParse(
        digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
