namespace RatIlgpu.Analysis;

/// <summary>The grids of several pairs of prompts under the same patches, and mean and spread over the pairs.</summary>
/// <typeparam name="TTarget">The kind of patch: <see cref="PatchTarget"/> for activations, <see cref="PathTarget"/> for
/// direct paths.</typeparam>
public sealed class PatchBatch<TTarget>
{
    internal PatchBatch(ImmutableArray<PatchGrid<TTarget>> grids) => Grids = grids;

    /// <summary>Gets the grid of each pair, in the order of the pairs.</summary>
    public ImmutableArray<PatchGrid<TTarget>> Grids { get; }

    /// <summary>Gets the activation or the paths that were patched.</summary>
    public TTarget Target => Grids[0].Target;

    /// <summary>Gets the metric of the clean runs.</summary>
    public MeanAndSpread CleanMetric => MeanAndSpread.Of(Grids.Select(grid => (double?)grid.CleanMetric));

    /// <summary>Gets the metric of the corrupted runs, without any patch.</summary>
    public MeanAndSpread CorruptedMetric => MeanAndSpread.Of(Grids.Select(grid => (double?)grid.CorruptedMetric));

    /// <summary>Gets every cell, in the order of the grids' values.</summary>
    public IEnumerable<PatchCell> Cells => Grids[0].Cells;

    /// <summary>Gets the cells that have a value in at least one pair.</summary>
    public IEnumerable<PatchCell> Patched => Cells.Where(cell => Grids.Any(grid => grid[cell] is not null));

    /// <summary>Returns the metric under a patch; pairs without such a patch are left out.</summary>
    /// <exception cref="ArgumentException">The grids do not have the cell.</exception>
    public MeanAndSpread Metric(PatchCell cell) => Over(PatchValue.Metric, cell);

    /// <summary>Returns the effect of a patch; pairs without such a patch are left out.</summary>
    /// <exception cref="ArgumentException">The grids do not have the cell.</exception>
    public MeanAndSpread Effect(PatchCell cell) => Over(PatchValue.Effect, cell);

    /// <summary>Returns the recovery by a patch; pairs without such a patch are left out, and pairs whose two runs do
    /// not differ in the metric.</summary>
    /// <exception cref="ArgumentException">The grids do not have the cell.</exception>
    public MeanAndSpread Recovery(PatchCell cell) => Over(PatchValue.Recovery, cell);

    /// <summary>Returns the largest mean effects by magnitude, largest first; equal ones in the order of the
    /// grids.</summary>
    /// <param name="count">The most to return, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<(PatchCell Cell, MeanAndSpread Effect)> Largest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. Patched.Select(cell => (Cell: cell, Effect: Effect(cell)))
                .OrderByDescending(one => Math.Abs(one.Effect.Mean)).Take(count),
        ];
    }

    /// <summary>Returns the values of all pairs as one array, <c>[pair, layer, …]</c>: the axes of a grid after that of
    /// the pairs, which are numbered from 1.</summary>
    /// <param name="value">The number that is returned of each patch.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of its enumeration.</exception>
    public LabelledArray ToArray(PatchValue value = PatchValue.Metric) => LabelledArray.Stack(
        ArrayAxis.Numbered("pair", Grids.Length), [.. Grids.Select(grid => grid.ToArray(value))]);

    /// <summary>Throws if the cells of the pairs do not mean the same.</summary>
    internal static void Check(IReadOnlyList<PatchCase> cases, PatchAxes axes)
    {
        if (cases.Count == 0)
            throw new ArgumentException("There is no pair of prompts: at least one is needed.");
        var (first, hasPositions) = (cases[0], (axes & (PatchAxes.Position | PatchAxes.Key)) != 0);
        foreach (var one in cases)
        {
            if (hasPositions && one.Pair.Length != first.Pair.Length)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Pairs of {first.Pair.Length} and {one.Pair.Length} tokens were given, expected pairs of one ")
                    + "length: patches by position are compared position by position.");
            if (one.Metric.Kind != first.Metric.Kind)
                throw new ArgumentException(
                    $"The metrics are of the kinds {Name(first.Metric)} and {Name(one.Metric)}, expected one kind for "
                    + "all pairs.");
        }
    }

    /// <summary>Returns a number of a patch over the pairs.</summary>
    internal MeanAndSpread Over(PatchValue value, PatchCell cell) =>
        MeanAndSpread.Of(Grids.Select(grid => grid.Value(value, cell)));

    static string Name(LogitMetric metric) => metric.Kind?.ToString() ?? nameof(LogitMetric.Custom);
}

/// <summary>A pair of prompts, and the number that is measured in its runs.</summary>
/// <param name="Pair">The prompts.</param>
/// <param name="Metric">The number.</param>
public sealed record PatchCase(PromptPair Pair, LogitMetric Metric);
