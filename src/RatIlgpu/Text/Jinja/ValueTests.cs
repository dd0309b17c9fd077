namespace RatIlgpu.Text;

/// <summary>The tests that follow <c>is</c>.</summary>
static class ValueTests
{
    /// <summary>The tests by their names.</summary>
    public static readonly Dictionary<string, Callable> All = Kinds().Concat(Relations())
        .ToDictionary(test => test.Name);

    /// <summary>Finds the test whose name is the value of an argument.</summary>
    /// <exception cref="TemplateException">There is none.</exception>
    public static Callable Find(TemplateRun run, object? name) =>
        name is string text && All.TryGetValue(text, out var test)
            ? test
            : throw run.Unknown($"test {Files.OneLine.Quote(PythonText.Of(run, name))}");

    static IEnumerable<Callable> Kinds() =>
    [
        Kind("defined", value => value is not Undefined),
        Kind("undefined", value => value is Undefined),
        Kind("none", value => value is null),
        Kind("boolean", value => value is bool),
        Kind("true", value => value is true),
        Kind("false", value => value is false),
        Kind("integer", value => value is long),
        Kind("float", value => value is double),
        Kind("number", value => value is long or double or bool),
        Kind("string", value => value is string or SafeText),
        Kind("mapping", value => value is Mapping),
        Kind("iterable", value => value is LoopState || Operators.ItemsOrNull(value) is not null),
        Kind("sequence", value => value is string or SafeText or Mapping or Undefined
            or Sequence { Kind: not SequenceKind.View }),
        Kind("callable", value => value is Macro or BoundMethod or Callable or Undefined),
        Kind("escaped", value => value is SafeText),
        Callable.Of("odd", call => Rest(call, 2) == 1),
        Callable.Of("even", call => Rest(call, 2) == 0),
        Callable.Of("divisibleby", call => Rest(call, call.Whole(0)) == 0, Callable.Need("num")),
        Callable.Of("lower", call => IsCase(call, LetterCase.Lower)),
        Callable.Of("upper", call => IsCase(call, LetterCase.Upper)),
    ];

    static IEnumerable<Callable> Relations()
    {
        foreach (var name in new[] { "eq", "equalto", "==" })
            yield return Relation(name, call => Operators.AreEqual(call.Run, call.Self, call[0]));
        foreach (var name in new[] { "ne", "!=" })
            yield return Relation(name, call => !Operators.AreEqual(call.Run, call.Self, call[0]));
        foreach (var name in new[] { "gt", "greaterthan", ">" })
            yield return Relation(name, call => Operators.Compare(call.Run, call.Self, call[0]) > 0);
        foreach (var name in new[] { "ge", ">=" })
            yield return Relation(name, call => Operators.Compare(call.Run, call.Self, call[0]) >= 0);
        foreach (var name in new[] { "lt", "lessthan", "<" })
            yield return Relation(name, call => Operators.Compare(call.Run, call.Self, call[0]) < 0);
        foreach (var name in new[] { "le", "<=" })
            yield return Relation(name, call => Operators.Compare(call.Run, call.Self, call[0]) <= 0);
        yield return Relation("in", call => Operators.Contains(call.Run, call[0], call.Self));
        yield return Relation("sameas", IsSame);
    }

    static Callable Kind(string name, Func<object?, bool> holds) => Callable.Of(name, call => holds(call.Self));

    static Callable Relation(string name, Func<CallArguments, bool> holds) =>
        Callable.Of(name, call => holds(call), Callable.Need("other"));

    static long Rest(CallArguments call, long divisor) =>
        Arithmetic.Of(call.Run, "%", call.Self, divisor) is long rest ? rest
            : throw call.Run.Unknown("a test of whole numbers on another number");

    static bool IsCase(CallArguments call, Func<TemplateRun, string, string> map)
    {
        var text = PythonText.Of(call.Run, call.Self);
        call.Run.Scan(text);
        if (!text.All(char.IsAscii))
            throw call.Run.Unknown("the test of the case of a text that is not ASCII");
        return text.Any(char.IsAsciiLetter) && map(call.Run, text) == text;
    }

    static bool IsSame(CallArguments call) => call.Self is null or bool || call[0] is null or bool
        ? Equals(call.Self, call[0])
        : call.Self is string or long or double
            ? throw call.Run.Unknown("the test 'sameas' of texts and numbers")
            : ReferenceEquals(call.Self, call[0]);
}
