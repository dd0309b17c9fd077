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
    int? end;

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
    /// <exception cref="ArgumentException">An intervention replaces from a prompt of another length.</exception>
    public void Begin(int firstPosition, int positionCount)
    {
        end = firstPosition + positionCount;
        if (firstPosition > 0 || LengthIsChecked)
            return;
        foreach (var intervention in bySite.SelectMany(some => some))
            intervention.CheckLength(positionCount);
    }

    /// <inheritdoc/>
    public bool Wants(Site site) => bySite.Contains(site);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called for the run.</exception>
    public void Show(Site site, Tensor activation, Device device)
    {
        if (end is not { } last)
            throw new InvalidOperationException(
                "The probe was not told of the run: a probe that wraps it passes Begin on.");
        var numbers = device.Download(activation);
        var layout = RowLayout.Of(site.Activation, activation.Shape, last);
        foreach (var intervention in bySite[site])
            foreach (var position in PositionsOf(intervention.Target, layout))
                foreach (var head in intervention.Target.Heads)
                    Change(intervention, position, head, numbers.AsSpan(layout.Row(position, head)));
        device.Upload(numbers, activation);
    }

    static IEnumerable<int> PositionsOf(InterventionTarget target, RowLayout layout) =>
        target.Positions?.Where(layout.Has) ?? Enumerable.Range(layout.First, layout.Count);

    void Change(Intervention intervention, int position, int head, Span<float> row)
    {
        if (intervention.Target.IsRotated)
            rotation.Undo(position, row);
        intervention.Change(position, head, row);
        if (intervention.Target.IsRotated)
            rotation.Apply(position, row);
    }
}
