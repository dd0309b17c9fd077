namespace RatIlgpu.Analysis;

/// <summary>The metric under each patch of a sweep, over the axes layer, position, head and key as far as they were
/// patched one by one.</summary>
/// <typeparam name="TTarget">The kind of patch: <see cref="PatchTarget"/> for activations, <see cref="PathTarget"/> for
/// direct paths.</typeparam>
public sealed class PatchGrid<TTarget>
{
    readonly ImmutableArray<double?> values;
    readonly PatchLengths lengths;

    internal PatchGrid(
        TTarget target, RunPair runs, PatchLengths lengths, PatchChoice choice, ImmutableArray<double?> values)
    {
        (Target, this.lengths, Choice, this.values) = (target, lengths, choice, values);
        // Recorded runs are large: the grid does not hold them.
        (Pair, Metric) = (runs.Pair with { CleanRun = null, CorruptedRun = null }, runs.Reader.Metric);
        (CleanMetric, CorruptedMetric) = (runs.CleanMetric, runs.CorruptedMetric.Value);
    }

    /// <summary>Gets the activation or the paths that were patched.</summary>
    public TTarget Target { get; }

    /// <summary>Gets the prompts, without recorded runs.</summary>
    public PromptPair Pair { get; }

    /// <summary>Gets the number that was measured.</summary>
    public LogitMetric Metric { get; }

    /// <summary>Gets the metric of the clean run.</summary>
    public double CleanMetric { get; }

    /// <summary>Gets the metric of the corrupted run, without any patch.</summary>
    public double CorruptedMetric { get; }

    /// <summary>Gets the layers, positions and heads that were chosen.</summary>
    internal PatchChoice Choice { get; }

    /// <summary>Gets the axes beside the layers.</summary>
    public PatchAxes Axes => lengths.Axes;

    /// <summary>Gets the lengths of the axes: <c>[layers]</c>, then positions, heads and keys as far as
    /// <see cref="Axes"/> names them.</summary>
    public Shape Shape => lengths.Shape;

    /// <summary>Gets the metric under each patch, in the order of <see cref="Shape"/>; null where there is no such
    /// patch: a key after the query, a layer, position or head that was not asked for, padding, a layer that no path
    /// leads to.</summary>
    public ReadOnlySpan<double?> Values => values.AsSpan();

    /// <summary>Gets every cell, in the order of <see cref="Values"/>.</summary>
    public IEnumerable<PatchCell> Cells => Enumerable.Range(0, lengths.Layers).SelectMany(lengths.CellsOf);

    /// <summary>Gets the cells that have a value, in the order of <see cref="Values"/>; of direct paths, these are the
    /// destinations.</summary>
    public IEnumerable<PatchCell> Patched => Cells.Where(cell => this[cell] is not null);

    /// <summary>Gets the metric under a patch; null where there is no such patch.</summary>
    /// <exception cref="ArgumentException">The grid does not have the cell.</exception>
    public double? this[PatchCell cell] => values[lengths.IndexOf(cell)];

    /// <summary>Returns by how much a patch changes the metric of the corrupted run; null where there is no such
    /// patch.</summary>
    /// <exception cref="ArgumentException">The grid does not have the cell.</exception>
    public double? Effect(PatchCell cell) => this[cell] - CorruptedMetric;

    /// <summary>Returns the effect of a patch as a share of the difference between the clean and the corrupted run;
    /// null where there is no such patch, or no difference.</summary>
    /// <exception cref="ArgumentException">The grid does not have the cell.</exception>
    public double? Recovery(PatchCell cell) =>
        CleanMetric == CorruptedMetric ? null : Effect(cell) / (CleanMetric - CorruptedMetric);

    /// <summary>Returns the values as an array with labels, in the order of <see cref="Shape"/>: the axes
    /// <c>layer</c>, then <c>position</c>, <c>head</c> and <c>key</c> as far as <see cref="Axes"/> names
    /// them.</summary>
    /// <param name="value">The number that is returned of each patch.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of its enumeration.</exception>
    public LabelledArray ToArray(PatchValue value = PatchValue.Metric) => new(
        [.. PatchAxisWords.Of(Axes).Select((name, axis) => ArrayAxis.Counted(name, Shape[axis]))],
        [.. Cells.Select(cell => Value(value, cell))]);

    /// <summary>Returns a number of a patch; null where there is none.</summary>
    internal double? Value(PatchValue value, PatchCell cell) => value switch
    {
        PatchValue.Metric => this[cell],
        PatchValue.Effect => Effect(cell),
        PatchValue.Recovery => Recovery(cell),
        _ => throw new ArgumentOutOfRangeException(nameof(value), $"{value} is no number of a patch."),
    };

