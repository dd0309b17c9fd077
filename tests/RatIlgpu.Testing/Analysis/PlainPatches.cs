using RatIlgpu.Analysis;
using RatIlgpu.Interventions;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>Activation patching by its definition: a whole run of the corrupted prompt for every patch.</summary>
/// <param name="model">The model.</param>
/// <param name="pair">The prompts.</param>
sealed class PlainPatches(Qwen2Model model, PromptPair pair)
{
    readonly Recording clean = new Recorder(model).Record(
        pair.Clean.AsSpan(), [.. Enum.GetValues<Activation>().Select(activation => new Capture(activation))]);

    /// <summary>Gets the activations that can be patched: those of a layer.</summary>
    public static IEnumerable<Activation> Activations =>
        Enum.GetValues<Activation>().Where(activation => new Site(activation, 0).IsInLayer);

    /// <summary>Returns every target that a model has: each activation by every set of its axes, keys and values in
    /// both scopes.</summary>
    public static IEnumerable<PatchTarget> Targets(Qwen2Config config) =>
        from activation in Activations
        from axes in Enumerable.Range(0, 8).Select(bits => (PatchAxes)bits)
        where !axes.HasFlag(PatchAxes.Head) || ActivationAxes.HeadsOf(activation, config) > 0
        where !axes.HasFlag(PatchAxes.Key)
            || (activation == Activation.Pattern && axes.HasFlag(PatchAxes.Position))
        from scope in Enum.GetValues<KeyValueScope>()
        where scope == KeyValueScope.KeyValueGroup
            || activation is Activation.Key or Activation.RotatedKey or Activation.Value
        select new PatchTarget(activation, axes, scope);

    /// <summary>Returns the metric under a patch.</summary>
    public double Measure(PatchTarget patch, PatchCell cell, LogitMetric metric)
    {
        ImmutableArray<int>? heads = cell.Head is { } head ? [head] : null;
        ImmutableArray<int>? positions = cell.Position is { } position ? [position] : null;
        var target = InterventionTarget.At(model, patch.Activation, cell.Layer, heads, positions, patch.Scope);
        var pattern = clean[new(patch.Activation, cell.Layer)];
        var change = cell.Key is { } key
            ? Intervention.Edit(target, (at, of, row) => row[key] = pattern.Row(at, of)[key])
            : Intervention.Replace(target, clean);
        return metric.Measure(model, pair.Corrupted.AsSpan(), [change]);
    }
}
