namespace RatIlgpu.Text;

/// <summary>Writes values as Python's <c>json.dumps</c> does, which Hugging Face puts in the place of Jinja's own
/// <c>tojson</c>: nothing is escaped for HTML.</summary>
sealed class JsonText
{
    readonly TemplateRun run;
    readonly StringBuilder text = new();

    /// <summary>Gets whether characters that are not ASCII are escaped.</summary>
    public required bool IsAscii { get; init; }

    /// <summary>Gets the white space of one level; null to write one line.</summary>
    public required string? Indent { get; init; }

    /// <summary>Gets the text between items.</summary>
    public required string Comma { get; init; }

    /// <summary>Gets the text between a key and its value.</summary>
    public required string Colon { get; init; }

    /// <summary>Gets whether keys are sorted.</summary>
    public required bool SortsKeys { get; init; }

    /// <summary>Starts a text.</summary>
    public JsonText(TemplateRun run) => this.run = run;

    /// <summary>Returns the JSON of a value.</summary>
    /// <exception cref="TemplateException">JSON has no form for it.</exception>
    public string Of(object? value)
    {
        Write(value, 0);
        return text.ToString();
    }

    void Write(object? value, int level)
    {
        run.Step();
        switch (value)
        {
            case string or SafeText:
                Quote(PythonText.Of(run, value));
                break;
            case Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                Write('[', sequence.Items, level, item => Write(item, level + 1), ']');
                break;
            case Mapping mapping:
                Write('{', Ordered(mapping), level, entry => Write(entry, level + 1), '}');
                break;
            default:
                Append(Word(value));
                break;
        }
    }

    void Write<T>(char open, IReadOnlyCollection<T> items, int level, Action<T> write, char close)
    {
        Append(open.ToString());
        var isFirst = true;
        foreach (var item in items)
        {
            Append(isFirst ? "" : Comma);
            Break(level + 1);
            write(item);
            isFirst = false;
        }

        if (!isFirst)
            Break(level);
        Append(close.ToString());
    }

    void Write((string Key, object? Value) entry, int level)
    {
        Quote(entry.Key);
        Append(Colon);
        Write(entry.Value, level);
    }

    (string Key, object? Value)[] Ordered(Mapping mapping)
    {
        var entries = mapping.Entries;
        if (SortsKeys)
            entries = Operators.Sorted(run, entries, entry => entry.Key);
        return [.. entries.Select(entry => (entry.Key as string ?? Word(entry.Key), entry.Value))];
    }

    string Word(object? value) => value switch
    {
        null => "null",
        true => "true",
        false => "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double.NaN => "NaN",
        double number when double.IsInfinity(number) => number > 0 ? "Infinity" : "-Infinity",
        double number => PythonText.Of(number),
        _ => throw run.Fault($"{PythonText.TypeOf(value)} has no form in JSON"),
    };

    void Break(int level)
    {
        if (Indent is null)
            return;
        run.Charge(1 + (long)level * Indent.Length);
        text.Append('\n').Insert(text.Length, Indent, level);
    }

    void Quote(string value)
    {
        run.Charge(6L * value.Length + 2);
        text.Append('"');
        foreach (var character in value)
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                '\f' => text.Append(@"\f"),
                '\b' => text.Append(@"\b"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                > '~' when IsAscii => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        text.Append('"');
    }

    void Append(string part)
    {
        run.Charge(part.Length);
        text.Append(part);
    }
}