    /// <summary>Returns the largest effects by magnitude, largest first; equal ones in the order of the grid.</summary>
    /// <param name="count">The most to return, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<(PatchCell Cell, double Effect)> Largest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. Patched.Select(cell => (Cell: cell, Effect: Effect(cell)!.Value))
                .OrderByDescending(one => Math.Abs(one.Effect)).Take(count),
        ];
    }
}

/// <summary>The numbers of a patch.</summary>
public enum PatchValue
{
    /// <summary>The metric of the patched run.</summary>
    Metric,

    /// <summary>The metric minus that of the corrupted run.</summary>
    Effect,

    /// <summary>The effect as a share of the difference between the clean and the corrupted run.</summary>
    Recovery,
}

/// <summary>A place in a grid of patches.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Position">The position; null where all are patched at once.</param>
/// <param name="Head">The head; null where all are patched at once, or the activation has no heads.</param>
/// <param name="Key">The key of a pattern; null where all are patched at once, or the activation is no pattern.</param>
public readonly record struct PatchCell(int Layer, int? Position = null, int? Head = null, int? Key = null)
{
    /// <summary>Returns the cell of a head in a grid over layers and heads.</summary>
    /// <param name="head">The head.</param>
    public static implicit operator PatchCell(HeadIndex head) => new(head.Layer, Head: head.Head);

    /// <summary>Returns the place, such as <c>L3H7 at 5 on 2</c>.</summary>
    public override string ToString()
    {
        var head = Head is { } h ? string.Create(CultureInfo.InvariantCulture, $"H{h}") : "";
        var position = Position is { } p ? string.Create(CultureInfo.InvariantCulture, $" at {p}") : "";
        var key = Key is { } k ? string.Create(CultureInfo.InvariantCulture, $" on {k}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"L{Layer}{head}{position}{key}");
    }
}

/// <summary>The chosen layers, positions and heads of a sweep, in ascending order; null for all.</summary>
readonly record struct PatchChoice(
    ImmutableArray<int>? Layers, ImmutableArray<int>? Positions, ImmutableArray<int>? Heads)
{
    /// <summary>Returns the choice of options that have been checked.</summary>
    public static PatchChoice Of(
        ValueArray<Index>? layers,
        ValueArray<Index>? positions,
        ValueArray<int>? heads,
        int layerCount,
        PromptPair pair) => new(
            layers is null ? null : ActivationAxes.Resolve(layers, layerCount, "layer"),
            positions is null ? null : pair.Resolve(positions),
            heads is { } some ? [.. some.Order()] : null);
}

/// <summary>The lengths of the axes of a grid; 0 for an axis that is patched all at once.</summary>
readonly record struct PatchLengths(int Layers, int Positions, int Heads, int Keys)
{
    /// <summary>Returns the lengths of the axes that are named.</summary>
    public static PatchLengths Of(PatchAxes axes, int layers, int positions, int heads)
    {
        return new(
            layers,
            Length(PatchAxes.Position, positions),
            Length(PatchAxes.Head, heads),
            Length(PatchAxes.Key, positions));

        int Length(PatchAxes axis, int length) => axes.HasFlag(axis) ? length : 0;
    }

    /// <summary>Gets the axes that are patched one by one.</summary>
    public PatchAxes Axes => (Positions > 0 ? PatchAxes.Position : 0) | (Heads > 0 ? PatchAxes.Head : 0)
        | (Keys > 0 ? PatchAxes.Key : 0);

    /// <summary>Gets the lengths of these axes, after the layers.</summary>
    public Shape Shape => new([Layers, .. new[] { Positions, Heads, Keys }.Where(length => length > 0)]);

    /// <summary>Returns the cells of a layer, in their order.</summary>
    public IEnumerable<PatchCell> CellsOf(int layer)
    {
        var (positions, heads, keys) = (Axis(Positions), Axis(Heads), Axis(Keys));
        return
            from position in positions
            from head in heads
            from key in keys
            select new PatchCell(layer, position, head, key);
    }

    /// <summary>Returns the index of a cell among all values.</summary>
    public int IndexOf(PatchCell cell)
    {
        var place = Along(cell.Layer, Layers, 0, cell);
        place = Along(cell.Position, Positions, place, cell);
        place = Along(cell.Head, Heads, place, cell);
        return Along(cell.Key, Keys, place, cell);
    }

    static IEnumerable<int?> Axis(int length) =>
        length == 0 ? [null] : Enumerable.Range(0, length).Select(place => (int?)place);

    static int Along(int? asked, int length, int before, PatchCell cell) => (asked, length) switch
    {
        (null, 0) => before,
        ({ } place, > 0) when (uint)place < (uint)length => before * length + place,
        _ => throw new ArgumentException($"The grid has no {cell}."),
    };
}
