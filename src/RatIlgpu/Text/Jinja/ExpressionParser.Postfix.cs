namespace RatIlgpu.Text;

/// <summary>What follows a value: attributes, items, calls, filters and tests.</summary>
sealed partial class ExpressionParser
{
    /// <summary>Reads filters behind a value, or at the start of a block.</summary>
    /// <param name="value">The value; null for the text of the block.</param>
    /// <exception cref="TemplateException">A filter is not known.</exception>
    public Filtered ReadFilter(TemplateExpression? value)
    {
        var name = reader.Need(TokenKind.Name, "the name of a filter");
        if (!Filters.All.TryGetValue(name.Text, out var filter))
            throw TokenReader.Unknown(name, "filter");
        var arguments = reader.IsOperator("(") ? ReadArguments() : ArgumentList.None;
        return new Filtered(name.Line, value, filter, arguments);
    }

    TemplateExpression ReadPostfix(TemplateExpression value)
    {
        while (true)
        {
            var line = reader.Current.Line;
            if (reader.Skip("."))
                value = ReadAttribute(value, line);
            else if (reader.Skip("["))
                value = ReadItem(value, line);
            else if (reader.IsOperator("("))
                value = new CallOf(line, value, ReadArguments());
            else
                return value;
            reader.Deepen();
        }
    }

    TemplateExpression ReadFilters(TemplateExpression value)
    {
        while (true)
        {
            var line = reader.Current.Line;
            if (reader.Skip("|"))
                value = ReadFilter(value);
            else if (reader.SkipName("is"))
                value = ReadTest(value);
            else if (reader.IsOperator("("))
                value = new CallOf(line, value, ReadArguments());
            else
                return value;
            reader.Deepen();
        }
    }

    TemplateExpression ReadAttribute(TemplateExpression target, int line)
    {
        var name = reader.Take();
        return name.Kind switch
        {
            TokenKind.Name when name.Text.StartsWith("__", StringComparison.Ordinal) =>
                throw TokenReader.Unknown(name, "attribute"),
            TokenKind.Name => new AttributeOf(line, target, name.Text),
            TokenKind.Number when name.Number is long => new ItemOf(line, target, new Literal(line, name.Number)),
            _ => throw new TemplateException(name.Line, $"found {name.Shown} behind a dot, expected a name"),
        };
    }

    TemplateExpression ReadItem(TemplateExpression target, int line)
    {
        var start = reader.IsOperator(":") ? null : Read();
        if (reader.IsOperator(","))
            throw TemplateException.Unknown(line, "an item with a comma");
        if (start is not null && reader.Skip("]"))
            return new ItemOf(line, target, start);
        reader.Need(":");
        var stop = reader.IsOperator(":") || reader.IsOperator("]") ? null : Read();
        var step = reader.Skip(":") && !reader.IsOperator("]") ? Read() : null;
        reader.Need("]");
        return new SliceOf(line, target, start, stop, step);
    }

    ArgumentList ReadArguments()
    {
        reader.Need("(");
        var positional = ImmutableArray.CreateBuilder<TemplateExpression>();
        var named = ImmutableArray.CreateBuilder<(string Name, TemplateExpression)>();
        var names = new HashSet<string>();
        while (!reader.Skip(")"))
        {
            if (reader.IsOperator("*") || reader.IsOperator("**"))
                throw TokenReader.Unknown(reader.Current, "an argument with");
            if (reader.Current.Kind == TokenKind.Name && reader.Following is { Kind: TokenKind.Operator, Text: "=" })
                named.Add(ReadNamed(names));
            else if (named.Count > 0)
                throw new TemplateException(reader.Current.Line, "an argument without a name follows one with a name");
            else
                positional.Add(Read());
            if (!reader.IsOperator(")"))
                reader.Need(",");
        }

        return new ArgumentList(positional.ToImmutable(), named.ToImmutable());
    }

    (string Name, TemplateExpression Value) ReadNamed(HashSet<string> names)
    {
        var name = reader.Take();
        reader.Take();
        return names.Add(name.Text)
            ? (name.Text, Read())
            : throw new TemplateException(name.Line, $"the argument {name.Shown} is given twice");
    }

    TemplateExpression ReadTest(TemplateExpression target)
    {
        var isNegated = reader.SkipName("not");
        var name = reader.Need(TokenKind.Name, "the name of a test");
        if (!ValueTests.All.TryGetValue(name.Text, out var test))
            throw TokenReader.Unknown(name, "test");
        var tested = new Tested(name.Line, target, test, ReadTestArguments());
        return isNegated ? new Unary(name.Line, "not", tested) : tested;
    }

    // One argument needs no parentheses.
    ArgumentList ReadTestArguments()
    {
        if (reader.IsOperator("("))
            return ReadArguments();
        var isValue = reader.Current.Kind is TokenKind.Text or TokenKind.Number
            || reader.IsOperator("[") || reader.IsOperator("{");
        var isName = reader.Current.Kind == TokenKind.Name && reader.Current.Text is not ("else" or "or" or "and");
        if (isName && reader.Current.Text == "is")
            throw new TemplateException(reader.Current.Line, "one test follows another");
        return isValue || isName ? new ArgumentList([ReadPostfix(ReadPrimary())], []) : ArgumentList.None;
    }
}
