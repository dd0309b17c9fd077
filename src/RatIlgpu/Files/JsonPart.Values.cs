using System.Globalization;
using System.Text.Json;

namespace RatIlgpu.Files;

readonly partial struct JsonPart
{
    /// <summary>Returns the value as text.</summary>
    /// <exception cref="InvalidDataException">The value is not text, or is text with half a surrogate
    /// pair.</exception>
    public string Text()
    {
        Need(IsText, "text");
        return TextOrNull() ?? throw Unexpected("well-formed Unicode");
    }

    /// <summary>Returns the value as a whole number in [least, most].</summary>
    /// <exception cref="InvalidDataException">The value is not such a number.</exception>
    public int Whole(int least, int most = int.MaxValue) =>
        WholeOrNull() is { } number && number >= least && number <= most
            ? number
            : throw Unexpected(FormattableString.Invariant($"a whole number from {least:N0} to {most:N0}"));

    /// <summary>Returns the value as a finite number.</summary>
    /// <exception cref="InvalidDataException">The value is not such a number.</exception>
    public double Number() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Unexpected("a number");

    /// <summary>Returns the value as a number in [least, most].</summary>
    /// <exception cref="InvalidDataException">The value is not such a number.</exception>
    public double Number(double least, double most)
    {
        var number = Number();
        return number >= least && number <= most
            ? number
            : throw Unexpected(FormattableString.Invariant($"a number from {least} to {most}"));
    }

    /// <summary>Returns the value as true or false.</summary>
    /// <exception cref="InvalidDataException">The value is neither.</exception>
    public bool Flag()
    {
        Need(element.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false");
        return IsTrue;
    }

    /// <summary>Returns what the value, which is text, stands for.</summary>
    /// <exception cref="InvalidDataException">The value is not text, or <paramref name="parse"/> throws a
    /// <see cref="FormatException"/> at it.</exception>
    public T As<T>(Func<string, T> parse, string expected)
    {
        try
        {
            return parse(Text());
        }
        catch (FormatException)
        {
            throw Unexpected(expected);
        }
    }

    /// <summary>Tells whether the value is this text.</summary>
    public bool Is(string text) => TextOrNull() == text;

    /// <summary>Refuses the value unless it is this text.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void Need(string text) => Need(Is(text), OneLine.Quote(text));

    /// <summary>Refuses the value unless it is this whole number.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void Need(int number) => Need(WholeOrNull() == number, FormattableString.Invariant($"{number}"));

    /// <summary>Refuses the value unless it is written out as false.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public void NeedFalse() => Need(element.ValueKind == JsonValueKind.False, "false");

    /// <summary>Refuses the value unless a condition holds.</summary>
    /// <exception cref="InvalidDataException">It does not hold.</exception>
    public void Need(bool holds, string expected)
    {
        if (!holds)
            throw Unexpected(expected);
    }

    /// <summary>Returns the exception that says that the value is not what is expected.</summary>
    public InvalidDataException Unexpected(string expected) =>
        new($"{File}: {Name} is {Found()}, expected {expected}.");

    int? WholeOrNull() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) ? number : null;

    // A file is parsed without a look at what its texts hold: half a surrogate pair shows only here.
    string? TextOrNull()
    {
        try
        {
            return IsText ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    string Found() => element.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => string.Create(CultureInfo.InvariantCulture, $"a list of {element.GetArrayLength()}"),
        JsonValueKind.String => TextOrNull() is { } text ? OneLine.Quote(text) : "text with half a surrogate pair",
        _ => OneLine.Shorten(element.GetRawText()),
    };
}
