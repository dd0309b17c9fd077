namespace RatIlgpu.Text;

/// <summary>Values as Python writes them: <c>str()</c> and, within lists and dictionaries, <c>repr()</c>.</summary>
static class PythonText
{
    /// <summary>Returns the text of a value.</summary>
    /// <exception cref="TemplateException">It has none that is the same in every run.</exception>
    public static string Of(TemplateRun run, object? value)
    {
        switch (value)
        {
            case string text:
                return text;
            case SafeText safe:
                return safe.Text;
            case Undefined:
                return "";
            default:
                var written = new StringBuilder();
                Write(run, value, written);
                return written.ToString();
        }
    }

    /// <summary>Returns a number as Python writes it.</summary>
    public static string Of(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        if (number == 0)
            return double.IsNegative(number) ? "-0.0" : "0.0";
        var (digits, exponent) = Shortest(Math.Abs(number));
        var sign = number < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e"
                + $"{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        var whole = digits.Length > exponent + 1 ? digits[..(exponent + 1)] : digits.PadRight(exponent + 1, '0');
        var rest = digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0";
        return $"{sign}{whole}.{rest}";
    }

    /// <summary>Returns the name of the kind of a value, for messages.</summary>
    public static string TypeOf(object? value) => value switch
    {
        null => "none",
        bool => "a truth value",
        long => "a whole number",
        double => "a number",
        string => "a text",
        SafeText => "a text marked as safe",
        Sequence { Kind: SequenceKind.List } => "a list",
        Sequence { Kind: SequenceKind.Tuple } => "a tuple",
        Sequence { Kind: SequenceKind.Range } => "a range",
        Sequence => "a view of a dictionary",
        Mapping => "a dictionary",
        Undefined => "undefined",
        TemplateIterator => "an iterator",
        TemplateNamespace => "a namespace",
        LoopState => "the loop",
        Macro => "a macro",
        _ => "a function",
    };

    static void Write(TemplateRun run, object? value, StringBuilder text)
    {
        run.Step();
        switch (value)
        {
            case string inner:
                AppendQuoted(run, inner, text);
                break;
            case double number:
                Append(run, Of(number), text);
                break;
            case Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                Write(run, sequence, text);
                break;
            case Mapping mapping:
                Write(run, mapping, text);
                break;
            default:
                Append(run, Word(run, value), text);
                break;
        }
    }

    static string Word(TemplateRun run, object? value) => value switch
    {
        null => "None",
        true => "True",
        false => "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        Undefined => "Undefined",
        Macro macro => $"<Macro {Quoted(run, macro.Definition.Name)}>",
        _ => throw run.Unknown($"the text of {TypeOf(value)}"),
    };

    static void Write(TemplateRun run, Sequence sequence, StringBuilder text)
    {
        var isList = sequence.Kind == SequenceKind.List;
        Append(run, isList ? "[" : "(", text);
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            Append(run, i == 0 ? "" : ", ", text);
            Write(run, sequence.Items[i], text);
        }

        Append(run, isList ? "]" : sequence.Items.Count == 1 ? ",)" : ")", text);
    }

    static void Write(TemplateRun run, Mapping mapping, StringBuilder text)
    {
        var separator = "{";
        foreach (var (key, value) in mapping.Entries)
        {
            Append(run, separator, text);
            Write(run, key, text);
            Append(run, ": ", text);
            Write(run, value, text);
            separator = ", ";
        }

        Append(run, mapping.Count == 0 ? "{}" : "}", text);
    }

    static void Append(TemplateRun run, string part, StringBuilder text)
    {
        run.Charge(part.Length);
        text.Append(part);
    }

    static string Quoted(TemplateRun run, string text)
    {
        var quoted = new StringBuilder(text.Length + 2);
        AppendQuoted(run, text, quoted);
        return quoted.ToString();
    }

    static void AppendQuoted(TemplateRun run, string text, StringBuilder quoted)
    {
        run.Charge(text.Length);
        var before = quoted.Length;
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        quoted.Append(quote);
        foreach (var rune in text.EnumerateRunes())
            Append(quoted, rune, quote);
        quoted.Append(quote);
        run.Charge(quoted.Length - before);
    }

    static void Append(StringBuilder quoted, Rune rune, char quote) => _ = rune.Value switch
    {
        '\n' => quoted.Append(@"\n"),
        '\r' => quoted.Append(@"\r"),
        '\t' => quoted.Append(@"\t"),
        '\\' => quoted.Append(@"\\"),
        _ when rune.Value == quote => quoted.Append('\\').Append(quote),
        _ when IsPrintable(rune) && rune.IsBmp => quoted.Append((char)rune.Value),
        _ when IsPrintable(rune) => quoted.Append(rune.ToString()),
        <= 0xFF => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
        <= 0xFFFF => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
        _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
    };

    static bool IsPrintable(Rune rune) => rune.Value == ' '
        || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    // The fewest digits that give the number back, without zeros at the ends, and the power of ten of the first.
    static (string Digits, int Exponent) Shortest(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var end = text.IndexOf('E') is > 0 and var mark ? mark : text.Length;
        var exponent = end < text.Length ? int.Parse(text.AsSpan(end + 1), CultureInfo.InvariantCulture) : 0;
        var mantissa = text[..end];
        var point = mantissa.IndexOf('.') is > 0 and var place ? place : mantissa.Length;
        var digits = mantissa.Replace(".", "");
        var zeros = digits.Length - digits.TrimStart('0').Length;
        return (digits.Trim('0'), exponent + point - 1 - zeros);
    }
}
