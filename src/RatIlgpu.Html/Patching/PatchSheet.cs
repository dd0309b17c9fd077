using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>What a page of patches shows: the axes, and for each pair its prompts and the metric under each
/// patch.</summary>
/// <param name="Kind">Whether paths were patched, and where they end.</param>
/// <param name="What">What was patched, such as <c>head output by layer, head</c>.</param>
/// <param name="Axes">The axes of the values. Those of paths begin with the source, as one axis, or as the two of its
/// layer and its head if every head is a source.</param>
/// <param name="Facts">How the patches were made.</param>
/// <param name="Pairs">The pairs, at least one.</param>
sealed record PatchSheet(
    PatchKind Kind,
    string What,
    ImmutableArray<SheetAxis> Axes,
    ImmutableArray<(string Name, string Value)> Facts,
    ImmutableArray<SheetPair> Pairs)
{
    // In characters.
    const int LongestToken = 24;

    /// <summary>Gets the number of places of the axes, which is that of the values of each pair.</summary>
    public int Count => Axes.Aggregate(1, (count, axis) => count * axis.Length);

    /// <summary>Gets the number of axes that name the source of a path; 0 for an activation.</summary>
    public int SourceAxes => Kind == PatchKind.Activation ? 0 : Axes.Count(axis => axis.Name.StartsWith(
        "source", StringComparison.Ordinal));

    /// <summary>Gets the sources of paths, in the order of their axes; empty for an activation.</summary>
    public ImmutableArray<HeadIndex> Sources { get; init; } = [];

    /// <summary>Gets the destinations of paths, in the order of their axes; empty for an activation. The head is −1
    /// where a path ends in all heads of a layer.</summary>
    public ImmutableArray<HeadIndex> Destinations { get; init; } = [];

    /// <summary>Gets the input through which destinations read the sources; empty for an activation.</summary>
    public string Input { get; init; } = "";

    /// <summary>Gets whether destinations are query heads, as sources are.</summary>
    public bool AreQueryHeads { get; init; }

    /// <summary>Returns the diagram of the heads between which paths were patched.</summary>
    public EdgeDiagram Diagram()
    {
        var (from, to) = (new HashSet<int>(), new HashSet<int>());
        foreach (var pair in Pairs)
            for (var i = 0; i < pair.Values.Length; i++)
                if (!double.IsNaN(pair.Values[i]))
                {
                    from.Add(i / Destinations.Length);
                    to.Add(i % Destinations.Length);
                }

        return EdgeDiagram.Of(
            [.. from.Select(source => Sources[source])], [.. to.Select(head => Destinations[head])], AreQueryHeads);
    }

    /// <summary>Returns the curve of a path.</summary>
    public DiagramCurve CurveOf(EdgeDiagram diagram, int index) =>
        diagram.CurveOf(Sources[index / Destinations.Length], Destinations[index % Destinations.Length]);

    /// <summary>Returns the name of the place of a patch, such as <c>L3H7 at 5 ·Mary</c> or
    /// <c>L1H0 → L3H3</c>.</summary>
    public string NameOf(int index)
    {
        if (Kind != PatchKind.Activation)
        {
            var (from, to) = (Sources[index / Destinations.Length], Destinations[index % Destinations.Length]);
            return string.Create(
                CultureInfo.InvariantCulture, $"{from} → {(to.Head < 0 ? $"L{to.Layer}" : to.ToString())}");
        }

        var named = Axes.Zip(PlacesOf(index)).ToLookup(entry => entry.First.Labels.IsEmpty);
        return string.Concat(named[false].Select(entry => entry.First.Labels[entry.Second]))
            + string.Concat(named[true].Select(entry =>
                $" {(entry.First.Name == "key" ? "on" : "at")} {TokenAt(entry.Second)}"));
    }

    /// <summary>Returns a position with the token that the corrupted prompt has there; of several pairs the number
    /// alone.</summary>
    public string TokenAt(int position) => Pairs is [var only]
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{position} {TraceWords.Isolated(TokenGlyphs.Show(only.Corrupted[position], LongestToken))}")
        : position.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the place of a patch on each axis.</summary>
    public ImmutableArray<int> PlacesOf(int index)
    {
        var places = new int[Axes.Length];
        for (var (axis, rest) = (Axes.Length - 1, index); axis >= 0; rest /= Axes[axis].Length, axis--)
            places[axis] = rest % Axes[axis].Length;
        return [.. places];
    }

    /// <summary>Returns the number of an axis; −1 if there is none of the name.</summary>
    public int AxisOf(string name) => Axes.IndexOf(Axes.FirstOrDefault(axis => axis.Name == name)!);

    /// <summary>Returns whether a path starts or ends at a node of the diagram.</summary>
    public bool IsAt(DiagramNode node, int index) =>
        (node.IsSource && Sources[index / Destinations.Length] == node.Head)
        || (node.IsDestination && Destinations[index % Destinations.Length] == node.Head);

    /// <summary>Returns the sheet of an activation.</summary>
    public static PatchSheet Of(IReadOnlyList<PatchGrid<PatchTarget>> grids, Func<int, TokenText> token)
    {
        var first = Checked(grids, grid => grid.Target)[0];
        var target = first.Target;
        var isShared = target.Activation is Activation.Key or Activation.RotatedKey or Activation.Value;
        var groups = isShared && target.Scope == KeyValueScope.KeyValueGroup;
        ImmutableArray<(string, string)> facts =
            isShared && target.Axes.HasFlag(PatchAxes.Head) ? [PatchWords.Scope(target.Scope)] : [];
        return new(
            PatchKind.Activation,
            $"{PatchWords.Of(target.Activation)} by {string.Join(", ", PatchAxisWords.Of(target.Axes).Items)}",
            AxesOf(first, groups),
            facts,
            [.. grids.Select(grid => SheetPair.Of(grid, [.. ValuesOf(grid)], token))]);
    }

    /// <summary>Returns the sheet of the paths of one or more sources.</summary>
    /// <param name="pairs">For each pair, the grid of each source.</param>
    /// <param name="token">Returns the text of a token.</param>
    public static PatchSheet Of(
        IReadOnlyList<IReadOnlyList<PatchGrid<PathTarget>>> pairs, Func<int, TokenText> token)
    {
        foreach (var grids in pairs)
            CheckSources(grids, pairs[0]);
        var (target, first) = (pairs[0][0].Target, pairs[0][0]);
        ImmutableArray<HeadIndex> sources = [.. pairs[0].Select(grid => grid.Target.Source)];
        var groups = target.Input != HeadInput.Query && target.Options.Scope == KeyValueScope.KeyValueGroup;
        var isLayer = target.Options.Axes == PatchAxes.Layer;
        return new(
            isLayer ? PatchKind.PathsToLayers : PatchKind.PathsToHeads,
            $"direct paths {(sources is [var only] ? $"from {only} " : "")}into the {PatchWords.Of(target.Input)} of "
                + (isLayer ? "later layers" : "later heads"),
            [.. SheetAxis.OfSources(sources, first.Shape[0]), .. AxesOf(first, groups)],
            PatchWords.HowOf(target),
            [
                .. pairs.Select(grids => SheetPair.Of(
                    grids[0], [.. grids.SelectMany(ValuesOf)], token)),
            ])
        {
            Input = PatchWords.Of(target.Input),
            Sources = sources,
            AreQueryHeads = !isLayer && !groups,
            Destinations = [.. first.Cells.Select(cell => new HeadIndex(cell.Layer, cell.Head ?? -1))],
        };
    }

    static IReadOnlyList<PatchGrid<T>> Checked<T>(IReadOnlyList<PatchGrid<T>> grids, Func<PatchGrid<T>, T> same)
    {
        if (grids.Count == 0)
            throw new ArgumentException("There is no grid of patches to show: at least one is needed.");
        foreach (var grid in grids)
            if (grid.Shape != grids[0].Shape || !Equals(same(grid), same(grids[0])))
                throw new ArgumentException(
                    $"A grid of {grid.Shape} cannot be shown with one of {grids[0].Shape}: expected grids of the same "
                    + "patches.");
        return grids;
    }

    static void CheckSources(
        IReadOnlyList<PatchGrid<PathTarget>> grids, IReadOnlyList<PatchGrid<PathTarget>> first)
    {
        if (grids.Count == 0)
            throw new ArgumentException("There is no source to show: the paths of at least one are needed.");
        if (!grids.Select(grid => grid.Target.Source).SequenceEqual(first.Select(grid => grid.Target.Source)))
            throw new ArgumentException("The pairs have the paths of different sources, expected the same in each.");
        if (grids.Select(grid => grid.Target.Source).Distinct().Count() != grids.Count)
            throw new ArgumentException("A source is given twice, expected the paths of each source once.");
        foreach (var grid in grids)
            if (grid.Pair != grids[0].Pair || grid.Shape != first[0].Shape
                || grid.Target with { Source = first[0].Target.Source } != first[0].Target)
                throw new ArgumentException(
                    $"The paths of {grids[0].Target.Source} and {grid.Target.Source} are of different sweeps, expected "
                    + "the same prompts, input and options.");
    }

    static ImmutableArray<SheetAxis> AxesOf<T>(PatchGrid<T> grid, bool groups) =>
    [
        .. PatchAxisWords.Of(grid.Axes).Select((name, axis) => SheetAxis.Of(name, grid.Shape[axis], groups)),
    ];

    static IEnumerable<double> ValuesOf<T>(PatchGrid<T> grid)
    {
        var values = new double[grid.Values.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = grid.Values[i] ?? double.NaN;
        return values;
    }
}

/// <summary>What was patched.</summary>
enum PatchKind
{
    /// <summary>An activation.</summary>
    Activation,

    /// <summary>Paths from heads to later heads.</summary>
    PathsToHeads,

    /// <summary>Paths from heads to all heads of later layers at once.</summary>
    PathsToLayers,
}
