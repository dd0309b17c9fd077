namespace RatIlgpu.Text;

/// <summary>Cuts the inside of a tag into tokens.</summary>
sealed class TagLexer(string source, List<TemplateToken> tokens)
{
    // The longest first.
    static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";",
    ];

    readonly Stack<string> open = [];
    int position;
    int line;

    /// <summary>Reads a tag, and returns the place where its end starts, with its sign.</summary>
    /// <param name="start">The place behind the start of the tag.</param>
    /// <param name="startLine">Its line.</param>
    /// <param name="mark">The first character of the end: a percent sign or a brace.</param>
    /// <exception cref="TemplateException">The tag has no end, or is not well-formed.</exception>
    public int Read(int start, int startLine, char mark)
    {
        (position, line) = (start, startLine);
        open.Clear();
        while (true)
        {
            if (position >= source.Length)
                throw new TemplateException(startLine, $"the tag has no end, expected {mark}}}");
            if (open.Count == 0 && EndsHere(mark))
                return position;
            var from = position;
            ReadToken();
            line += source.AsSpan(from, position - from).Count('\n');
        }
    }

    bool EndsHere(char mark)
    {
        var signed = source[position] == '-' || (mark == '%' && source[position] == '+');
        var rest = source.AsSpan(position + (signed ? 1 : 0));
        return rest.Length > 1 && rest[0] == mark && rest[1] == '}';
    }

    void ReadToken()
    {
        var character = source[position];
        if (PythonSpace.Is(character))
            position++;
        else if (char.IsAsciiDigit(character))
            ReadNumber();
        else if (character == '_' || char.IsLetter(character))
            ReadName();
        else if (character is '\'' or '"')
            ReadText(character);
        else
            ReadOperator();
    }

    void ReadName()
    {
        var start = position;
        while (position < source.Length && (source[position] == '_' || char.IsLetterOrDigit(source[position])))
            position++;
        tokens.Add(new(TokenKind.Name, source[start..position], line));
    }

    void ReadNumber()
    {
        var start = position;
        var isPart = start > 0 && source[start - 1] == '.';
        SkipDigits();
        var isFraction = !isPart && Digit(position + 1) && source[position] == '.';
        if (isFraction)
        {
            position++;
            SkipDigits();
        }

        if (position < source.Length && (source[position] == '_' || char.IsLetter(source[position])))
            throw TemplateException.Unknown(line, $"the number that starts with '{source[start..(position + 1)]}'");
        var digits = source[start..position];
        if (!isFraction && !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw TemplateException.Unknown(line, "a whole number of more than 64 bits");
        object number = isFraction
            ? double.Parse(digits, CultureInfo.InvariantCulture)
            : (object)long.Parse(digits, CultureInfo.InvariantCulture);
        if (!isFraction && digits.Length > 1 && digits[0] == '0')
            throw TemplateException.Unknown(line, "a whole number that starts with 0");
        tokens.Add(new(TokenKind.Number, digits, line, number));
    }

    void SkipDigits()
    {
        while (Digit(position))
            position++;
    }

    bool Digit(int place) => place < source.Length && char.IsAsciiDigit(source[place]);

    void ReadText(char quote)
    {
        var start = ++position;
        while (position < source.Length && source[position] != quote)
            position += source[position] == '\\' ? 2 : 1;
        if (position >= source.Length)
            throw new TemplateException(line, $"the string that starts with {quote} has no end");
        var text = PythonEscapes.Decode(source.AsSpan(start, position - start), line);
        position++;
        tokens.Add(new(TokenKind.Text, text, line));
    }

    void ReadOperator()
    {
        var found = Array.Find(Operators, one => source.AsSpan(position).StartsWith(one))
            ?? throw new TemplateException(line, $"unexpected {Files.OneLine.Quote(source[position..(position + 1)])}");
        if (found is "(" or "[" or "{")
            open.Push(found);
        else if (found is ")" or "]" or "}")
            if (!open.TryPop(out var opening) || (opening + found) is not ("()" or "[]" or "{}"))
                throw new TemplateException(line, $"unexpected '{found}'");
        position += found.Length;
        tokens.Add(new(TokenKind.Operator, found, line));
    }
}
