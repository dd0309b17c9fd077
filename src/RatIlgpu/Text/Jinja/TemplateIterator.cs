namespace RatIlgpu.Text;

/// <summary>Values that are made when they are asked for, and can be read once, such as those of the filter
/// <c>map</c>.</summary>
sealed class TemplateIterator
{
    readonly IEnumerator<object?> items;

    /// <summary>Makes an iterator.</summary>
    /// <param name="run">The rendering.</param>
    /// <param name="source">The value that the items come from.</param>
    /// <param name="items">The items.</param>
    /// <exception cref="TemplateException">Too many iterators read each other.</exception>
    public TemplateIterator(TemplateRun run, object? source, IEnumerable<object?> items) =>
        (this.items, Depth) = (items.GetEnumerator(), Sequence.DepthOf(run, [source]));

    /// <summary>Gets how deep the values are that it reads.</summary>
    public int Depth { get; }

    /// <summary>Returns the items that are left.</summary>
    public IEnumerable<object?> Rest()
    {
        while (items.MoveNext())
            yield return items.Current;
    }
}
