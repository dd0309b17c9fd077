using RatIlgpu.Interventions;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>A probe that carries out interventions on the device; those at one site act in the given order. For a
/// generation, set it as the generator's probe.</summary>
/// <remarks>The rows that interventions add or put in place are moved to the device once, and kept there until the
/// probe is disposed.</remarks>
public sealed class InterventionProbe : IProbe, IDisposable
{
    readonly ILookup<Site, (int Branch, Intervention Intervention)> bySite;
    readonly int branches;
    readonly Dictionary<Intervention, SourceOnDevice> sources = [];
    readonly Rotation rotation;
    readonly Dictionary<Site, int> rowsShown = [];
    int? start, branchesOfRun;
    ImmutableArray<int>? logitPositions;

    /// <summary>Makes a probe.</summary>
    /// <param name="model">The model that will run.</param>
    /// <param name="interventions">The interventions.</param>
    /// <exception cref="ArgumentException">An intervention was made for another model.</exception>
    public InterventionProbe(Qwen2Model model, params ReadOnlySpan<Intervention> interventions)
        : this(model, [[.. interventions]])
    {
    }

    InterventionProbe(Qwen2Model model, ImmutableArray<ImmutableArray<Intervention>> ofBranches)
    {
        foreach (var intervention in ofBranches.SelectMany(some => some))
            if (intervention.Target.Model != model)
                throw new ArgumentException($"{intervention}: was made for another model than the one that runs.");
        bySite = ofBranches.Index()
            .SelectMany(branch => branch.Item.Select(intervention => (branch.Index, intervention)))
            .ToLookup(one => one.intervention.Target.ChangedSite);
        (branches, rotation) = (ofBranches.Length, new(model.Config));
    }

    /// <summary>Makes a probe for a run of several branches (<see cref="Qwen2Model.RunFrom"/>), each with interventions
    /// of its own.</summary>
    /// <param name="model">The model that will run.</param>
    /// <param name="interventions">The interventions of each branch; an empty list for a branch without any.</param>
    /// <exception cref="ArgumentException">An intervention was made for another model, or there is no
    /// branch.</exception>
    public static InterventionProbe OfBranches(
        Qwen2Model model, params ImmutableArray<ImmutableArray<Intervention>> interventions) =>
        interventions.IsDefaultOrEmpty
            ? throw new ArgumentException("There are no branches, expected one or more.")
            : new(model, interventions);

    /// <summary>Gets whether the prompts of the interventions are known to fit, though the run may end before
    /// them.</summary>
    internal bool LengthIsChecked { get; init; }

