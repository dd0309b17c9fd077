using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What activation patching puts in, layer by layer.</summary>
/// <param name="Activation">An activation of a layer.</param>
/// <param name="Axes">What of it is patched by itself.</param>
/// <param name="Scope">Who sees a patched key or value.</param>
public sealed record PatchTarget(
    Activation Activation, PatchAxes Axes, KeyValueScope Scope = KeyValueScope.KeyValueGroup)
{
    /// <summary>Refuses a target that a model has not.</summary>
    /// <exception cref="ArgumentException">The activation belongs to no layer or has not such axes.</exception>
    internal void Check(Qwen2Config config)
    {
        Analysis.Axes.Check(Activation);
        if (!new Site(Activation, 0).IsInLayer)
            throw new ArgumentException($"{Activation} belongs to no layer; patch the stream before layer 0 instead.");
        if (Axes.HasFlag(PatchAxes.Head) && Analysis.Axes.HeadsOf(Activation, config) == 0)
            throw new ArgumentException($"{Activation} has no heads to patch one by one.");
        if (Axes.HasFlag(PatchAxes.Key) && (Activation != Activation.Pattern || !Axes.HasFlag(PatchAxes.Position)))
            throw new ArgumentException(
                $"Keys are patched one by one in a pattern and at single positions, not in {Activation} by {Axes}.");
        if ((Axes & ~(PatchAxes.Position | PatchAxes.Head | PatchAxes.Key)) != 0 || !Enum.IsDefined(Scope))
            throw new ArgumentOutOfRangeException(null, $"{Axes}, {Scope}: no such axes or scope.");
    }

    /// <summary>Gets the activation that is changed: for one query head by itself, its own view.</summary>
    internal Activation Changed => (Activation, Scope) switch
    {
        (Activation.Key or Activation.RotatedKey, KeyValueScope.QueryHead) => Activation.HeadKey,
        (Activation.Value, KeyValueScope.QueryHead) => Activation.HeadValue,
        _ => Activation,
    };

    /// <summary>Returns how many heads are patched, in a layer.</summary>
    internal int HeadsOf(Qwen2Config config) => Analysis.Axes.HeadsOf(Changed, config);
}
