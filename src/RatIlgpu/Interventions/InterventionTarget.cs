using RatIlgpu.Interventions;
using RatIlgpu.Models;

namespace RatIlgpu;

/// <summary>The activation, heads and positions that an intervention changes.</summary>
public sealed class InterventionTarget
{
    InterventionTarget(
        Qwen2Model model,
        Site site,
        KeyValueScope scope,
        ImmutableArray<int> heads,
        ImmutableArray<int>? positions) =>
        (Model, Site, Scope, Heads, Positions) = (model, site, scope, heads, positions);

    /// <summary>Gets the site of the activation.</summary>
    public Site Site { get; }

    /// <summary>Gets the query heads that see a changed key or value; it has no meaning for other
    /// activations.</summary>
    public KeyValueScope Scope { get; }

    /// <summary>Gets the heads in ascending order; query heads for keys and values in the scope
    /// <see cref="KeyValueScope.QueryHead"/>. A single 0 if the activation does not have heads.</summary>
    public ImmutableArray<int> Heads { get; }

    /// <summary>Gets the positions in ascending order; null for all, including those still to be generated.</summary>
    public ImmutableArray<int>? Positions { get; }

    /// <summary>Makes a target.</summary>
    /// <param name="model">The model.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="layer">The layer, <c>^1</c> for the last; 0 for an activation that does not belong to a
    /// layer.</param>
    /// <param name="heads">The heads; null for all.</param>
    /// <param name="positions">The positions, from 0; for a pattern, the queries; null for all. Positions do not count
    /// from the end, since the length of a prompt is known only when it runs, and grows in generation.</param>
    /// <param name="scope">The query heads that see a changed key or value; with <see cref="KeyValueScope.QueryHead"/>,
    /// <paramref name="heads"/> are query heads.</param>
    /// <exception cref="ArgumentException">The model does not have the activation, layer or a head, or a head or
    /// position is given twice.</exception>
    public static InterventionTarget At(
        Qwen2Model model,
        Activation activation,
        Index layer = default,
        ImmutableArray<int>? heads = null,
        ImmutableArray<int>? positions = null,
        KeyValueScope scope = KeyValueScope.KeyValueGroup)
    {
        var config = model.Config;
        ActivationAxes.Check(activation);
        var layers = new Site(activation, 0).IsInLayer ? config.LayerCount : 1;
        var site = new Site(activation, ActivationAxes.Resolve(layer, layers, "layer"));
        if (!Enum.IsDefined(scope))
            throw new ArgumentOutOfRangeException(nameof(scope), $"{scope} is no scope of a key or value.");
        var seen = scope.Seen(activation);
        if (heads is { IsDefault: true })
            heads = null;
        if (heads is { } some)
            ActivationAxes.CheckHeads(seen, some, config);
        var all = Enumerable.Range(0, int.Max(1, ActivationAxes.HeadsOf(seen, config)));
        return new(model, site, scope, [.. (heads ?? all).Order()], Ascending(positions));
    }

    /// <summary>Gets the model.</summary>
    public Qwen2Model Model { get; }

    /// <summary>Gets the site at which the run is changed: that of the activation, or that of the keys or values of
    /// each query head in the scope <see cref="KeyValueScope.QueryHead"/>.</summary>
    public Site ChangedSite => Site with { Activation = Scope.Seen(Site.Activation) };

    /// <summary>Gets whether the target means keys before norm and rotation, but the changed site holds keys after
    /// both.</summary>
    internal bool IsRotated => Site.Activation == Activation.Key && ChangedSite.Activation == Activation.HeadKey;

    /// <summary>Gets the length of one row; null for a pattern, whose rows are as long as the prompt.</summary>
    public int? Width => ActivationAxes.WidthOf(Site.Activation, Model.Config);

    /// <summary>Returns the changed activation, layer, heads and positions.</summary>
    public override string ToString()
    {
        var hasHeads = ActivationAxes.HasHeads(ChangedSite.Activation);
        var heads = hasHeads ? $", heads {string.Join(", ", Heads)}" : "";
        var positions = Positions is { } some ? $", positions {string.Join(", ", some)}" : "";
        return $"{ChangedSite}{heads}{positions}";
    }

    static ImmutableArray<int>? Ascending(ImmutableArray<int>? positions)
    {
        if (positions is not { IsDefault: false } some)
            return null;
        foreach (var position in some)
            if (position < 0)
                throw new ArgumentOutOfRangeException(
                    nameof(positions), $"position {position} asked, expected 0 or more.");
        return ActivationAxes.Resolve([.. some.Select(position => (Index)position)], int.MaxValue, "position");
    }
}
