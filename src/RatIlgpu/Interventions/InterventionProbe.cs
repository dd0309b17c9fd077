using RatIlgpu.Interventions;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>A probe that carries out interventions; those at one site act in the given order. For a generation, set it
/// as the generator's probe.</summary>
public sealed class InterventionProbe : IProbe
{
    readonly ILookup<Site, Intervention> bySite;
    readonly Rotation rotation;
    readonly Dictionary<Site, int> rowsShown = [];
    int? start;
    ImmutableArray<int>? logitPositions;

    /// <summary>Makes a probe.</summary>
    /// <param name="model">The model that will run.</param>
    /// <param name="interventions">The interventions.</param>
    /// <exception cref="ArgumentException">An intervention was made for another model.</exception>
    public InterventionProbe(Qwen2Model model, params ReadOnlySpan<Intervention> interventions)
    {
        foreach (var intervention in interventions)
            if (intervention.Target.Model != model)
                throw new ArgumentException($"{intervention}: was made for another model than the one that runs.");
        bySite = interventions.ToArray().ToLookup(intervention => intervention.Target.ChangedSite);
        rotation = new(model.Config);
    }

    /// <summary>Gets whether the prompts of the interventions are known to fit, though the run may end before
    /// them.</summary>
    internal bool LengthIsChecked { get; init; }

    /// <inheritdoc/>
    public bool Wants(Site site) => bySite.Contains(site);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An intervention replaces from a prompt of another length.</exception>
    public void Begin(int firstPosition, int positionCount)
    {
        (start, logitPositions) = (firstPosition, null);
        rowsShown.Clear();
        if (firstPosition > 0 || LengthIsChecked)
            return;
        foreach (var intervention in bySite.SelectMany(some => some))
            intervention.CheckLength(positionCount);
    }

    /// <inheritdoc/>
    public void BeginLogits(ImmutableArray<int> positions) => logitPositions = positions;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> or <see cref="BeginLogits"/> was not called for
    /// the run.</exception>
    public void Show(Site site, Tensor activation, Device device)
    {
        var first = start ?? throw NotTold(nameof(Begin));
        var layout = RowLayout.Of(site.Activation, activation.Shape, end: 0) with { First = 0 };
        var positions = PositionsOf(site, activation.Shape, layout.Count, first);
        var numbers = device.Download(activation);
        foreach (var intervention in bySite[site])
            foreach (var position in intervention.Target.Positions ?? positions)
                if (positions.BinarySearch(position) is >= 0 and var place)
                    foreach (var head in intervention.Target.Heads)
                        Change(intervention, position, head, numbers.AsSpan(layout.Row(place, head)));
        device.Upload(numbers, activation);
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

    void Change(Intervention intervention, int position, int head, Span<float> row)
    {
        if (intervention.Target.IsRotated)
            rotation.Undo(position, row);
        intervention.Change(position, head, row);
        if (intervention.Target.IsRotated)
            rotation.Apply(position, row);
    }
}
