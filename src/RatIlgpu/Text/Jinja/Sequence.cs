namespace RatIlgpu.Text;

/// <summary>A sequence of values that does not change.</summary>
sealed class Sequence
{
    // Nothing that a chat needs is nested deeper; a loop could nest without an end.
    const int MostNested = 100;

    /// <summary>Makes a sequence.</summary>
    /// <exception cref="TemplateException">There are too many items, or they are nested too deep.</exception>
    public Sequence(TemplateRun run, SequenceKind kind, IReadOnlyList<object?> items)
    {
        run.Step(items.Count);
        (Kind, Items) = (kind, items);
        Depth = DepthOf(run, items);
    }

    /// <summary>Gets what it is.</summary>
    public SequenceKind Kind { get; }

    /// <summary>Gets the items.</summary>
    public IReadOnlyList<object?> Items { get; }

    /// <summary>Gets how deep sequences and mappings lie in this one.</summary>
    public int Depth { get; }

    /// <summary>Returns how deep the value is that holds others.</summary>
    /// <exception cref="TemplateException">That is too deep.</exception>
    public static int DepthOf(TemplateRun run, IEnumerable<object?> items)
    {
        var depth = 1;
        foreach (var item in items)
            depth = Math.Max(depth, 1 + (item switch
            {
                Sequence inner => inner.Depth,
                Mapping inner => inner.Depth,
                TemplateIterator inner => inner.Depth,
                _ => 0,
            }));
        return depth <= MostNested ? depth : throw run.Fault($"more than {MostNested} values lie in each other");
    }
}

/// <summary>What a sequence is.</summary>
enum SequenceKind
{
    /// <summary>A list.</summary>
    List,

    /// <summary>A tuple.</summary>
    Tuple,

    /// <summary>A range of whole numbers.</summary>
    Range,

    /// <summary>The keys, values or items of a mapping.</summary>
    View,
}
