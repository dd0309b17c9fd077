namespace RatIlgpu.Text;

/// <summary>Reads expressions, with the precedences of Jinja.</summary>
sealed partial class ExpressionParser(TokenReader reader)
{
    /// <summary>Gets the names that have been read.</summary>
    public HashSet<string> Names { get; } = [];

    /// <summary>Reads an expression, or several with commas between them as a tuple.</summary>
    /// <param name="hasChoice">True where <c>a if b else c</c> may stand.</param>
    /// <param name="mayBeEmpty">True where no expression at all is an empty tuple.</param>
    /// <exception cref="TemplateException">There is none.</exception>
    public TemplateExpression ReadTuple(bool hasChoice = true, bool mayBeEmpty = false)
    {
        var line = reader.Current.Line;
        var items = ImmutableArray.CreateBuilder<TemplateExpression>();
        while (!EndsTuple)
        {
            items.Add(hasChoice ? Read() : ReadOr());
            if (!reader.Skip(","))
                return items is [var one] ? one : new ListOf(line, items.ToImmutable(), SequenceKind.Tuple);
        }

        return items.Count > 0 || mayBeEmpty
            ? new ListOf(line, items.ToImmutable(), SequenceKind.Tuple)
            : throw reader.Unexpected("an expression");
    }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="TemplateException">There is none.</exception>
    public TemplateExpression Read()
    {
        var depth = reader.Depth;
        reader.Deepen();
        var value = ReadOr();
        while (reader.IsName("if"))
        {
            reader.Deepen();
            var line = reader.Take().Line;
            var test = ReadOr();
            value = new Choice(line, test, value, reader.SkipName("else") ? Read() : null);
        }

        reader.Depth = depth;
        return value;
    }

    /// <summary>Reads an expression without a choice.</summary>
    public TemplateExpression ReadOr() => ReadChain(ReadAnd, () => reader.IsName("or"));

    bool EndsTuple =>
        reader.Current.Kind is TokenKind.PrintEnd or TokenKind.BlockEnd || reader.IsOperator(")");

    TemplateExpression ReadAnd() => ReadChain(ReadNot, () => reader.IsName("and"));

    TemplateExpression ReadNot()
    {
        if (!reader.IsName("not"))
            return ReadComparison();
        var depth = reader.Depth;
        reader.Deepen();
        var not = new Unary(reader.Take().Line, "not", ReadNot());
        reader.Depth = depth;
        return not;
    }

    TemplateExpression ReadComparison()
    {
        var line = reader.Current.Line;
        var first = ReadSum();
        var rest = ImmutableArray.CreateBuilder<(string, TemplateExpression)>();
        while (ComparisonOperator() is { } found)
            rest.Add((found, ReadSum()));
        return rest.Count == 0 ? first : new Comparison(line, first, rest.ToImmutable());
    }

    string? ComparisonOperator()
    {
        if (reader.Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" })
            return reader.Take().Text;
        if (reader.SkipName("in"))
            return "in";
        if (!reader.IsName("not") || reader.Following is not { Kind: TokenKind.Name, Text: "in" })
            return null;
        reader.Take();
        reader.Take();
        return "not in";
    }

    TemplateExpression ReadSum() => ReadChain(ReadJoined, () => reader.IsOperator("+") || reader.IsOperator("-"));

    TemplateExpression ReadJoined()
    {
        var line = reader.Current.Line;
        var first = ReadProduct();
        if (!reader.IsOperator("~"))
            return first;
        var operands = ImmutableArray.CreateBuilder<TemplateExpression>();
        operands.Add(first);
        while (reader.Skip("~"))
            operands.Add(ReadProduct());
        return new Joined(line, operands.ToImmutable());
    }

    TemplateExpression ReadProduct() => ReadChain(
        ReadPower,
        () => reader.IsOperator("*") || reader.IsOperator("/") || reader.IsOperator("//") || reader.IsOperator("%"));

    // Jinja counts a ** b ** c from the left, and -a ** b as (-a) ** b.
    TemplateExpression ReadPower() => ReadChain(() => ReadUnary(hasFilters: true), () => reader.IsOperator("**"));

    // Reads operands with operators between them, from the left.
    TemplateExpression ReadChain(Func<TemplateExpression> operand, Func<bool> isOperator)
    {
        var depth = reader.Depth;
        var left = operand();
        while (isOperator())
        {
            reader.Deepen();
            var found = reader.Take();
            left = new Binary(found.Line, found.Text, left, operand());
        }

        reader.Depth = depth;
        return left;
    }

    TemplateExpression ReadUnary(bool hasFilters)
    {
        var depth = reader.Depth;
        reader.Deepen();
        var isSigned = reader.IsOperator("-") || reader.IsOperator("+");
        var token = reader.Current;
        var value = isSigned
            ? new Unary(reader.Take().Line, token.Text, ReadUnary(hasFilters: false))
            : ReadPrimary();
        value = ReadPostfix(value);
        value = hasFilters ? ReadFilters(value) : value;
        reader.Depth = depth;
        return value;
    }

    TemplateExpression ReadPrimary()
    {
        var token = reader.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ReadName();
            case TokenKind.Text:
                return new Literal(token.Line, ReadTexts());
            case TokenKind.Number:
                return new Literal(token.Line, reader.Take().Number);
            case TokenKind.Operator when token.Text == "(":
                reader.Take();
                var inside = ReadTuple(mayBeEmpty: true);
                reader.Need(")");
                return inside;
            case TokenKind.Operator when token.Text == "[":
                return ReadList();
            case TokenKind.Operator when token.Text == "{":
                return ReadMapping();
            default:
                throw reader.Unexpected("an expression");
        }
    }

    TemplateExpression ReadName()
    {
        var token = reader.Take();
        Names.Add(token.Text);
        return token.Text switch
        {
            "true" or "True" => new Literal(token.Line, true),
            "false" or "False" => new Literal(token.Line, false),
            "none" or "None" => new Literal(token.Line, null),
            _ => new NameUse(token.Line, token.Text),
        };
    }

    // Strings that follow each other are one.
    string ReadTexts()
    {
        var text = reader.Take().Text;
        if (reader.Current.Kind != TokenKind.Text)
            return text;
        var all = new StringBuilder(text);
        while (reader.Current.Kind == TokenKind.Text)
            all.Append(reader.Take().Text);
        return all.ToString();
    }

    ListOf ReadList()
    {
        var line = reader.Take().Line;
        var items = ImmutableArray.CreateBuilder<TemplateExpression>();
        while (!reader.Skip("]"))
        {
            items.Add(Read());
            if (!reader.IsOperator("]"))
                reader.Need(",");
        }

        return new ListOf(line, items.ToImmutable(), SequenceKind.List);
    }

    MappingOf ReadMapping()
    {
        var line = reader.Take().Line;
        var pairs = ImmutableArray.CreateBuilder<(TemplateExpression, TemplateExpression)>();
        while (!reader.Skip("}"))
        {
            var key = Read();
            reader.Need(":");
            pairs.Add((key, Read()));
            if (!reader.IsOperator("}"))
                reader.Need(",");
        }

        return new MappingOf(line, pairs.ToImmutable());
    }
}
