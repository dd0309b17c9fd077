namespace RatIlgpu.Text;

/// <summary>Filters of lists and of other values with items.</summary>
static partial class Filters
{
    static IEnumerable<Callable> Orders() =>
    [
        Callable.Of("sort", Sort, ("reverse", false), ("case_sensitive", false), ("attribute", null)),
        Callable.Of("dictsort", SortEntries, ("case_sensitive", false), ("by", "key"), ("reverse", false)),
        Callable.Of("reverse", Reverse),
        Callable.Of("unique", Unique, ("case_sensitive", false), ("attribute", null)),
        Callable.Of("min", call => Extreme(call, -1), ("case_sensitive", false), ("attribute", null)),
        Callable.Of("max", call => Extreme(call, 1), ("case_sensitive", false), ("attribute", null)),
    ];

    static List<object?> Items(CallArguments call)
    {
        List<object?> items = [];
        foreach (var item in Operators.Items(call.Run, call.Self))
        {
            call.Run.Step();
            items.Add(item);
        }

        return items;
    }

    static object? First(CallArguments call)
    {
        foreach (var item in Operators.Items(call.Run, call.Self))
            return item;
        return new Undefined("there is no first item");
    }

    static object? Last(CallArguments call) => call.Self is TemplateIterator
        ? throw call.Run.Fault("an iterator has no last item; make a list of it first")
        : Items(call) is [.., var last] ? last : new Undefined("there is no last item");

    static object? Absolute(CallArguments call) => call.Self is double number
        ? Math.Abs(number)
        : Operators.WholeOrNull(call.Self) is { } whole
            ? Arithmetic.Signed(call.Run, whole < 0 ? "-" : "+", whole)
            : throw call.Run.Fault($"{PythonText.TypeOf(call.Self)} has no absolute value");

    static TemplateIterator EntriesOf(CallArguments call) => call.Self switch
    {
        Mapping mapping => Iterator(call, CollectionMethods.Pairs(call.Run, mapping)),
        Undefined => Iterator(call, []),
        _ => throw call.Run.Fault($"{PythonText.TypeOf(call.Self)} has no entries, expected a dictionary"),
    };

    static object? Attr(CallArguments call) => call.Self is Mapping or string or Sequence
        ? throw call.Run.Unknown($"filter 'attr' of {PythonText.TypeOf(call.Self)}")
        : Attributes.Attribute(call.Run, call.Self, call.Text(0));

    static TemplateIterator Map(CallArguments call)
    {
        var run = call.Run;
        if (!Operators.IsTrue(call.Self))
            return Iterator(call, []);
        if (call.Positional.Count == 0 && call.Named.Any(argument => argument.Name == "attribute"))
            return Iterator(call, Operators.Items(run, call.Self).Select(AttributeOf(call)));
        var name = call.Positional.Count == 0 ? throw run.Fault("'map' has no name of a filter") : call[0];
        if (name is not string text || !All.TryGetValue(text, out var filter))
            throw run.Unknown($"filter {Files.OneLine.Quote(PythonText.Of(run, name))}");
        var rest = call with { Positional = [.. call.Positional.Skip(1)] };
        var items = Operators.Items(run, call.Self);
        return Iterator(call, items.Select(item => Counted(rest with { Self = item }, filter)));
    }

    static Func<object?, object?> AttributeOf(CallArguments call)
    {
        object? attribute = null, other = null;
        foreach (var (name, value) in call.Named)
            _ = name switch
            {
                "attribute" => attribute = value,
                "default" => other = value,
                _ => throw call.Run.Fault($"'map' cannot take the argument {Files.OneLine.Quote(name)}"),
            };
        return item => At(call.Run, item, attribute, other);
    }

