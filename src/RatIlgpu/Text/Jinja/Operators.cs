namespace RatIlgpu.Text;

/// <summary>Truth, length, items, equality and order of values, as Python has them.</summary>
static class Operators
{
    /// <summary>Tells whether a value counts as true.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        SafeText text => text.Text.Length > 0,
        _ => LengthOrNull(value) != 0,
    };

    /// <summary>Returns the length of a value, or null where it has none.</summary>
    public static int? LengthOrNull(object? value) => value switch
    {
        string text => CodePoints.Count(text),
        Sequence sequence => sequence.Items.Count,
        Mapping mapping => mapping.Count,
        Undefined => 0,
        _ => null,
    };

    /// <summary>Returns the length of a value.</summary>
    /// <exception cref="TemplateException">It has none.</exception>
    public static int Length(TemplateRun run, object? value)
    {
        if (value is string text)
            run.Scan(text);
        return LengthOrNull(value) ?? throw run.Fault($"{PythonText.TypeOf(value)} has no length");
    }

    /// <summary>Returns a whole number, or null where the value is none; true is 1.</summary>
    public static long? WholeOrNull(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <summary>Returns a number, or null where the value is none.</summary>
    public static double? NumberOrNull(object? value) => value is double number ? number : WholeOrNull(value);

    /// <summary>Returns the items of a value.</summary>
    /// <exception cref="TemplateException">It has none.</exception>
    public static IEnumerable<object?> Items(TemplateRun run, object? value) => ItemsOrNull(value)
        ?? throw (value is SafeText or LoopState
            ? run.Unknown($"the items of {PythonText.TypeOf(value)}")
            : run.Fault($"{PythonText.TypeOf(value)} has no items, expected a list, a text or a dictionary"));

    /// <summary>Returns the items of a value, or null where it has none.</summary>
    public static IEnumerable<object?>? ItemsOrNull(object? value) => value switch
    {
        Sequence sequence => sequence.Items,
        string text => CodePoints.Of(text),
        Mapping mapping => mapping.Entries.Select(entry => entry.Key),
        TemplateIterator iterator => iterator.Rest(),
        Undefined => [],
        _ => null,
    };

    /// <summary>Tells whether two values are equal.</summary>
    public static bool AreEqual(TemplateRun run, object? left, object? right)
    {
        run.Step();
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string one, string other) => AreEqual(run, one, other),
            (Sequence one, Sequence other) => AreEqual(run, one, other),
            (Mapping one, Mapping other) => AreEqual(run, one, other),
            (SafeText one, _) => AreEqual(run, one.Text, right),
            (_, SafeText other) => AreEqual(run, left, other.Text),
            _ => WholeOrNull(left) is { } whole && WholeOrNull(right) is { } second ? whole == second
                : NumberOrNull(left) is { } number && NumberOrNull(right) is { } last ? number == last
                : ReferenceEquals(left, right),
        };
    }

    /// <summary>Tells whether a value is less than another (negative), equal to it (0) or greater.</summary>
    /// <exception cref="TemplateException">Values of these kinds have no order.</exception>
    public static int Compare(TemplateRun run, object? left, object? right)
    {
        run.Step();
        NeedDefined(run, left);
        NeedDefined(run, right);
        if (left is string one && right is string other)
        {
            run.Scan(one);
            return CodePoints.Compare(one, other);
        }

        if (left is Sequence first && right is Sequence second && first.Kind == second.Kind
            && first.Kind is SequenceKind.List or SequenceKind.Tuple)
            return Compare(run, first, second);
        if (WholeOrNull(left) is { } whole && WholeOrNull(right) is { } whole2)
            return whole.CompareTo(whole2);
        return NumberOrNull(left) is { } number && NumberOrNull(right) is { } number2
            ? double.IsNaN(number) || double.IsNaN(number2) ? throw run.Unknown("the order of nan")
                : number.CompareTo(number2)
            : throw (left is SafeText || right is SafeText
                ? run.Unknown("the order of a text marked as safe")
                : run.Fault($"{PythonText.TypeOf(left)} and {PythonText.TypeOf(right)} have no order"));
    }

    /// <summary>Returns items in the order of their keys; equal ones keep their order, also downward.</summary>
    /// <exception cref="TemplateException">Keys have no order.</exception>
    public static List<T> Sorted<T>(
        TemplateRun run, IEnumerable<T> items, Func<T, object?> key, bool isReversed = false)
    {
        var order = Comparer<object?>.Create((one, other) => Compare(run, one, other));
        try
        {
            return [.. isReversed ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is TemplateException fault)
        {
            // .NET's sort wraps what a comparison throws.
            throw fault;
        }
    }

    /// <summary>Tells whether a value is among those of another, or a text in a text.</summary>
    /// <exception cref="TemplateException">The other has no items.</exception>
    public static bool Contains(TemplateRun run, object? whole, object? part)
    {
        if (whole is Mapping mapping)
            return mapping.TryGet(run, part, out _);
        if (whole is string text)
        {
            var inner = part as string
                ?? throw run.Fault($"{PythonText.TypeOf(part)} is sought in a text, expected a text");
            run.Seek(text, inner);
            return text.Contains(inner, StringComparison.Ordinal);
        }

        return Items(run, whole).Any(item => ReferenceEquals(item, part) || AreEqual(run, item, part));
    }

    /// <summary>Throws if a value is undefined.</summary>
    /// <exception cref="TemplateException">It is.</exception>
    public static void NeedDefined(TemplateRun run, object? value)
    {
        if (value is Undefined undefined)
            throw run.Fault(undefined.Reason);
    }

    static bool AreEqual(TemplateRun run, string one, string other)
    {
        run.Scan(one);
        return one == other;
    }

    static bool AreEqual(TemplateRun run, Sequence one, Sequence other)
    {
        if (ReferenceEquals(one, other))
            return true;
        if (one.Kind == SequenceKind.View || other.Kind == SequenceKind.View)
            throw run.Unknown("a comparison of the keys, values or items of a dictionary");
        return one.Kind == other.Kind && one.Items.Count == other.Items.Count
            && one.Items.Zip(other.Items).All(pair => AreEqual(run, pair.First, pair.Second));
    }

    static bool AreEqual(TemplateRun run, Mapping one, Mapping other) =>
        one.Count == other.Count
        && one.Entries.All(entry =>
            other.TryGet(run, entry.Key, out var value) && AreEqual(run, entry.Value, value));

    static int Compare(TemplateRun run, Sequence one, Sequence other)
    {
        foreach (var (left, right) in one.Items.Zip(other.Items))
            if (!AreEqual(run, left, right))
                return Compare(run, left, right);
        return one.Items.Count.CompareTo(other.Items.Count);
    }
}
