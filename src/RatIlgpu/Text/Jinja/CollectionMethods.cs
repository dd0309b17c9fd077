namespace RatIlgpu.Text;

/// <summary>The methods of lists, tuples and dictionaries that change nothing.</summary>
static class CollectionMethods
{
    /// <summary>The methods that change a value; the sandbox of Hugging Face refuses them.</summary>
    public static readonly HashSet<string> Changing =
    [
        "append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update",
    ];

    /// <summary>The methods of tuples.</summary>
    public static readonly Dictionary<string, Callable> OfTuple = new[]
    {
        Callable.Of("count", call => (long)Items(call).Count(item => Operators.AreEqual(call.Run, item, call[0])),
            Callable.Need("value")),
        Callable.Of("index", call => Index(call), Callable.Need("value")),
    }.ToDictionary(method => method.Name);

    /// <summary>The methods of lists.</summary>
    public static readonly Dictionary<string, Callable> OfList = OfTuple.Values
        .Append(Callable.Of("copy", call => call.Self)).ToDictionary(method => method.Name);

    /// <summary>The methods of dictionaries.</summary>
    public static readonly Dictionary<string, Callable> OfMapping = new[]
    {
        Callable.Of("get", call => ((Mapping)call.Self!).TryGet(call.Run, call[0], out var value) ? value : call[1],
            Callable.Need("key"), ("default", null)),
        Callable.Of("items", call => View(call.Run, Pairs(call.Run, (Mapping)call.Self!))),
        Callable.Of("keys", call => View(call.Run, ((Mapping)call.Self!).Entries.Select(entry => entry.Key))),
        Callable.Of("values", call => View(call.Run, ((Mapping)call.Self!).Entries.Select(entry => entry.Value))),
        Callable.Of("copy", call => call.Self),
    }.ToDictionary(method => method.Name);

    /// <summary>Returns the entries of a dictionary as tuples.</summary>
    public static IEnumerable<object?> Pairs(TemplateRun run, Mapping mapping) =>
        mapping.Entries.Select(entry => new Sequence(run, SequenceKind.Tuple, [entry.Key, entry.Value]));

    static Sequence View(TemplateRun run, IEnumerable<object?> items) => new(run, SequenceKind.View, [.. items]);

    static IReadOnlyList<object?> Items(CallArguments call) => ((Sequence)call.Self!).Items;

    static long Index(CallArguments call)
    {
        for (var i = 0; i < Items(call).Count; i++)
            if (Operators.AreEqual(call.Run, Items(call)[i], call[0]))
                return i;
        throw call.Run.Fault("'index' finds no such item");
    }
}
