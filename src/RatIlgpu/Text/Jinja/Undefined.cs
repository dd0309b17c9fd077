namespace RatIlgpu.Text;

/// <summary>The value of a name or an attribute that does not exist: it prints as nothing, is false and has no items.
/// Every other use of it is a fault.</summary>
/// <param name="Reason">Why it does not exist.</param>
sealed record Undefined(string Reason);

/// <summary>A text that <c>safe</c> has marked. Nothing is escaped in chat templates, so that it is only printed.
/// </summary>
/// <param name="Text">The text.</param>
sealed record SafeText(string Text);

/// <summary>A value of <c>namespace()</c>, whose attributes <c>set</c> can change from within loops.</summary>
sealed class TemplateNamespace
{
    /// <summary>Gets the attributes.</summary>
    public Dictionary<string, object?> Attributes { get; } = [];
}

/// <summary>A macro with the scope that its body sees.</summary>
/// <param name="Definition">The macro.</param>
/// <param name="Scope">The scope.</param>
sealed record Macro(MacroDefinition Definition, TemplateScope Scope)
{
    /// <summary>Gets the macro that a <c>call</c> block hands to this one; null for none.</summary>
    public Macro? Caller { get; init; }
}

/// <summary>A method of a value.</summary>
/// <param name="Method">The method.</param>
/// <param name="Self">The value.</param>
sealed record BoundMethod(Callable Method, object? Self);
