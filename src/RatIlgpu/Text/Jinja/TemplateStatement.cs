namespace RatIlgpu.Text;

/// <summary>A statement of a template.</summary>
/// <param name="Line">The line on which it starts.</param>
abstract record TemplateStatement(int Line);

/// <summary>Statements with the names that are theirs alone.</summary>
/// <param name="Statements">The statements.</param>
sealed record ScopedBody(ImmutableArray<TemplateStatement> Statements)
{
    /// <summary>Gets the names that are undefined until they are set here, whatever they are outside.</summary>
    /// <remarks>Jinja decides by the text where a name lives: one that is set before it is read, and that no scope
    /// around mentions, is this scope's own from its start.</remarks>
    public ImmutableArray<string> Own { get; set; } = [];
}

/// <summary>Text between tags.</summary>
sealed record PlainText(int Line, string Text) : TemplateStatement(Line);

/// <summary><c>{{ value }}</c>.</summary>
sealed record Print(int Line, TemplateExpression Value) : TemplateStatement(Line);

/// <summary><c>{% if %}</c>.</summary>
sealed record If(
    int Line,
    ImmutableArray<(TemplateExpression Test, ImmutableArray<TemplateStatement> Body)> Branches,
    ImmutableArray<TemplateStatement> Else) : TemplateStatement(Line);

/// <summary><c>{% for %}</c>.</summary>
sealed record For(
    int Line,
    AssignmentTarget Target,
    TemplateExpression Items,
    TemplateExpression? Filter,
    ScopedBody Body,
    ScopedBody Else) : TemplateStatement(Line);

/// <summary><c>{% break %}</c>.</summary>
sealed record Break(int Line) : TemplateStatement(Line);

/// <summary><c>{% continue %}</c>.</summary>
sealed record Continue(int Line) : TemplateStatement(Line);

/// <summary><c>{% set target = value %}</c>.</summary>
sealed record Set(int Line, AssignmentTarget Target, TemplateExpression Value) : TemplateStatement(Line);

/// <summary><c>{% set target %}…{% endset %}</c>.</summary>
sealed record SetBlock(int Line, AssignmentTarget Target, ImmutableArray<Filtered> Filters, ScopedBody Body)
    : TemplateStatement(Line);

/// <summary><c>{% filter name %}…{% endfilter %}</c>.</summary>
sealed record FilterBlock(int Line, ImmutableArray<Filtered> Filters, ScopedBody Body) : TemplateStatement(Line);

/// <summary><c>{% with name = value %}</c>.</summary>
sealed record With(
    int Line,
    ImmutableArray<(AssignmentTarget Target, TemplateExpression Value)> Values,
    ScopedBody Body) : TemplateStatement(Line);

/// <summary><c>{% generation %}</c>, which marks the assistant's text for training and writes it as it is.</summary>
sealed record Generation(int Line, ScopedBody Body) : TemplateStatement(Line);

/// <summary><c>{% macro %}</c>, and the block of a <c>{% call %}</c>.</summary>
sealed record MacroDefinition(
    int Line,
    string Name,
    ImmutableArray<MacroParameter> Parameters,
    ScopedBody Body,
    bool UsesCaller) : TemplateStatement(Line);

/// <summary>A parameter of a macro.</summary>
sealed record MacroParameter(string Name, TemplateExpression? Default);

/// <summary><c>{% call %}</c>.</summary>
sealed record CallBlock(int Line, CallOf Call, MacroDefinition Caller) : TemplateStatement(Line);

/// <summary>A place that takes a value.</summary>
abstract record AssignmentTarget;

/// <summary>A name.</summary>
sealed record NameTarget(string Name) : AssignmentTarget;

/// <summary>An attribute of a namespace.</summary>
sealed record NamespaceTarget(string Namespace, string Attribute) : AssignmentTarget;

/// <summary>Several places, each of which takes an item.</summary>
sealed record TupleTarget(ImmutableArray<AssignmentTarget> Items) : AssignmentTarget;
