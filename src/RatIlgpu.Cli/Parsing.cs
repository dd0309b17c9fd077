using System.CommandLine.Parsing;

namespace RatIlgpu.Cli;

/// <summary>Reads the values of options.</summary>
static class Parsing
{
    /// <summary>Reads the value of an option; an exception of the reader becomes an error of the option.</summary>
    public static T? Read<T>(ArgumentResult result, Func<string, T> read)
    {
        try
        {
            return read(result.Tokens[0].Value);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            result.AddError(TraceSettings.MessageOf(e));
            return default;
        }
    }

    /// <summary>Reads a number with a decimal point; a comma is refused, since it could mean a decimal or a
    /// thousand.</summary>
    public static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : throw new FormatException($"'{text}' is not a number, expected one such as 0.05.");

    /// <summary>Returns the text given as an argument; null for none. A mistyped option is refused: one word that
    /// starts with a dash and does not follow <c>--</c>.</summary>
    public static string? Text(ParseResult parsed, Argument<string?> argument)
    {
        if (parsed.GetResult(argument)?.Tokens is not [var token])
            return null;
        var escaped = parsed.Tokens.SkipWhile(before => before.Type != TokenType.DoubleDash)
            .Any(after => ReferenceEquals(after, token));
        if (!escaped && token.Value is ['-', _, ..] && !token.Value.Any(char.IsWhiteSpace))
            throw new UsageException(
                $"there is no option {token.Value}; a text that starts with a dash goes after --, or to --text=.");
        return token.Value;
    }
}
