namespace RatIlgpu.Text;

/// <summary>An expression of a template.</summary>
/// <param name="Line">The line on which it starts.</param>
abstract record TemplateExpression(int Line)
{
    /// <summary>Gets the expressions that it consists of, in the order of the text.</summary>
    public virtual IEnumerable<TemplateExpression> Parts => [];
}

/// <summary>A number, a string, true, false or none.</summary>
sealed record Literal(int Line, object? Value) : TemplateExpression(Line);

/// <summary>A name.</summary>
sealed record NameUse(int Line, string Name) : TemplateExpression(Line);

/// <summary>A list or a tuple.</summary>
sealed record ListOf(int Line, ImmutableArray<TemplateExpression> Items, SequenceKind Kind) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => Items;
}

/// <summary>A dictionary.</summary>
sealed record MappingOf(int Line, ImmutableArray<(TemplateExpression Key, TemplateExpression Value)> Pairs)
    : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => Pairs.SelectMany(pair => new[] { pair.Key, pair.Value });
}

/// <summary><c>target.name</c>.</summary>
sealed record AttributeOf(int Line, TemplateExpression Target, string Name) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => [Target];
}

/// <summary><c>target[index]</c>.</summary>
sealed record ItemOf(int Line, TemplateExpression Target, TemplateExpression Index) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => [Target, Index];
}

/// <summary><c>target[start:stop:step]</c>.</summary>
sealed record SliceOf(
    int Line,
    TemplateExpression Target,
    TemplateExpression? Start,
    TemplateExpression? Stop,
    TemplateExpression? Step) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts =>
        new[] { Target, Start, Stop, Step }.OfType<TemplateExpression>();
}

/// <summary>The arguments of a call, a filter or a test.</summary>
sealed record ArgumentList(
    ImmutableArray<TemplateExpression> Positional,
    ImmutableArray<(string Name, TemplateExpression Value)> Named)
{
    /// <summary>No argument.</summary>
    public static readonly ArgumentList None = new([], []);

    /// <summary>Gets the expressions.</summary>
    public IEnumerable<TemplateExpression> Parts => Positional.Concat(Named.Select(argument => argument.Value));
}

/// <summary><c>target(arguments)</c>.</summary>
sealed record CallOf(int Line, TemplateExpression Target, ArgumentList Arguments) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => Arguments.Parts.Prepend(Target);
}

/// <summary><c>target | filter(arguments)</c>.</summary>
/// <param name="Line">The line.</param>
/// <param name="Target">The value; null in a block, whose text is the value.</param>
/// <param name="Filter">The filter.</param>
/// <param name="Arguments">The arguments.</param>
sealed record Filtered(int Line, TemplateExpression? Target, Callable Filter, ArgumentList Arguments)
    : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts =>
        Target is null ? Arguments.Parts : Arguments.Parts.Prepend(Target);
}

/// <summary><c>target is test(arguments)</c>.</summary>
sealed record Tested(int Line, TemplateExpression Target, Callable Test, ArgumentList Arguments)
    : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => Arguments.Parts.Prepend(Target);
}

/// <summary><c>-operand</c>, <c>+operand</c> or <c>not operand</c>.</summary>
sealed record Unary(int Line, string Operator, TemplateExpression Operand) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => [Operand];
}

/// <summary>Arithmetic, or <c>and</c> and <c>or</c>.</summary>
sealed record Binary(int Line, string Operator, TemplateExpression Left, TemplateExpression Right)
    : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => [Left, Right];
}

/// <summary><c>a ~ b ~ c</c>.</summary>
sealed record Joined(int Line, ImmutableArray<TemplateExpression> Operands) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => Operands;
}

/// <summary><c>a &lt; b &lt;= c</c>.</summary>
sealed record Comparison(
    int Line,
    TemplateExpression First,
    ImmutableArray<(string Operator, TemplateExpression Operand)> Rest) : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => Rest.Select(one => one.Operand).Prepend(First);
}

/// <summary><c>yes if test else no</c>.</summary>
sealed record Choice(int Line, TemplateExpression Test, TemplateExpression Yes, TemplateExpression? No)
    : TemplateExpression(Line)
{
    /// <inheritdoc/>
    public override IEnumerable<TemplateExpression> Parts => No is null ? [Test, Yes] : [Test, Yes, No];
}
