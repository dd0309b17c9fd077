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
        : new(null, [.. text.Split(',').Select(name => NameOf(name, text)).Distinct()]);

    /// <summary>Returns the numbers of a choice that leaves something out; null where all are chosen.</summary>
    /// <exception cref="UsageException">The heads are given by name.</exception>
    public static Selection? NumbersOf(HeadChoice? choice) => choice is { Names: [var first, ..] }
        ? throw new UsageException(
            $"--heads has {first}, a name; here it takes numbers such as 0,2,-1, the heads of every layer looked at.")
        : Selection.Narrower(choice?.Numbers);

    static HeadIndex NameOf(string name, string text)
    {
        var isNamed = name.StartsWith('L') || name.StartsWith('l');
        var parts = isNamed ? name[1..].Split('H', 'h') : name.Split('.');
        return parts is [var layer, var head] && Number(layer) is { } inLayer && Number(head) is { } number
            ? new(inLayer, number)
            : throw new FormatException(
                $"is '{OneLine.Shorten(text)}', which has a '{OneLine.Shorten(name)}', expected names such as L3H2 or "
                + "3.2, or numbers such as 0,2,-1.");
    }

    static int? Number(string digits) => digits is not ['+', ..] && int.TryParse(
        digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
