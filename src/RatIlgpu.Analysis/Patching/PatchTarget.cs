namespace RatIlgpu.Analysis;

/// <summary>An activation to patch, in every layer.</summary>
/// <param name="Activation">An activation of a layer.</param>
/// <param name="Axes">The axes along which it is patched one by one.</param>
/// <param name="Scope">The query heads that see a patched key or value.</param>
public sealed record PatchTarget(
    Activation Activation, PatchAxes Axes, KeyValueScope Scope = KeyValueScope.KeyValueGroup)
{
    /// <summary>Throws if the model cannot be patched so.</summary>
    internal void Check(Qwen2Config config)
    {
        ActivationAxes.Check(Activation);
        if (!new Site(Activation, 0).IsInLayer)
            throw new ArgumentException($"{Activation} belongs to no layer; patch the stream before layer 0 instead.");
        if (Axes.HasFlag(PatchAxes.Head) && ActivationAxes.HeadsOf(Activation, config) == 0)
            throw new ArgumentException($"{Activation} has no heads to patch one by one.");
        if (Axes.HasFlag(PatchAxes.Key) && (Activation != Activation.Pattern || !Axes.HasFlag(PatchAxes.Position)))
            throw new ArgumentException(
                $"Keys are patched one by one in a pattern and at single positions, not in {Activation} by {Axes}.");
        if ((Axes & ~(PatchAxes.Position | PatchAxes.Head | PatchAxes.Key)) != 0 || !Enum.IsDefined(Scope))
            throw new ArgumentOutOfRangeException(nameof(Axes), $"{Axes}, {Scope}: no such axes or scope.");
    }
}

/// <summary>The axes along which an activation is patched one by one; along the others it is patched all at
/// once.</summary>
[Flags]
public enum PatchAxes
{
    /// <summary>The activation of a layer as a whole.</summary>
    Layer = 0,

    /// <summary>Each position; of a pattern, each query.</summary>
    Position = 1,

    /// <summary>Each head.</summary>
    Head = 2,

    /// <summary>Each key of a pattern; together with <see cref="Position"/>.</summary>
    Key = 4,
}
