using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using RatIlgpu.Files;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Activations of one run of a model over a prompt; never changes.</summary>
public sealed partial class Recording
{
    readonly ImmutableSortedDictionary<Site, RecordedActivation> activations;

    internal Recording(
        ModelFingerprint model,
        ImmutableArray<int> tokenIds,
        ImmutableArray<int>? attentionMask,
        IEnumerable<RecordedActivation> activations)
    {
        (Model, TokenIds, AttentionMask) = (model, tokenIds, attentionMask);
        this.activations = activations.ToImmutableSortedDictionary(one => one.Site, one => one, BySite);
        foreach (var one in this.activations.Values)
            one.Owner = this;
    }

    /// <summary>Gets which model ran.</summary>
    public ModelFingerprint Model { get; }

    /// <summary>Gets the prompt.</summary>
    public ImmutableArray<int> TokenIds { get; }

    /// <summary>Gets which tokens were real, 1 for a token, 0 for padding; null where all were.</summary>
    public ImmutableArray<int>? AttentionMask { get; }

    /// <summary>Gets the sites that were recorded: by layer, and in the order in which a layer makes them.</summary>
    public IEnumerable<Site> Sites => activations.Keys;

    /// <summary>Returns what was recorded at a site.</summary>
    /// <exception cref="ArgumentException">Nothing was.</exception>
    public RecordedActivation this[Site site] => TryGet(site, out var found)
        ? found
        : throw new ArgumentException($"{site} was not recorded: ask for {site.Activation} when recording.");

    /// <summary>Finds what was recorded at a site.</summary>
    public bool TryGet(Site site, [NotNullWhen(true)] out RecordedActivation? found) =>
        activations.TryGetValue(site, out found);

    /// <summary>Returns a position of the prompt, counted from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prompt has no such position.</exception>
    /// <exception cref="ArgumentException">The position is padding.</exception>
    internal int Resolve(Index position)
    {
        var found = Axes.Resolve(position, TokenIds.Length, "position");
        return AttentionMask is { } mask && mask[found] == 0
            ? throw new ArgumentException($"Position {found} is padding, expected that of a token.")
            : found;
    }

    /// <summary>Refuses a recording of another model, or one that says that it is of this and holds what this has
    /// not.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    internal void CheckFor(Qwen2Model model)
    {
        var own = ModelFingerprint.Of(model);
        if (Model != own)
            throw new ArgumentException(
                $"The recording is of another model: {Refusal.Shorten(Model.Text)}, expected {own}.");
        foreach (var one in activations.Values)
        {
            one.Site.Check(model.Config.LayerCount);
            var width = Axes.WidthOf(one.Site.Activation, model.Config) ?? TokenIds.Length;
            if (one.Width != width)
                throw new ArgumentException($"{one.Site} was recorded {one.Width} wide, expected {width}.");
            if (!one.Heads.IsEmpty)
                Axes.CheckHeads(one.Site.Activation, one.Heads, model.Config);
        }
    }

    // As the run goes.
    static readonly Comparer<Site> BySite = Comparer<Site>.Create((left, right) => left.Place.CompareTo(right.Place));
}
