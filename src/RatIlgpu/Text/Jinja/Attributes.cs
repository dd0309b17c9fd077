namespace RatIlgpu.Text;

/// <summary>Attributes, items and slices of values, as Jinja finds them.</summary>
static class Attributes
{
    /// <summary>Returns <c>target.name</c>: a method if the value has one of this name, else the item.</summary>
    /// <exception cref="TemplateException">The value is undefined, or the attribute is not known here.</exception>
    public static object? Attribute(TemplateRun run, object? target, string name)
    {
        Operators.NeedDefined(run, target);
        return Own(run, target, name) is { IsThere: true } own ? own.Value
            : target is Mapping mapping && mapping.TryGet(run, name, out var value) ? value
            : None(target, name);
    }

    /// <summary>Returns <c>target[index]</c>: an item if there is one, else the attribute of this name.</summary>
    /// <exception cref="TemplateException">The value is undefined, or the attribute is not known here.</exception>
    public static object? Item(TemplateRun run, object? target, object? index)
    {
        Operators.NeedDefined(run, target);
        var isKey = index is not (Sequence or Mapping);
        if (isKey && target is Mapping mapping && mapping.TryGet(run, index, out var value))
            return value;
        if (Operators.WholeOrNull(index) is { } place && ItemAt(run, target, place) is { IsThere: true } item)
            return item.Value;
        return index is string name && Own(run, target, name) is { IsThere: true } own ? own.Value
            : None(target, index as string ?? PythonText.TypeOf(index));
    }

    /// <summary>Returns <c>target[start:stop:step]</c>.</summary>
    /// <exception cref="TemplateException">The value has no slices, or a bound is no whole number.</exception>
    public static object? Slice(TemplateRun run, object? target, object? start, object? stop, object? step)
    {
        Operators.NeedDefined(run, target);
        var by = Bound(run, step) ?? 1;
        if (by == 0)
            throw run.Fault("the step of a slice is 0");
        if (target is not string && target is not Sequence { Kind: not SequenceKind.View })
            throw run.Unknown($"a slice of {PythonText.TypeOf(target)}");
        var length = Operators.Length(run, target);
        var (first, last) = (Bound(run, start), Bound(run, stop));
        var from = by > 0 ? Clip(first ?? 0, length, 0, length) : Clip(first ?? length, length, -1, length - 1);
        var to = by > 0 ? Clip(last ?? length, length, 0, length)
            : last is { } end ? Clip(end, length, -1, length - 1) : -1;
        if (target is string text && by == 1)
            return Part(run, text, from, to);
        List<object?> items = [];
        var all = target is string characters ? [.. CodePoints.Of(characters)] : ((Sequence)target).Items;
        run.Step(all.Count);
        for (var i = from; by > 0 ? i < to : i > to; i += by)
            items.Add(all[(int)i]);
        return target is Sequence sequence ? new Sequence(run, sequence.Kind, items) : string.Concat(items);
    }

    // What a value has besides items: methods, and what a namespace or the loop holds.
    static (object? Value, bool IsThere) Own(TemplateRun run, object? target, string name) => target switch
    {
        TemplateNamespace space => (space.Attributes.GetValueOrDefault(name), space.Attributes.ContainsKey(name)),
        LoopState loop => loop.Find(name),
        string => Method(run, target, name, TextMethods.All, PythonNames.OfText),
        Mapping => Method(run, target, name, CollectionMethods.OfMapping, PythonNames.OfMapping),
        Sequence { Kind: SequenceKind.List } =>
            Method(run, target, name, CollectionMethods.OfList, PythonNames.OfList),
        Sequence => Method(run, target, name, CollectionMethods.OfTuple, PythonNames.OfTuple),
        long or bool or double => Method(run, target, name, [], PythonNames.OfNumber),
        null => (null, false),
        _ => throw run.Unknown($"the attribute {Files.OneLine.Quote(name)} of {PythonText.TypeOf(target)}"),
    };

    static (object? Value, bool IsThere) Method(
        TemplateRun run, object? target, string name, Dictionary<string, Callable> known, string[] pythons)
    {
        if (known.TryGetValue(name, out var method))
            return (new BoundMethod(method, target), true);
        if (!pythons.Contains(name))
            return (null, false);
        return CollectionMethods.Changing.Contains(name) && target is Sequence { Kind: SequenceKind.List } or Mapping
            ? (new Undefined($"'{name}' changes {PythonText.TypeOf(target)}, which chat templates may not"), true)
            : throw run.Unknown($"the method '{name}' of {PythonText.TypeOf(target)}");
    }

    static (object? Value, bool IsThere) ItemAt(TemplateRun run, object? target, long index)
    {
        var length = target is string or Sequence { Kind: not SequenceKind.View } ? Operators.Length(run, target) : 0;
        if (index < 0)
            index += length;
        if (index < 0 || index >= length)
            return (null, false);
        return target is string text
            ? (CodePoints.At(text, CodePoints.PlaceOf(text, (int)index)), true)
            : (((Sequence)target!).Items[(int)index], true);
    }

    static string Part(TemplateRun run, string text, long from, long to)
    {
        if (from >= to)
            return "";
        run.Scan(text);
        var start = CodePoints.PlaceOf(text, (int)from);
        var part = text[start..];
        part = part[..CodePoints.PlaceOf(part, (int)(to - from))];
        run.Charge(part.Length);
        return part;
    }

    static long? Bound(TemplateRun run, object? value)
    {
        Operators.NeedDefined(run, value);
        return value is null ? null
            : Operators.WholeOrNull(value)
            ?? throw run.Fault($"a bound of a slice is {PythonText.TypeOf(value)}, expected a whole number");
    }

    static long Clip(long bound, int length, long least, long most) =>
        Math.Clamp(bound < 0 ? bound + length : bound, least, Math.Max(least, most));

    static Undefined None(object? target, string name) =>
        new($"{PythonText.TypeOf(target)} has no {Files.OneLine.Quote(name)}");
}
