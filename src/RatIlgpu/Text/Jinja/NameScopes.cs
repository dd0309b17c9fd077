namespace RatIlgpu.Text;

/// <summary>Finds the names that belong to each scope from its start, as Jinja's compiler does.</summary>
sealed class NameScopes
{
    readonly NameScopes? outer;
    readonly HashSet<string> mentioned = [];
    readonly HashSet<string> own = [];
    readonly List<(ScopedBody Body, IEnumerable<string> Parameters, IEnumerable<TemplateExpression> Reads)> inner = [];

    NameScopes(NameScopes? outer) => this.outer = outer;

    /// <summary>Finds the names of a template and of all scopes in it.</summary>
    public static void Find(ScopedBody template) => Find(template, [], [], null);

    static void Find(
        ScopedBody body,
        IEnumerable<string> parameters,
        IEnumerable<TemplateExpression> reads,
        NameScopes? outer)
    {
        var scope = new NameScopes(outer);
        scope.mentioned.UnionWith(parameters);
        foreach (var read in reads)
            scope.Read(read);
        scope.Visit(body.Statements, isSure: true);
        body.Own = [.. scope.own.Where(name => outer is null || !outer.Knows(name))];
        foreach (var part in scope.inner)
            Find(part.Body, part.Parameters, part.Reads, scope);
    }

    bool Knows(string name) => mentioned.Contains(name) || (outer?.Knows(name) ?? false);

    void Visit(ImmutableArray<TemplateStatement> statements, bool isSure)
    {
        foreach (var statement in statements)
            Visit(statement, isSure);
    }

    void Visit(TemplateStatement statement, bool isSure)
    {
        switch (statement)
        {
            case Print print:
                Read(print.Value);
                break;
            case If choice:
                Visit(choice);
                break;
            case Set set:
                Read(set.Value);
                Store(set.Target, isSure);
                break;
            case MacroDefinition macro:
                Store(macro.Name, isSure);
                Enter(macro);
                break;
            default:
                VisitBlock(statement, isSure);
                break;
        }
    }

    void VisitBlock(TemplateStatement statement, bool isSure)
    {
        switch (statement)
        {
            case For loop:
                Read(loop.Items);
                inner.Add((loop.Body, [.. Names(loop.Target), "loop"], []));
                inner.Add((loop.Else, [], []));
                break;
            case SetBlock block:
                Store(block.Target, isSure);
                inner.Add((block.Body, [], []));
                break;
            case FilterBlock block:
                foreach (var filter in block.Filters)
                    Read(filter);
                inner.Add((block.Body, [], []));
                break;
            case CallBlock block:
                Read(block.Call);
                Enter(block.Caller);
                break;
            case Generation generation:
                inner.Add((generation.Body, [], []));
                break;
            case With with:
                foreach (var (_, value) in with.Values)
                    Read(value);
                inner.Add((with.Body, with.Values.SelectMany(value => Names(value.Target)), []));
                break;
        }
    }

    // A name that only one branch sets may not exist when the other branch runs.
    void Visit(If choice)
    {
        foreach (var (test, body) in choice.Branches)
        {
            Read(test);
            Visit(body, isSure: false);
        }

        Visit(choice.Else, isSure: false);
    }

    void Enter(MacroDefinition macro) => inner.Add((
        macro.Body,
        [.. macro.Parameters.Select(parameter => parameter.Name), "caller"],
        macro.Parameters.Select(parameter => parameter.Default).OfType<TemplateExpression>()));

    void Read(TemplateExpression expression)
    {
        if (expression is NameUse name)
            mentioned.Add(name.Name);
        foreach (var part in expression.Parts)
            Read(part);
    }

    void Store(AssignmentTarget target, bool isSure)
    {
        if (target is NamespaceTarget space)
            mentioned.Add(space.Namespace);
        foreach (var name in Names(target))
            Store(name, isSure);
    }

    void Store(string name, bool isSure)
    {
        if (mentioned.Add(name) && isSure)
            own.Add(name);
    }

    static IEnumerable<string> Names(AssignmentTarget target) => target switch
    {
        NameTarget name => [name.Name],
        TupleTarget tuple => tuple.Items.SelectMany(Names),
        _ => [],
    };
}
