namespace RatIlgpu.Text;

/// <summary>The names that a part of a template sees: its own, and those of the part around it.</summary>
/// <param name="outer">The scope around it; null for the names that the template is given.</param>
sealed class TemplateScope(TemplateScope? outer)
{
    readonly Dictionary<string, object?> values = [];

    /// <summary>Makes the scope of a body.</summary>
    public static TemplateScope Of(ScopedBody body, TemplateScope outer)
    {
        var scope = new TemplateScope(outer);
        foreach (var name in body.Own)
            scope.Set(name, new Undefined($"'{name}' is undefined"));
        return scope;
    }

    /// <summary>Sets a name.</summary>
    public void Set(string name, object? value) => values[name] = value;

    /// <summary>Returns the value of a name.</summary>
    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.values.TryGetValue(name, out var value))
                return value;
        return Functions.All.TryGetValue(name, out var function) ? function
            : new Undefined($"{Files.OneLine.Quote(name)} is undefined");
    }

    TemplateScope? Outer => outer;
}
