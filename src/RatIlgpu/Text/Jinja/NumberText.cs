namespace RatIlgpu.Text;

/// <summary>Reads numbers as the filters <c>int</c> and <c>float</c> do.</summary>
static class NumberText
{
    /// <summary>Returns a value as a whole number, or another value where it is none.</summary>
    /// <exception cref="TemplateException">The number is too large, or has another base.</exception>
    public static object? Whole(TemplateRun run, object? value, object? other, long numberBase)
    {
        if (numberBase != 10)
            throw run.Unknown("filter 'int' with another base than 10");
        Operators.NeedDefined(run, value);
        if (value is string text && WholeOrNull(run, text) is { } whole)
            return whole;
        if (Operators.WholeOrNull(value) is { } number)
            return number;
        return Fractional(run, value) is { } fractional && double.IsFinite(fractional)
            ? Math.Abs(fractional) < long.MaxValue ? (long)fractional : throw TooLarge(run)
            : other;
    }

    /// <summary>Returns a value as a number, or null where it is none.</summary>
    /// <exception cref="TemplateException">The text has digits that are not known here.</exception>
    public static double? Fractional(TemplateRun run, object? value)
    {
        Operators.NeedDefined(run, value);
        if (value is not string text)
            return Operators.NumberOrNull(value);
        var digits = Plain(run, text);
        return double.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
            | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && digits.Any(char.IsAsciiDigit) ? number
            : digits.TrimStart('+', '-').ToLowerInvariant() is "inf" or "infinity" or "nan"
                ? throw run.Unknown("filter 'float' of a text that is no finite number")
                : null;
    }

    static long? WholeOrNull(TemplateRun run, string text)
    {
        var digits = Plain(run, text);
        var isWhole = digits.AsSpan(digits is ['+' or '-', ..] ? 1 : 0) is { Length: > 0 } rest
            && !rest.ContainsAnyExceptInRange('0', '9');
        return !isWhole ? null
            : long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw TooLarge(run);
    }

    // The text without the white space at its ends, and without the underscores that may stand between digits.
    static string Plain(TemplateRun run, string text)
    {
        text = TextMethods.Strip(run, text, null);
        if (text.Any(character => !char.IsAscii(character) && char.IsDigit(character)))
            throw run.Unknown("a number whose digits are not ASCII");
        return text.Contains('_')
            ? throw run.Unknown("a number with underscores")
            : text;
    }

    static TemplateException TooLarge(TemplateRun run) => run.Unknown("a whole number of more than 64 bits");
}
