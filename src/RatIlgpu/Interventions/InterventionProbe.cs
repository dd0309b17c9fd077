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
    readonly Dictionary<Site, int> logitRowsShown = [];
    int? end;
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
        end = firstPosition + positionCount;
        logitPositions = null;
        if (firstPosition > 0 || LengthIsChecked)
            return;
        foreach (var intervention in bySite.SelectMany(some => some))
            intervention.CheckLength(positionCount);
    }

    /// <inheritdoc/>
    public void BeginLogits(ImmutableArray<int> positions)
    {
        logitPositions = positions;
        logitRowsShown.Clear();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> or <see cref="BeginLogits"/> was not called for
    /// the run.</exception>
    public void Show(Site site, Tensor activation, Device device)
    {
        var layout = RowLayout.Of(site.Activation, activation.Shape, end ?? throw NotTold(nameof(Begin)));
        var positions = PositionsOf(site, layout);
        var numbers = device.Download(activation);
        foreach (var intervention in bySite[site])
            foreach (var position in intervention.Target.Positions ?? positions)
                if (positions.BinarySearch(position) is >= 0 and var place)
                    foreach (var head in intervention.Target.Heads)
                        Change(
                            intervention, position, head, numbers.AsSpan(layout.Row(layout.First + place, head)));
        device.Upload(numbers, activation);
    }

    // The positions of the rows, ascending. The final norm and the logits have rows at any positions, and may come in
    // blocks.
    ImmutableArray<int> PositionsOf(Site site, RowLayout layout)
    {
        if (site != Site.FinalNorm && site != Site.Logits)
            return [.. Enumerable.Range(layout.First, layout.Count)];
        var asked = logitPositions ?? throw NotTold(nameof(BeginLogits));
        var first = logitRowsShown.GetValueOrDefault(site);
        logitRowsShown[site] = first + layout.Count;
        return asked.Slice(first, layout.Count);
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
