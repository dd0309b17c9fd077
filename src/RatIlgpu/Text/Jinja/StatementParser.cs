namespace RatIlgpu.Text;

/// <summary>Reads the statements of a template.</summary>
sealed partial class StatementParser
{
    // Published templates nest 8 deep.
    const int MostNested = 50;

    readonly TokenReader reader;
    readonly ExpressionParser expressions;
    int nested;
    // How many loops a break or a continue could belong to.
    int loops;

    StatementParser(List<TemplateToken> tokens)
    {
        reader = new TokenReader(tokens);
        expressions = new ExpressionParser(reader);
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">The template is not well-formed, or has a construct that is not known
    /// here.</exception>
    public static ScopedBody Read(string template)
    {
        var parser = new StatementParser(TemplateLexer.Read(template));
        var body = new ScopedBody(parser.ReadBody([]));
        NameScopes.Find(body);
        return body;
    }

    // Reads statements up to one of the tags that may end them, whose name is read next.
    ImmutableArray<TemplateStatement> ReadBody(string[] ends)
    {
        var first = reader.Current.Line;
        if (++nested > MostNested)
            throw new TemplateException(first, $"more than {MostNested} statements lie in each other");
        var body = ImmutableArray.CreateBuilder<TemplateStatement>();
        while (reader.Current.Kind != TokenKind.End)
        {
            var token = reader.Take();
            if (token.Kind == TokenKind.BlockBegin && reader.Current.Kind == TokenKind.Name
                && ends.Contains(reader.Current.Text))
            {
                nested--;
                return body.ToImmutable();
            }

            body.Add(ReadPart(token));
        }

        return ends is []
            ? body.ToImmutable()
            : throw new TemplateException(
                first, $"the statement has no end, expected {string.Join(" or ", ends.Select(end => $"'{end}'"))}");
    }

    TemplateStatement ReadPart(TemplateToken token)
    {
        if (token.Kind == TokenKind.Data)
            return new PlainText(token.Line, token.Text);
        if (token.Kind == TokenKind.PrintBegin)
        {
            var value = expressions.ReadTuple();
            reader.Need(TokenKind.PrintEnd, "'}}'");
            return new Print(token.Line, value);
        }

        var statement = ReadStatement(reader.Need(TokenKind.Name, "the name of a statement"));
        EndTag();
        return statement;
    }

    TemplateStatement ReadStatement(TemplateToken name) => name.Text switch
    {
        "if" => ReadIf(name.Line),
        "for" => ReadFor(name.Line),
        "set" => ReadSet(name.Line),
        "macro" => ReadMacro(name.Line),
        "call" => ReadCall(name.Line),
        "filter" => ReadFilterBlock(name.Line),
        "with" => ReadWith(name.Line),
        "generation" => new Generation(name.Line, ReadBlock("endgeneration")),
        "break" or "continue" when loops == 0 =>
            throw new TemplateException(name.Line, $"'{name.Text}' stands in no loop"),
        "break" => new Break(name.Line),
        "continue" => new Continue(name.Line),
        _ => throw TokenReader.Unknown(name, "statement"),
    };

    If ReadIf(int line)
    {
        var branches = ImmutableArray.CreateBuilder<(TemplateExpression, ImmutableArray<TemplateStatement>)>();
        while (true)
        {
            var test = expressions.ReadTuple(hasChoice: false);
            EndHead();
            branches.Add((test, ReadBody(["elif", "else", "endif"])));
            switch (reader.Take().Text)
            {
                case "endif":
                    return new If(line, branches.ToImmutable(), []);
                case "else":
                    EndHead();
                    var rest = ReadBody(["endif"]);
                    reader.Take();
                    return new If(line, branches.ToImmutable(), rest);
            }
        }
    }

    For ReadFor(int line)
    {
        var target = ReadTarget(isLoop: true);
        if (!reader.SkipName("in"))
            throw reader.Unexpected("'in'");
        var items = expressions.ReadTuple(hasChoice: false);
        var filter = reader.SkipName("if") ? expressions.Read() : null;
        if (reader.IsName("recursive"))
            throw TokenReader.Unknown(reader.Current, "a loop that is");
        EndHead();
        loops++;
        var body = new ScopedBody(ReadBody(["endfor", "else"]));
        loops--;
        var rest = new ScopedBody([]);
        if (reader.Take().Text == "else")
        {
            EndHead();
            rest = new ScopedBody(ReadBody(["endfor"]));
            reader.Take();
        }

        return new For(line, target, items, filter, body, rest);
    }

    TemplateStatement ReadSet(int line)
    {
        var target = ReadTarget(isLoop: false);
        if (reader.Skip("="))
            return new Set(line, target, expressions.ReadTuple());
        return new SetBlock(line, target, ReadFilters(), ReadBlock("endset"));
    }

    FilterBlock ReadFilterBlock(int line)
    {
        var first = expressions.ReadFilter(null);
        return new FilterBlock(line, [first, .. ReadFilters()], ReadBlock("endfilter"));
    }

    With ReadWith(int line)
    {
        var values = ImmutableArray.CreateBuilder<(AssignmentTarget, TemplateExpression)>();
        while (reader.Current.Kind == TokenKind.Name)
        {
            var target = ReadOneTarget(isLoop: true);
            reader.Need("=");
            values.Add((target, expressions.Read()));
            if (!reader.Skip(","))
                break;
        }

        return new With(line, values.ToImmutable(), ReadBlock("endwith"));
    }

    ImmutableArray<Filtered> ReadFilters()
    {
        var filters = ImmutableArray.CreateBuilder<Filtered>();
        while (reader.Skip("|"))
            filters.Add(expressions.ReadFilter(null));
        return filters.ToImmutable();
    }

    // Reads the body of a block that no break can leave.
    ScopedBody ReadBlock(string end)
    {
        EndHead();
        var outer = loops;
        loops = 0;
        var body = new ScopedBody(ReadBody([end]));
        loops = outer;
        reader.Take();
        return body;
    }

    // A colon may end the head of a statement, as in Python.
    void EndHead()
    {
        reader.Skip(":");
        EndTag();
    }

    void EndTag() => reader.Need(TokenKind.BlockEnd, "'%}'");
}
