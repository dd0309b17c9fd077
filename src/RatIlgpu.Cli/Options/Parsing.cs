using System.CommandLine.Parsing;
using System.Numerics;

namespace RatIlgpu.Cli.Options;

/// <summary>Reads the values of options.</summary>
static class Parsing
{
    /// <summary>Reads the value of an option; an exception of the reader becomes an error of the option.</summary>
    public static object? Read(ArgumentResult result, string option, Func<string, object?> read)
    {
        try
        {
            return read(result.Tokens[0].Value);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            var fault = OptionNames.MessageOf(e);
            result.AddError(fault.StartsWith("--", StringComparison.Ordinal) ? fault : $"{option} {fault}");
            return null;
        }
    }

    /// <summary>Reads a finite number with a decimal point; a comma is refused, since it could mean a decimal or a
    /// thousand.</summary>
    public static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : throw new FormatException($"is '{text}', expected a number such as 0.05.");

    /// <summary>Returns a reader of finite numbers in a range.</summary>
    /// <param name="least">The least number allowed.</param>
    /// <param name="most">The largest number allowed.</param>
    /// <param name="expected">The range in words.</param>
    public static Func<string, double> Number(double least, double most, string expected) => text =>
        Number(text) is var number && number >= least && number <= most
            ? number
            : throw new FormatException($"is {text}, expected {expected}.");

    /// <summary>Returns a reader of whole numbers in a range.</summary>
    public static Func<string, int> Whole(int least, int most = int.MaxValue) => text =>
    {
        if (!BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"is '{OneLine.Shorten(text)}', expected a whole number.");
        return number >= least && number <= most
            ? (int)number
            : throw new FormatException(
                $"is {OneLine.Shorten(text)}, expected "
                + (most == int.MaxValue && number < least ? $"{least} or more." : $"{least} to {most}."));
    };

    /// <summary>Returns a reader of an optional value.</summary>
    public static Func<string, T?> Maybe<T>(Func<string, T> read)
        where T : struct => text => read(text);

    /// <summary>Reads the name of a file or folder.</summary>
    public static Func<string, string> Name(string what) => text => text.Length > 0
        ? text
        : throw new FormatException($"is empty, expected {what}.");

    /// <summary>Reads the name of a file that is no text, which standard output does not take.</summary>
    public static string BinaryFile(string text) => text switch
    {
        "" => throw new FormatException("is empty, expected a file."),
        "-" => throw new FormatException("is a dash, expected a file: standard output takes text only."),
        _ => text,
    };

    /// <summary>Reads whole numbers with commas between, such as token ids; square brackets may stand around them, as
    /// JSON and programs print a list.</summary>
    public static ImmutableArray<int> Wholes(string text)
    {
        var list = text.Trim();
        if (list is ['[', .., ']'])
            list = list[1..^1].Trim();
        if (list.Length == 0)
            throw new FormatException("is empty, expected whole numbers with commas between, such as 12,7,9.");
        return
        [
            .. list.Split(',').Select(part =>
                int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw new FormatException(
                        $"is '{OneLine.Shorten(text)}', which has a '{OneLine.Shorten(part)}', expected whole numbers "
                        + "with commas between, such as 12,7,9.")),
        ];
    }

    /// <summary>Reads one digit for each token: 1 for a token, 0 for padding.</summary>
    public static ImmutableArray<int> Mask(string text)
    {
        foreach (var digit in text)
            if (digit is not ('0' or '1'))
                throw new FormatException(
                    $"is '{OneLine.Shorten(text)}', which has a '{OneLine.Shorten($"{digit}")}', expected only the "
                    + "digits 0 and 1.");
        return text.Length > 0
            ? [.. text.Select(digit => digit - '0')]
            : throw new FormatException("is empty, expected one digit for each token, such as 0011.");
    }

    /// <summary>Reads names of heads, or <c>all</c>, which is an empty list.</summary>
    public static ImmutableArray<HeadIndex> HeadsOrAll(string text) =>
        text == "all" ? [] : HeadChoice.ParseNames(text);
}
