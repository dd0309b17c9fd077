namespace RatIlgpu.Text;

/// <summary>Carries out statements, and writes what they write.</summary>
sealed class StatementRenderer
{
    readonly TemplateRun run;
    readonly Evaluator evaluator;
    StringBuilder output = new();

    /// <summary>Makes a renderer.</summary>
    public StatementRenderer(TemplateRun run) => (this.run, evaluator) = (run, new Evaluator(run, this));

    /// <summary>Returns the text that a body writes.</summary>
    /// <exception cref="TemplateException">It cannot be rendered.</exception>
    public string Render(ScopedBody body, TemplateScope outer) =>
        Written(body.Statements, TemplateScope.Of(body, outer));

    /// <summary>Returns the text that a macro writes.</summary>
    /// <exception cref="TemplateException">The arguments do not fit, or it cannot be rendered.</exception>
    public string Render(Macro macro, CallArguments given)
    {
        var definition = macro.Definition;
        var (name, parameters) = (Files.OneLine.Quote(definition.Name), definition.Parameters);
        if (given.Positional.Count > parameters.Length)
            throw run.Fault($"macro {name} has {given.Positional.Count} arguments, expected {parameters.Length}");
        if (macro.Caller is not null && !definition.UsesCaller)
            throw run.Fault($"macro {name} has a block to call, and never names 'caller'");
        var scope = TemplateScope.Of(definition.Body, macro.Scope);
        if (definition.UsesCaller)
            scope.Set("caller", macro.Caller ?? (object)new Undefined("there is no caller"));
        run.Step(parameters.Length);
        foreach (var (parameter, value) in parameters.Zip(given.Positional))
            scope.Set(parameter.Name, value);
        var named = given.Named.ToDictionary(StringComparer.Ordinal);
        foreach (var parameter in parameters.Skip(given.Positional.Count))
            scope.Set(parameter.Name, named.Remove(parameter.Name, out var value) ? value : Default(parameter, scope));
        if (named.Count > 0)
            throw run.Fault($"macro {name} cannot take the argument {Files.OneLine.Quote(named.First().Key)}");
        run.Enter();
        var text = Written(definition.Body.Statements, scope);
        run.Leave();
        return text;
    }

    object? Default(MacroParameter parameter, TemplateScope scope) => parameter.Default is { } value
        ? evaluator.Of(value, scope)
        : new Undefined($"there is no argument for {Files.OneLine.Quote(parameter.Name)}");

    string Written(ImmutableArray<TemplateStatement> statements, TemplateScope scope)
    {
        var outer = output;
        output = new StringBuilder();
        Run(statements, scope);
        var text = output.ToString();
        output = outer;
        return text;
    }

    // Returns how the statements ended.
    Ending Run(ImmutableArray<TemplateStatement> statements, TemplateScope scope)
    {
        run.Enter();
        var ending = Ending.Through;
        foreach (var statement in statements)
        {
            run.Line = statement.Line;
            ending = Run(statement, scope);
            if (ending != Ending.Through)
                break;
        }

        run.Leave();
        return ending;
    }

    Ending Run(TemplateStatement statement, TemplateScope scope)
    {
        run.Step();
        switch (statement)
        {
            case PlainText text:
                Write(text.Text);
                break;
            case Print print:
                Write(PythonText.Of(run, evaluator.Of(print.Value, scope)));
                break;
            case If choice:
                return Run(choice, scope);
            case For loop:
                Run(loop, scope);
                break;
            case Break:
                return Ending.Break;
            case Continue:
                return Ending.Continue;
            default:
                RunBlock(statement, scope);
                break;
        }

        return Ending.Through;
    }

