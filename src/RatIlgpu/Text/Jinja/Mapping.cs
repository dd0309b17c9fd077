namespace RatIlgpu.Text;

/// <summary>A dictionary of values that does not change, in the order in which its keys were given.</summary>
sealed class Mapping
{
    static readonly object None = new();
    static readonly object Missing = new();

    readonly OrderedDictionary<object, (object? Key, object? Value)> entries;

    /// <summary>Makes a dictionary; the last of several equal keys gives the value, the first its place.</summary>
    /// <exception cref="TemplateException">A key is no text, number, truth value or none, or the values are nested too
    /// deep.</exception>
    public Mapping(TemplateRun run, IReadOnlyCollection<(object? Key, object? Value)> pairs)
    {
        run.Step(pairs.Count);
        entries = new(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            var normal = Normal(run, key);
            entries[normal] = (entries.TryGetValue(normal, out var entry) ? entry.Key : key, value);
        }

        Depth = Sequence.DepthOf(run, entries.Values.Select(entry => entry.Value));
    }

    /// <summary>Gets how deep sequences and mappings lie in this one.</summary>
    public int Depth { get; }

    /// <summary>Gets the number of entries.</summary>
    public int Count => entries.Count;

    /// <summary>Gets the entries.</summary>
    public IEnumerable<(object? Key, object? Value)> Entries => entries.Values;

    /// <summary>Makes a dictionary whose keys are texts.</summary>
    public static Mapping Of(TemplateRun run, params IReadOnlyCollection<(string Key, object? Value)> pairs) =>
        new(run, [.. pairs.Select(pair => ((object?)pair.Key, pair.Value))]);

    /// <summary>Finds the value of a key.</summary>
    /// <exception cref="TemplateException">The key can be none.</exception>
    public bool TryGet(TemplateRun run, object? key, out object? value)
    {
        var found = entries.TryGetValue(Normal(run, key), out var entry);
        value = entry.Value;
        return found;
    }

    /// <summary>Returns the object that stands for a key: equal numbers are one key, and true is 1.</summary>
    /// <exception cref="TemplateException">The value cannot be a key.</exception>
    public static object Normal(TemplateRun run, object? key) => key switch
    {
        null => None,
        string text => Scanned(run, text),
        long => key,
        bool flag => flag ? 1L : 0L,
        double number => Math.Floor(number) == number && Math.Abs(number) < 1L << 53 ? (long)number : key,
        Undefined => Missing,
        Mapping or Sequence { Kind: SequenceKind.List } =>
            throw run.Fault($"{PythonText.TypeOf(key)} is the key of a dictionary, expected a text or a number"),
        _ => throw run.Unknown($"{PythonText.TypeOf(key)} as the key of a dictionary"),
    };

    // To look for a text is to read it.
    static string Scanned(TemplateRun run, string key)
    {
        run.Scan(key);
        return key;
    }
}