    static TemplateIterator Choose(CallArguments call, bool hasAttribute, bool wanted)
    {
        var (run, offset) = (call.Run, hasAttribute ? 1 : 0);
        if (!Operators.IsTrue(call.Self))
            return Iterator(call, []);
        if (call.Positional.Count < offset)
            throw run.Fault("the filter has no name of an attribute");
        var attribute = hasAttribute ? call[0] : null;
        var test = call.Positional.Count > offset ? ValueTests.Find(run, call[offset]) : null;
        var rest = call with { Positional = [.. call.Positional.Skip(offset + 1)] };
        return Iterator(call, Operators.Items(run, call.Self).Where(item =>
        {
            var value = hasAttribute ? At(run, item, attribute) : item;
            return Operators.IsTrue(test is null ? value : Counted(rest with { Self = value }, test)) == wanted;
        }));
    }

    static object? Counted(CallArguments call, Callable callable)
    {
        call.Run.Step();
        return callable.Call(call);
    }

    static TemplateIterator Iterator(CallArguments call, IEnumerable<object?> items) => new(call.Run, call.Self, items);

    // An attribute may be a number, or several names with dots between them.
    static object? At(TemplateRun run, object? item, object? attribute, object? other = null)
    {
        run.Step();
        if (attribute is not string path)
            return Attributes.Item(run, item, attribute);
        foreach (var part in path.Split('.'))
        {
            item = Attributes.Item(run, item, long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture,
                out var index) ? index : part);
            item = item is Undefined && other is not null ? other : item;
        }

        return item;
    }

    static Sequence Sort(CallArguments call)
    {
        var run = call.Run;
        var attributes = call[2] is string paths ? paths.Split(',').Cast<object?>() : [call[2]];
        return Sorted(
            call,
            Items(call),
            item => new Sequence(run, SequenceKind.List, [.. attributes.Select(one => Key(call, item, one, 1))]),
            isReversed: call.Flag(0));
    }

    static Sequence SortEntries(CallArguments call)
    {
        if (call.Self is not Mapping mapping || call[1] is not ("key" or "value"))
            throw call.Run.Fault("'dictsort' sorts a dictionary by 'key' or by 'value'");
        var place = call[1] is "key" ? 0 : 1;
        return Sorted(
            call,
            [.. CollectionMethods.Pairs(call.Run, mapping)],
            pair => Key(call, ((Sequence)pair!).Items[place], null, 0),
            isReversed: call.Flag(2));
    }

    static Sequence Sorted(
        CallArguments call, IReadOnlyList<object?> items, Func<object?, object?> key, bool isReversed)
    {
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToList();
        var sorted = Operators.Sorted(call.Run, keyed, one => one.Key, isReversed);
        return new Sequence(call.Run, SequenceKind.List, [.. sorted.Select(one => one.Item)]);
    }

    // The value to compare: of an attribute if one is given, in lower case unless the case counts.
    static object? Key(CallArguments call, object? item, object? attribute, int caseArgument)
    {
        var value = attribute is null ? item : At(call.Run, item, attribute);
        return value is string text && !call.Flag(caseArgument) ? LetterCase.Lower(call.Run, text) : value;
    }

    static object? Reverse(CallArguments call)
    {
        if (call.Self is string text)
            return Attributes.Slice(call.Run, text, null, null, -1L);
        var items = Items(call);
        items.Reverse();
        return call.Self is TemplateIterator
            ? new Sequence(call.Run, SequenceKind.List, items)
            : Iterator(call, items);
    }

    static TemplateIterator Unique(CallArguments call)
    {
        return Iterator(call, Distinct());

        IEnumerable<object?> Distinct()
        {
            HashSet<object> seen = [];
            foreach (var item in Operators.Items(call.Run, call.Self))
            {
                if (seen.Add(Mapping.Normal(call.Run, Key(call, item, call[1], 0))))
                    yield return item;
            }
        }
    }

    static object? Extreme(CallArguments call, int sign)
    {
        var items = Items(call);
        if (items.Count == 0)
            return new Undefined("there is no item to choose from");
        var (best, bestKey) = (items[0], Key(call, items[0], call[1], 0));
        foreach (var item in items.Skip(1))
        {
            var key = Key(call, item, call[1], 0);
            if (sign * Operators.Compare(call.Run, key, bestKey) > 0)
                (best, bestKey) = (item, key);
        }

        return best;
    }
}
