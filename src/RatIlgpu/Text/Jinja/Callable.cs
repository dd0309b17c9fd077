namespace RatIlgpu.Text;

/// <summary>A filter, test, method or function that templates can call.</summary>
sealed class Callable
{
    static readonly object Needed = new();

    readonly (string Name, object? Default)[]? parameters;
    readonly Func<CallArguments, object?> body;

    Callable(string name, (string, object?)[]? parameters, Func<CallArguments, object?> body) =>
        (Name, this.parameters, this.body) = (name, parameters, body);

    /// <summary>Gets its name.</summary>
    public string Name { get; }

    /// <summary>Makes one with parameters.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="body">What it does.</param>
    /// <param name="parameters">Its parameters with their defaults.</param>
    public static Callable Of(
        string name, Func<CallArguments, object?> body, params (string Name, object? Default)[] parameters) =>
        new(name, parameters, body);

    /// <summary>Makes one that takes any arguments.</summary>
    public static Callable Open(string name, Func<CallArguments, object?> body) => new(name, null, body);

    /// <summary>Returns a parameter that has no default.</summary>
    public static (string, object?) Need(string name) => (name, Needed);

    /// <summary>Calls it.</summary>
    /// <exception cref="TemplateException">The arguments do not fit.</exception>
    public object? Call(CallArguments given) => body(parameters is null ? given : Bind(given, parameters));

    CallArguments Bind(CallArguments given, (string Name, object? Default)[] parameters)
    {
        if (given.Positional.Count > parameters.Length)
            throw given.Run.Fault(
                $"'{Name}' has {given.Positional.Count} arguments, expected at most {parameters.Length}");
        var values = new object?[parameters.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = i < given.Positional.Count ? given.Positional[i] : parameters[i].Default;
        foreach (var (name, value) in given.Named)
        {
            var place = Array.FindIndex(parameters, parameter => parameter.Name == name);
            if (place < given.Positional.Count)
                throw given.Run.Fault($"'{Name}' cannot take the argument {Files.OneLine.Quote(name)}");
            values[place] = value;
        }

        var missing = Array.IndexOf(values, Needed);
        return missing < 0
            ? given with { Positional = values, Named = [] }
            : throw given.Run.Fault($"'{Name}' has no argument for '{parameters[missing].Name}'");
    }
}

/// <summary>What a call hands over.</summary>
/// <param name="Run">The rendering.</param>
/// <param name="Self">The value that is filtered or tested, or whose method is called.</param>
/// <param name="Positional">The arguments without names.</param>
/// <param name="Named">The arguments with names.</param>
readonly record struct CallArguments(
    TemplateRun Run,
    object? Self,
    IReadOnlyList<object?> Positional,
    IReadOnlyList<(string Name, object? Value)> Named)
{
    /// <summary>Gets an argument.</summary>
    public object? this[int index] => Positional[index];

    /// <summary>Returns an argument that is a text.</summary>
    /// <exception cref="TemplateException">It is none.</exception>
    public string Text(int index) => Positional[index] switch
    {
        string text => text,
        Undefined undefined => throw Run.Fault(undefined.Reason),
        var other => throw Run.Fault($"an argument is {PythonText.TypeOf(other)}, expected a text"),
    };

    /// <summary>Returns an argument that is a text or none.</summary>
    /// <exception cref="TemplateException">It is neither.</exception>
    public string? TextOrNone(int index) => Positional[index] is null ? null : Text(index);

    /// <summary>Returns an argument that is a whole number.</summary>
    /// <exception cref="TemplateException">It is none.</exception>
    public long Whole(int index) => Operators.WholeOrNull(Positional[index])
        ?? throw Run.Fault($"an argument is {PythonText.TypeOf(Positional[index])}, expected a whole number");

    /// <summary>Returns whether an argument counts as true.</summary>
    public bool Flag(int index) => Operators.IsTrue(Positional[index]);
}
