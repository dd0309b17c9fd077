namespace RatIlgpu.Text;

/// <summary>The functions that every template can call.</summary>
static class Functions
{
    // As many as Jinja's sandbox allows.
    const long LongestRange = 100_000;

    /// <summary>The functions by their names.</summary>
    public static readonly Dictionary<string, Callable> All = new[]
    {
        Callable.Open("range", Range),
        Callable.Open("dict", call => new Mapping(call.Run, [.. Given(call, "dict")])),
        Callable.Open("namespace", Namespace),
        Callable.Of("raise_exception", call => throw new TemplateException(
            call.Run.Line, PythonText.Of(call.Run, call[0])) { IsRaised = true }, Callable.Need("message")),
        Callable.Of("strftime_now", call => TimeText.Of(call.Run, call.Text(0)), Callable.Need("format")),
        Missing("lipsum"),
        Missing("cycler"),
        Missing("joiner"),
    }.ToDictionary(function => function.Name);

    static Callable Missing(string name) =>
        Callable.Open(name, call => throw call.Run.Unknown($"function '{name}'"));

    static IEnumerable<(object? Key, object? Value)> Given(CallArguments call, string name)
    {
        var first = call.Positional switch
        {
            [] => [],
            [Mapping mapping] => mapping.Entries,
            _ => throw call.Run.Unknown($"function '{name}' of other arguments than one dictionary and names"),
        };
        return first.Concat(call.Named.Select(argument => ((object?)argument.Name, argument.Value)));
    }

    static TemplateNamespace Namespace(CallArguments call)
    {
        var space = new TemplateNamespace();
        foreach (var (key, value) in Given(call, "namespace"))
            space.Attributes[key as string ?? throw call.Run.Fault("a name of a namespace is no text")] = value;
        return space;
    }

    static Sequence Range(CallArguments call)
    {
        if (call.Positional.Count is 0 or > 3 || call.Named.Count > 0)
            throw call.Run.Fault("'range' has other arguments than a start, a stop and a step");
        var bounds = Enumerable.Range(0, call.Positional.Count).Select(call.Whole).ToArray();
        var (start, stop) = bounds.Length == 1 ? (0, bounds[0]) : (bounds[0], bounds[1]);
        var step = bounds.Length == 3 ? bounds[2] : 1;
        if (step == 0)
            throw call.Run.Fault("the step of a range is 0");
        var distance = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        var size = Int128.Abs(step);
        var count = distance <= 0 ? 0 : (distance + size - 1) / size;
        if (count > LongestRange)
            throw call.Run.Fault(FormattableString.Invariant(
                $"a range has {count:N0} numbers, expected at most {LongestRange:N0}"));
        call.Run.Step((long)count);
        var numbers = Enumerable.Range(0, (int)count).Select(i => (object?)(start + i * step));
        return new Sequence(call.Run, SequenceKind.Range, [.. numbers]);
    }
}