    void RunBlock(TemplateStatement statement, TemplateScope scope)
    {
        switch (statement)
        {
            case Set set:
                Assign(set.Target, evaluator.Of(set.Value, scope), scope);
                break;
            case SetBlock block:
                Assign(block.Target, Filtered(Render(block.Body, scope), block.Filters, scope), scope);
                break;
            case FilterBlock block:
                // Jinja2 joins what blocks give, and does not make text of it.
                Write(Filtered(Render(block.Body, scope), block.Filters, scope) as string
                    ?? throw run.Fault("what a filter block gives is no text"));
                break;
            case MacroDefinition definition:
                scope.Set(definition.Name, new Macro(definition, scope));
                break;
            case CallBlock block:
                Write(PythonText.Of(run, evaluator.Call(block.Call, scope, new Macro(block.Caller, scope))));
                break;
            case Generation generation:
                Write(Render(generation.Body, scope));
                break;
            case With with:
                Run(with, scope);
                break;
        }
    }

    Ending Run(If choice, TemplateScope scope)
    {
        foreach (var (test, body) in choice.Branches)
            if (evaluator.IsTrue(test, scope))
                return Run(body, scope);
        return Run(choice.Else, scope);
    }

    void Run(With with, TemplateScope scope)
    {
        var inner = TemplateScope.Of(with.Body, scope);
        foreach (var (target, value) in with.Values)
            Assign(target, evaluator.Of(value, scope), inner);
        Write(Written(with.Body.Statements, inner));
    }

    // As Jinja has it, the body of 'else' runs where no round came to its end: also where all were left early.
    void Run(For loop, TemplateScope scope)
    {
        var source = evaluator.Of(loop.Items, scope);
        run.Line = loop.Line;
        var items = Operators.Items(run, source);
        var state = new LoopState(
            run, loop.Filter is null ? source : null, loop.Filter is null ? items : Chosen(loop, items, scope));
        var isRun = false;
        var ending = Ending.Through;
        while (ending != Ending.Break && state.Advance())
        {
            run.Step();
            var inner = TemplateScope.Of(loop.Body, scope);
            inner.Set("loop", state);
            Assign(loop.Target, state.Current, inner);
            ending = Run(loop.Body.Statements, inner);
            isRun |= ending == Ending.Through;
        }

        if (!isRun)
            Run(loop.Else.Statements, TemplateScope.Of(loop.Else, scope));
    }

    IEnumerable<object?> Chosen(For loop, IEnumerable<object?> items, TemplateScope scope)
    {
        foreach (var item in items)
        {
            var inner = new TemplateScope(scope);
            Assign(loop.Target, item, inner);
            if (evaluator.IsTrue(loop.Filter!, inner))
                yield return item;
        }
    }

    object? Filtered(string text, ImmutableArray<Filtered> filters, TemplateScope scope)
    {
        object? value = text;
        foreach (var filter in filters)
            value = evaluator.Filter(filter, value, scope);
        return value;
    }

    void Assign(AssignmentTarget target, object? value, TemplateScope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case NamespaceTarget { Namespace: var name, Attribute: var attribute }:
                if (scope.Get(name) is not TemplateNamespace space)
                    throw run.Fault($"{Files.OneLine.Quote(name)} is {PythonText.TypeOf(scope.Get(name))}, expected a "
                        + "namespace");
                space.Attributes[attribute] = value;
                break;
            case TupleTarget tuple:
                Assign(tuple, value, scope);
                break;
        }
    }

    void Assign(TupleTarget tuple, object? value, TemplateScope scope)
    {
        var items = Operators.Items(run, value).Take(tuple.Items.Length + 1).ToList();
        if (items.Count != tuple.Items.Length)
            throw run.Fault($"a value has {(items.Count < tuple.Items.Length ? "fewer" : "more")} items than the "
                + $"{tuple.Items.Length} names that take them");
        foreach (var (one, item) in tuple.Items.Zip(items))
            Assign(one, item, scope);
    }

    void Write(string text)
    {
        run.Charge(text.Length);
        output.Append(text);
    }

    enum Ending
    {
        Through,
        Break,
        Continue,
    }
}
