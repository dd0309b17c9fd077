namespace RatIlgpu.Text;

/// <summary>The value of <c>loop</c>.</summary>
sealed class LoopState
{
    readonly TemplateRun run;
    readonly object? source;
    IEnumerator<object?> items;
    int? length;
    bool hasNext;
    object? next;
    object? before;
    object? current;
    object? changed;
    bool hasChanged;

    /// <summary>Starts a loop.</summary>
    /// <param name="run">The rendering.</param>
    /// <param name="source">The value whose items are visited; null where a filter chooses among them.</param>
    /// <param name="items">The items.</param>
    public LoopState(TemplateRun run, object? source, IEnumerable<object?> items) =>
        (this.run, this.source, this.items) = (run, source, items.GetEnumerator());

    /// <summary>Gets the item of this round.</summary>
    public object? Current => current;

    int Index { get; set; } = -1;

    /// <summary>Goes on to the next item.</summary>
    public bool Advance()
    {
        if (!Peek())
            return false;
        (before, current, hasNext) = (current, next, false);
        Index++;
        return true;
    }

    /// <summary>Returns an attribute, or null where there is none of this name.</summary>
    public (object? Value, bool IsThere) Find(string name) => name switch
    {
        "index" => (Index + 1L, true),
        "index0" => ((long)Index, true),
        "first" => (Index == 0, true),
        "last" => (!Peek(), true),
        "length" => ((long)Length, true),
        "revindex" => ((long)Length - Index, true),
        "revindex0" => ((long)Length - Index - 1, true),
        "previtem" => (Index == 0 ? new Undefined("there is no previous item") : before, true),
        "nextitem" => (Peek() ? next : new Undefined("there is no next item"), true),
        "depth" => (1L, true),
        "depth0" => (0L, true),
        "cycle" => (new BoundMethod(Cycle, this), true),
        "changed" => (new BoundMethod(Changed, this), true),
        _ => (null, false),
    };

    static readonly Callable Cycle = Callable.Open("cycle", call =>
        call.Positional.Count == 0
            ? throw call.Run.Fault("cycle has no items")
            : call.Positional[((LoopState)call.Self!).Index % call.Positional.Count]);

    static readonly Callable Changed = Callable.Open("changed", call =>
        ((LoopState)call.Self!).IsChanged(new Sequence(call.Run, SequenceKind.Tuple, call.Positional)));

    int Length => length ??= Operators.LengthOrNull(source) ?? CountRest();

    bool Peek()
    {
        if (!hasNext && items.MoveNext())
            (hasNext, next) = (true, items.Current);
        return hasNext;
    }

    int CountRest()
    {
        List<object?> rest = [];
        while (items.MoveNext())
        {
            run.Step();
            rest.Add(items.Current);
        }

        items = ((IEnumerable<object?>)rest).GetEnumerator();
        return Index + 1 + (hasNext ? 1 : 0) + rest.Count;
    }

    bool IsChanged(Sequence values)
    {
        var isChanged = !hasChanged || !Operators.AreEqual(run, changed, values);
        (hasChanged, changed) = (true, values);
        return isChanged;
    }
}
