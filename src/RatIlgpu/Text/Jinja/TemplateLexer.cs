namespace RatIlgpu.Text;

/// <summary>Cuts a template into tokens, with the white space that Jinja removes where <c>trim_blocks</c> and
/// <c>lstrip_blocks</c> are set and <c>keep_trailing_newline</c> is not.</summary>
sealed class TemplateLexer
{
    readonly string source;
    readonly List<TemplateToken> tokens = [];
    readonly TagLexer tags;
    int position;
    int line = 1;
    bool lineStarts = true;

    TemplateLexer(string source) => (this.source, tags) = (source, new TagLexer(source, tokens));

    /// <summary>Returns the tokens of a template; the last one is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateException">The template is not well-formed.</exception>
    public static List<TemplateToken> Read(string template)
    {
        var source = template.Replace("\r\n", "\n").Replace('\r', '\n');
        var lexer = new TemplateLexer(source.EndsWith('\n') ? source[..^1] : source);
        while (lexer.ReadPart())
        {
        }

        lexer.tokens.Add(new(TokenKind.End, "", lexer.line));
        return lexer.tokens;
    }

    // Reads the text up to the next tag, and the tag.
    bool ReadPart()
    {
        var start = NextTag();
        if (start < 0)
        {
            AddData(source[position..]);
            return false;
        }

        var (mark, sign) = (source[start + 1], start + 2 < source.Length ? source[start + 2] : ' ');
        var text = source[position..start];
        Skip(start);
        AddData(WithoutSpace(text, mark, sign));
        position += sign is '-' or '+' ? 3 : 2;
        if (mark == '#')
            SkipComment();
        else if (mark == '%' && RawEnd() is { } raw)
            ReadRaw(raw);
        else
            ReadTag(isBlock: mark == '%');
        return true;
    }

    int NextTag()
    {
        for (var i = source.IndexOf('{', position); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '{' or '%' or '#')
                return i;
        return -1;
    }

    string WithoutSpace(string text, char mark, char sign)
    {
        if (sign == '-')
            return text[..PythonSpace.EndOfText(text)];
        var lineStart = text.LastIndexOf('\n') + 1;
        var isIndent = mark != '{' && sign != '+' && (lineStart > 0 || lineStarts);
        return isIndent && PythonSpace.EndOfText(text) <= lineStart ? text[..lineStart] : text;
    }

    void AddData(string text)
    {
        if (text.Length > 0)
            tokens.Add(new(TokenKind.Data, text, line));
    }

    void ReadTag(bool isBlock)
    {
        tokens.Add(new(isBlock ? TokenKind.BlockBegin : TokenKind.PrintBegin, isBlock ? "{%" : "{{", line));
        var end = tags.Read(position, line, isBlock ? '%' : '}');
        Skip(end);
        tokens.Add(new(isBlock ? TokenKind.BlockEnd : TokenKind.PrintEnd, isBlock ? "%}" : "}}", line));
        SkipEnd(isBlock);
    }

    void SkipComment()
    {
        var end = source.IndexOf("#}", position, StringComparison.Ordinal);
        if (end < 0)
            throw new TemplateException(line, "the comment has no end, expected #}");
        Skip(end > position && source[end - 1] is '-' or '+' ? end - 1 : end);
        SkipEnd(trims: true);
    }

    // Skips the end of a tag, and the white space that goes with it.
    void SkipEnd(bool trims)
    {
        var sign = source[position];
        Skip(position + (sign is '-' or '+' ? 3 : 2));
        var end = position;
        if (sign == '-')
            while (end < source.Length && PythonSpace.Is(source[end]))
                end++;
        else if (sign != '+' && trims && end < source.Length && source[end] == '\n')
            end++;
        lineStarts = end > position && source[end - 1] == '\n';
        Skip(end);
    }

    // Returns where the tag that starts here ends, if it is {% raw %}.
    int? RawEnd()
    {
        var word = AfterSpace(position);
        if (!source.AsSpan(word).StartsWith("raw"))
            return null;
        var end = AfterSpace(word + 3);
        return source.AsSpan(end).StartsWith("%}") || source.AsSpan(end).StartsWith("-%}") ? end : null;
    }

    void ReadRaw(int tagEnd)
    {
        var first = line;
        Skip(tagEnd);
        SkipEnd(trims: false);
        for (var i = position; ; i += 2)
        {
            i = source.IndexOf("{%", i, StringComparison.Ordinal);
            if (i < 0)
                throw new TemplateException(first, "'raw' has no end, expected {% endraw %}");
            var sign = i + 2 < source.Length ? source[i + 2] : ' ';
            var word = AfterSpace(i + (sign is '-' or '+' ? 3 : 2));
            var end = word + "endraw".Length;
            if (!source.AsSpan(word).StartsWith("endraw") || !EndsAt(end = AfterSpace(end)))
                continue;
            AddData(WithoutSpace(source[position..i], '%', sign));
            Skip(end);
            SkipEnd(trims: true);
            return;
        }
    }

    bool EndsAt(int place) =>
        source.AsSpan(place).StartsWith("%}")
        || (place < source.Length && source[place] is '-' or '+' && source.AsSpan(place + 1).StartsWith("%}"));

    int AfterSpace(int place)
    {
        while (place < source.Length && PythonSpace.Is(source[place]))
            place++;
        return Math.Min(place, source.Length);
    }

    void Skip(int end)
    {
        line += source.AsSpan(position, end - position).Count('\n');
        position = end;
    }
}