    /// <inheritdoc/>
    public bool Wants(Site site) => bySite.Contains(site);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An intervention replaces from a prompt of another length.</exception>
    public void Begin(int firstPosition, int positionCount)
    {
        (start, branchesOfRun, logitPositions) = (firstPosition, null, null);
        rowsShown.Clear();
        if (firstPosition > 0 || LengthIsChecked)
            return;
        foreach (var (_, intervention) in bySite.SelectMany(some => some))
            intervention.CheckLength(positionCount);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The probe has interventions for another number of branches.</exception>
    public void BeginBranches(int branches)
    {
        if (branches != this.branches)
            throw new ArgumentException(FormattableString.Invariant(
                $"The probe has interventions for {this.branches} branches, but the run has {branches}: ")
                + $"{nameof(OfBranches)} takes one list for each branch of the run, empty for none.");
        branchesOfRun = branches;
    }

    /// <inheritdoc/>
    public void BeginLogits(ImmutableArray<int> positions) => logitPositions = positions;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/>, <see cref="BeginBranches"/> or
    /// <see cref="BeginLogits"/> was not called for the run.</exception>
    public void Show(Site site, Tensor activation, Device device)
    {
        var first = start ?? throw NotTold(nameof(Begin));
        if (branchesOfRun is null)
            throw NotTold(nameof(BeginBranches));
        var layout = LayoutOf(site.Activation, activation.Shape);
        var positions = PositionsOf(site, activation.Shape, layout.Count, first);
        var rows = activation.Reshape(layout.Rows, layout.Width);
        foreach (var (branch, intervention) in bySite[site])
            if (RowsOf(intervention.Target, positions, layout, branch * (layout.Heads / branches))
                is { Length: > 0 } shown)
                Change(intervention, shown, rows, device);
    }

    /// <summary>Frees the rows that interventions have on the device. The probe can be used again.</summary>
    public void Dispose()
    {
        foreach (var source in sources.Values)
            source.Dispose();
        sources.Clear();
    }

    void Change(Intervention intervention, ShownRow[] shown, Tensor rows, Device device)
    {
        switch (intervention.Change)
        {
            // A row of zeros, normed and rotated, is one of zeros; the rotation of a multiple is the multiple of the
            // rotation.
            case ZeroedRows:
                device.FillRows(0, PlacesOf(shown), rows);
                break;
            case ScaledRows scaled:
                device.ScaleRows(scaled.Factor, PlacesOf(shown), rows);
                break;
            case SourcedRows sourced:
                if (!sources.TryGetValue(intervention, out var source))
                    sources.Add(intervention, source = new(sourced.Source, intervention.Target, device));
                var (table, sourceRows, places) = source.For(shown);
                if (sourced.Adds)
                    device.AddRows(table, sourceRows, places, rows);
                else
                    device.CopyRows(table, sourceRows, places, rows);
                break;
            case EditedRows edited:
                Edit(edited.Edit, intervention.Target.IsRotated, shown, rows, device);
                break;
        }
    }

    // Downloads the rows that are edited, and no others.
    void Edit(ActivationEdit edit, bool isRotated, ShownRow[] shown, Tensor rows, Device device)
    {
        var (places, width) = (PlacesOf(shown), rows.Shape[1]);
        var isOnePart = places[^1] - places[0] == places.Length - 1;
        using var picked = isOnePart ? null : device.Allocate(places.Length, width);
        if (picked is not null)
            device.Gather(rows, places, picked);
        var part = picked ?? rows.Slice(places[0], places.Length);
        var numbers = device.Download(part);
        foreach (var (i, at) in shown.Index().OrderBy(one => (one.Item.Position, one.Item.Head)))
        {
            var row = numbers.AsSpan(i * width, width);
            if (isRotated)
                rotation.Undo(at.Position, row);
            edit(at.Position, at.Head, row);
            if (isRotated)
                rotation.Apply(at.Position, row);
        }

        device.Upload(numbers, part);
        if (picked is not null)
            device.CopyRows(picked, [.. Enumerable.Range(0, places.Length)], places, rows);
    }

    static int[] PlacesOf(ShownRow[] shown) => [.. shown.Select(row => row.Row)];

    // The heads of all branches are heads of one layout: the rows of one position, one for each branch, lie together,
    // and so do the heads of a branch in a pattern.
    RowLayout LayoutOf(Activation activation, Shape shape)
    {
        var layout = RowLayout.Of(activation, shape, end: 0) with { First = 0 };
        return activation is Activation.Pattern or Activation.HeadKey or Activation.HeadValue
            ? layout
            : layout with { Count = layout.Count / branches, Heads = layout.Heads * branches };
    }

    // The rows of a target among those at some positions, in the order of the activation.
    static ShownRow[] RowsOf(
        InterventionTarget target, ImmutableArray<int> positions, RowLayout layout, int firstHead)
    {
        var shown = new List<ShownRow>();
        foreach (var position in target.Positions ?? positions)
            if (positions.BinarySearch(position) is >= 0 and var place)
                foreach (var head in target.Heads)
                    shown.Add(new(position, head, layout.IndexOf(place, firstHead + head)));
        return layout.HeadsFirst ? [.. shown.OrderBy(row => row.Row)] : [.. shown];
    }

    // The positions of the rows, ascending. An activation may come in blocks; keys of a head then come with all keys
    // before them.
    ImmutableArray<int> PositionsOf(Site site, Shape shape, int count, int first)
    {
        var shown = rowsShown.GetValueOrDefault(site);
        rowsShown[site] = shown + count;
        return site.Activation switch
        {
            Activation.FinalNorm or Activation.Logits =>
                (logitPositions ?? throw NotTold(nameof(BeginLogits))).Slice(shown, count),
            Activation.HeadKey or Activation.HeadValue => Positions(0),
            Activation.Pattern => Positions(shape[2] - count),
            _ => Positions(first + shown),
        };

        ImmutableArray<int> Positions(int from) => [.. Enumerable.Range(from, count)];
    }

    static InvalidOperationException NotTold(string call) =>
        new($"The probe was not told of the run: a probe that wraps it passes {call} on.");
}
