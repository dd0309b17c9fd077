namespace RatIlgpu.Models;

/// <summary>The activations of a run that are looked at, one bit each: the wanted ones and the one after which the run
/// stops.</summary>
sealed class ShownSites
{
    static readonly int Inside = BitsOf(a => a is > Activation.ResidualBefore and < Activation.ResidualAfter);

    static readonly int BeforeRotation = BitsOf(a => a is Activation.Query or Activation.Key);

    static readonly int Rotated = BitsOf(a => a is Activation.RotatedQuery or Activation.RotatedKey);

    static readonly int Queries = BitsOf(a => a is Activation.Query or Activation.RotatedQuery);

    // Everything that follows from attention: the rest of a layer is read through keys and values alone.
    static readonly int FromAttention = BitsOf(a => a is >= Activation.Pattern and <= Activation.ResidualAfter);

    readonly Site stop;
    readonly int[] wantedInLayer;
    readonly int wantedOutside;
    readonly bool inBlocks;

    /// <summary>Asks once for every site of a model.</summary>
    public ShownSites(int layerCount, ForwardOptions options, Func<Site, bool>? wants)
    {
        (stop, inBlocks) = (options.StopAfter, options.ProbeTakesBlocks);
        wantedInLayer = new int[layerCount];
        if (wants is null)
            return;
        wantedOutside = BitsOf(a => !new Site(a, 0).IsInLayer && wants(new(a, 0)));
        for (var layer = 0; layer < layerCount; layer++)
            wantedInLayer[layer] = BitsOf(a => new Site(a, layer).IsInLayer && wants(new(a, layer)));
    }

    /// <summary>Tells whether a site is wanted.</summary>
    public bool Wants(Site site) =>
        ((site.IsInLayer ? wantedInLayer[site.Layer] : wantedOutside) & BitOf(site.Activation)) != 0;

    /// <summary>Tells whether a site is wanted or the run stops after it.</summary>
    public bool Contains(Site site) => IsStop(site) || Wants(site);

    /// <summary>Tells whether the run stops after a site.</summary>
    public bool IsStop(Site site) => site == stop;

    /// <summary>Returns whether all positions of the layer must be computed at once: the probe takes no blocks, or the
    /// run stops inside the layer.</summary>
    public bool NeedsWholeLayer(int layer) =>
        (StopIn(layer) & Inside) != 0 || (!inBlocks && (wantedInLayer[layer] & Inside) != 0);

    /// <summary>Returns whether the queries of the layer are looked at, at all positions.</summary>
    public bool NeedsQueries(int layer) => ((StopIn(layer) | wantedInLayer[layer]) & Queries) != 0;

    /// <summary>Returns whether queries or keys are looked at before they are rotated, or the run stops before the
    /// values.</summary>
    public bool LooksBeforeRotation(int layer) =>
        (wantedInLayer[layer] & BeforeRotation) != 0 || (StopIn(layer) & (BeforeRotation | Rotated)) != 0;

    /// <summary>Returns whether activations that follow from attention are looked at, at all positions.</summary>
    public bool NeedsAll(int layer) => ((StopIn(layer) | wantedInLayer[layer]) & FromAttention) != 0;

    /// <summary>Returns whether two runs with the same options look at the same activations, so that both are computed
    /// by the same operations.</summary>
    public bool IsLike(ShownSites other) =>
        wantedOutside == other.wantedOutside && wantedInLayer.AsSpan().SequenceEqual(other.wantedInLayer);

    int StopIn(int layer) => stop.IsInLayer && stop.Layer == layer ? BitOf(stop.Activation) : 0;

    static int BitOf(Activation activation) => 1 << (int)activation;

    static int BitsOf(Func<Activation, bool> holds) =>
        Enum.GetValues<Activation>().Where(holds).Aggregate(0, (bits, activation) => bits | BitOf(activation));
}
