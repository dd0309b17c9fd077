namespace RatIlgpu.Analysis;

/// <summary>A dense array of results, with a name and labels for each axis. Immutable.</summary>
public sealed record LabelledArray
{
    /// <summary>Makes an array.</summary>
    /// <param name="axes">The axes, the outermost first.</param>
    /// <param name="values">The values in the order of the axes, the last axis fastest; null where there is
    /// none.</param>
    /// <exception cref="ArgumentException">There are not as many values as the axes have places.</exception>
    public LabelledArray(ValueArray<ArrayAxis> axes, ValueArray<double?> values)
    {
        (Axes, Values) = (axes, values);
        if (Shape.Count != values.Length)
            throw new ArgumentException(FormattableString.Invariant(
                $"{values.Length} values were given for {Shape}, expected {Shape.Count}."));
    }

    /// <summary>Gets the axes, the outermost first.</summary>
    public ValueArray<ArrayAxis> Axes { get; }

    /// <summary>Gets the values in the order of the axes, the last axis fastest; null where there is none.</summary>
    public ValueArray<double?> Values { get; }

    /// <summary>Gets the lengths of the axes.</summary>
    public Shape Shape => new([.. Axes.Select(axis => axis.Labels.Length)]);

    /// <summary>Gets the value at a place.</summary>
    /// <param name="place">The index along each axis, from 0.</param>
    /// <exception cref="ArgumentException">There are not as many indices as axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is out of range.</exception>
    public double? this[params ReadOnlySpan<int> place]
    {
        get
        {
            if (place.Length != Axes.Length)
                throw new ArgumentException(FormattableString.Invariant(
                    $"{place.Length} indices were given for {Axes.Length} axes, expected one for each."));
            var index = 0;
            for (var axis = 0; axis < place.Length; axis++)
            {
                var length = Axes[axis].Labels.Length;
                index = index * length + ActivationAxes.Resolve(place[axis], length, Axes[axis].Name);
            }

            return Values[index];
        }
    }

    /// <summary>Returns arrays of the same axes as one array, with a new outermost axis.</summary>
    /// <param name="axis">The new axis, with a label for each array.</param>
    /// <param name="arrays">The arrays.</param>
    /// <exception cref="ArgumentException">There are not as many arrays as labels, or their axes differ.</exception>
    public static LabelledArray Stack(ArrayAxis axis, IReadOnlyList<LabelledArray> arrays)
    {
        if (arrays.Count == 0 || arrays.Count != axis.Labels.Length)
            throw new ArgumentException(FormattableString.Invariant(
                $"{arrays.Count} arrays were given for {axis.Labels.Length} labels, expected one for each label."));
        foreach (var array in arrays)
            if (array.Axes != arrays[0].Axes)
                throw new ArgumentException(
                    $"An array of {array.Shape} cannot be stacked with one of {arrays[0].Shape}: the same axes are "
                    + "needed.");
        return new([axis, .. arrays[0].Axes], [.. arrays.SelectMany(array => array.Values)]);
    }
}

/// <summary>An axis of a <see cref="LabelledArray"/>.</summary>
/// <param name="Name">The name, such as <c>layer</c>.</param>
/// <param name="Labels">The label of each place.</param>
public sealed record ArrayAxis(string Name, ValueArray<string> Labels)
{
    /// <summary>Returns an axis whose labels count from 0, as positions, layers and heads do.</summary>
    internal static ArrayAxis Counted(string name, int length) => From(0, name, length);

    /// <summary>Returns an axis whose labels count from 1, as prompts and pairs do.</summary>
    internal static ArrayAxis Numbered(string name, int length) => From(1, name, length);

    static ArrayAxis From(int first, string name, int length) => new(
        name, [.. Enumerable.Range(first, length).Select(place => place.ToString(CultureInfo.InvariantCulture))]);
}
