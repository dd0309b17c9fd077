namespace RatIlgpu.Html;

/// <summary>Leaves out of a script the comments and the blanks that mean nothing. Texts, patterns and the parts of a
/// template stay as they are, and every line stays a line, so that the place of an error can be found.</summary>
/// <remarks>A slash starts a pattern unless a value stands before it, which ends with a name, a number, a text or a
/// closing bracket: a condition in parentheses cannot be followed by a pattern.</remarks>
ref struct DenseScript(ReadOnlySpan<char> script)
{
    // Beside each other with nothing between, they would mean something else: ++, --, //, /*, <!--, -->, </script.
    static readonly string[] Apart = ["++", "--", "//", "/*", "<!", "->", "</"];

    // Words after which a value is still to come.
    static readonly HashSet<string> Expecting =
        ["return", "typeof", "case", "in", "of", "await", "yield", "void", "delete", "else", "do", "new", "throw"];

    readonly ReadOnlySpan<char> script = script;
    readonly StringBuilder dense = new(script.Length);
    int at;
    bool isApart;
    ReadOnlySpan<char> last;

    public static string Of(ReadOnlySpan<char> script) => new DenseScript(script).Read();

    string Read()
    {
        while (at < script.Length)
        {
            var rest = script[at..];
            if (rest[0] == '\n')
                Break();
            else if (char.IsWhiteSpace(rest[0]))
                Skip(1);
            else if (rest.StartsWith("//"))
                Skip(LengthTo(rest, "\n"));
            else if (rest.StartsWith("/*"))
                Skip(LengthTo(rest[2..], "*/") + 4);
            else
                Write(rest[..LengthOf(rest)]);
        }

        return dense.ToString();
    }

    void Skip(int count)
    {
        at += count;
        isApart = true;
    }

    void Break()
    {
        // No blank begins or ends a line.
        if (dense.Length > 0 && dense[^1] != '\n')
            dense.Append('\n');
        at++;
        isApart = false;
    }

    void Write(ReadOnlySpan<char> part)
    {
        // A word after a pattern would be its flags.
        var isPattern = last is ['/', _, ..];
        if (isApart && dense.Length > 0 && dense[^1] != '\n'
            && (NeedsBlank(dense[^1], part[0]) || (isPattern && IsWord(part[0]))))
            dense.Append(' ');
        // A brace ends a statement, and a list needs no comma at its end.
        if (part is "}" && dense.Length > 1 && dense[^1] == '\n' && (last is ";" or ","))
            dense.Remove(dense.Length - 2, 1);
        dense.Append(part);
        last = part;
        at += part.Length;
        isApart = false;
    }

    readonly int LengthOf(ReadOnlySpan<char> rest) => rest[0] switch
    {
        '\'' or '"' => LengthOfText(rest),
        '`' => LengthOfTemplate(rest),
        '/' when !EndsValue() => LengthOfPattern(rest),
        var first when IsWord(first) => LengthOfWord(rest),
        _ => 1,
    };

    readonly bool EndsValue() =>
        !last.IsEmpty && (last[^1] is ')' or ']' or '}' or '\'' or '"' or '`'
            || (IsWord(last[^1]) && !Expecting.Contains(last.ToString())));

    static bool NeedsBlank(char before, char after) =>
        (IsWord(before) && IsWord(after)) || (char.IsAsciiDigit(before) && after == '.')
        || Array.Exists(Apart, pair => pair[0] == before && pair[1] == after);

    static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '$' or '#' or '\\' or > '\x7f';

    static int LengthOfWord(ReadOnlySpan<char> rest)
    {
        var length = 1;
        while (length < rest.Length && IsWord(rest[length]))
            length++;
        return length;
    }

    static int LengthOfText(ReadOnlySpan<char> rest)
    {
        var length = 1;
        while (rest[length] != rest[0])
            length += rest[length] == '\\' ? 2 : 1;
        return length + 1;
    }

    // With the flags, which are a word.
    static int LengthOfPattern(ReadOnlySpan<char> rest)
    {
        var (length, isInClass) = (1, false);
        for (; rest[length] != '/' || isInClass; length++)
            if (rest[length] == '\\')
                length++;
            else if (rest[length] is '[' or ']')
                isInClass = rest[length] == '[';
        while (++length < rest.Length && char.IsAsciiLetter(rest[length]))
        {
        }

        return length;
    }

    static int LengthOfTemplate(ReadOnlySpan<char> rest)
    {
        var length = 1;
        while (rest[length] != '`')
            if (rest[length..].StartsWith("${"))
                length += 2 + LengthOfHole(rest[(length + 2)..]);
            else
                length += rest[length] == '\\' ? 2 : 1;
        return length + 1;
    }

    // Up to the brace that ends it, and with it.
    static int LengthOfHole(ReadOnlySpan<char> rest)
    {
        var length = 0;
        for (var open = 1; open > 0;)
        {
            open += rest[length] switch { '{' => 1, '}' => -1, _ => 0 };
            length += rest[length] switch
            {
                '`' => LengthOfTemplate(rest[length..]),
                '\'' or '"' => LengthOfText(rest[length..]),
                _ => 1,
            };
        }

        return length;
    }

    static int LengthTo(ReadOnlySpan<char> rest, string mark) => rest.IndexOf(mark) is var found and >= 0
        ? found
        : rest.Length;
}
