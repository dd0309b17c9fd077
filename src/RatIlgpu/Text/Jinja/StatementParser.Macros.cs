namespace RatIlgpu.Text;

/// <summary>Macros, their calls, and the targets of assignments.</summary>
sealed partial class StatementParser
{
    MacroDefinition ReadMacro(int line)
    {
        var name = reader.Need(TokenKind.Name, "the name of a macro");
        return ReadMacro(line, name.Text, ReadParameters(), "endmacro");
    }

    CallBlock ReadCall(int line)
    {
        var parameters = reader.IsOperator("(") ? ReadParameters() : [];
        if (expressions.Read() is not CallOf call)
            throw new TemplateException(line, "'call' has no call of a macro");
        return new CallBlock(line, call, ReadMacro(line, "caller", parameters, "endcall"));
    }

    MacroDefinition ReadMacro(int line, string name, ImmutableArray<MacroParameter> parameters, string end)
    {
        var outer = expressions.Names.ToList();
        expressions.Names.Clear();
        var body = ReadBlock(end);
        foreach (var special in new[] { "kwargs", "varargs" })
            if (expressions.Names.Contains(special) && parameters.All(parameter => parameter.Name != special))
                throw TemplateException.Unknown(line, $"a macro with '{special}'");
        var usesCaller = expressions.Names.Contains("caller");
        expressions.Names.UnionWith(outer);
        return new MacroDefinition(line, name, parameters, body, usesCaller);
    }

    ImmutableArray<MacroParameter> ReadParameters()
    {
        var parameters = ImmutableArray.CreateBuilder<MacroParameter>();
        var names = new HashSet<string>();
        reader.Need("(");
        while (!reader.IsOperator(")"))
        {
            var name = reader.Need(TokenKind.Name, "the name of a parameter");
            if (!names.Add(name.Text))
                throw new TemplateException(name.Line, $"the parameter {name.Shown} is there twice");
            if (name.Text == "caller")
                throw TokenReader.Unknown(name, "a parameter");
            var value = reader.Skip("=") ? expressions.Read() : null;
            if (value is null && parameters is [.., { Default: not null }])
                throw new TemplateException(name.Line, $"the parameter {name.Shown} has no default, as one before has");
            parameters.Add(new MacroParameter(name.Text, value));
            if (!reader.IsOperator(")"))
                reader.Need(",");
        }

        reader.Need(")");
        return parameters.ToImmutable();
    }

    // Several targets with commas between them take the items of a value.
    AssignmentTarget ReadTarget(bool isLoop)
    {
        var targets = ImmutableArray.CreateBuilder<AssignmentTarget>();
        do
        {
            if (reader.Current.Kind != TokenKind.Name && !reader.IsOperator("(") && targets.Count > 0)
                break;
            targets.Add(ReadOneTarget(isLoop));
            if (!reader.Skip(","))
                return targets is [var one] ? one : new TupleTarget(targets.ToImmutable());
        }
        while (!reader.IsName("in"));
        return new TupleTarget(targets.ToImmutable());
    }

    AssignmentTarget ReadOneTarget(bool isLoop)
    {
        if (reader.Skip("("))
        {
            var depth = reader.Depth;
            reader.Deepen();
            var inside = ReadTarget(isLoop);
            reader.Need(")");
            reader.Depth = depth;
            return inside;
        }

        var name = reader.Need(TokenKind.Name, "a name that takes a value");
        if (name.Text is "true" or "True" or "false" or "False" or "none" or "None"
            || (isLoop && name.Text == "loop"))
            throw new TemplateException(name.Line, $"{name.Shown} cannot take a value");
        return !isLoop && reader.Skip(".")
            ? new NamespaceTarget(name.Text, reader.Need(TokenKind.Name, "the name of an attribute").Text)
            : new NameTarget(name.Text);
    }
}
