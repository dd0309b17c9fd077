namespace RatIlgpu.Analysis;

/// <summary>The checked heads to read, layer by layer, and the activations that they are made of in a run.</summary>
/// <param name="Heads">The heads, in the order asked.</param>
/// <param name="Layers">Their layers, ascending.</param>
/// <param name="Options">The options.</param>
sealed record AttentionPlan(
    ImmutableArray<HeadIndex> Heads, ImmutableArray<LayerPlan> Layers, AttentionOptions Options)
{
    /// <summary>Gets the last site that is read.</summary>
    public Site Last => Layers[^1].Sites[^1];

    /// <summary>Gets whether an intervention is at a pattern or at the keys or values of single query heads, which are
    /// there only of all positions at once.</summary>
    public bool ChangesInsideAttention => Options.Interventions.Any(intervention =>
        intervention.Target.ChangedSite.Activation is Activation.HeadKey or Activation.HeadValue or Activation.Pattern);

    /// <summary>Makes the plan of reading some heads.</summary>
    public static AttentionPlan Make(ImmutableArray<HeadIndex> heads, AttentionOptions options)
    {
        HashSet<Site> changed = [.. options.Interventions.Select(one => one.Target.ChangedSite)];
        return new(
            heads,
            [
                .. heads.GroupBy(head => head.Layer, head => head.Head).OrderBy(layer => layer.Key)
                    .Select(layer => new LayerPlan(layer.Key, [.. layer], SitesOf(layer.Key, changed, options))),
            ],
            options);
    }

    /// <summary>Throws if an intervention does not fit a run.</summary>
    /// <exception cref="ArgumentException">It was made for another model or prompt, or nothing read depends on
    /// it.</exception>
    public void CheckRun(Qwen2Model model, int length, ImmutableArray<int>? mask)
    {
        foreach (var intervention in Options.Interventions)
        {
            intervention.CheckFor(model, length, mask);
            if (Last.IsBefore(intervention.Target.ChangedSite))
                throw new ArgumentException(
                    $"{intervention}: the run ends after {Last}, before it comes there; read a head of a later layer, "
                    + "or leave the intervention out.");
        }
    }

    // In the order of the run: queries and keys as they are after the interventions, or the pattern if that is changed.
    static ImmutableArray<Site> SitesOf(int layer, HashSet<Site> changed, AttentionOptions options)
    {
        var sites = new List<Activation>();
        var isPatternChanged = changed.Contains(new(Activation.Pattern, layer));
        if (isPatternChanged)
            sites.Add(Activation.Pattern);
        if (!isPatternChanged || options.Vectors)
            sites.AddRange([Activation.RotatedQuery, OwnOr(Activation.HeadKey, Activation.RotatedKey)]);
        if (options.ValueFactors || options.InfoFactors)
            sites.Add(OwnOr(Activation.HeadValue, Activation.Value));
        return [.. sites.Order().Select(activation => new Site(activation, layer))];

        Activation OwnOr(Activation own, Activation shared) => changed.Contains(new(own, layer)) ? own : shared;
    }
}

/// <summary>What is read of one layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Heads">The heads, in the order asked.</param>
/// <param name="Sites">The sites that they are made of, in the order of the run.</param>
sealed record LayerPlan(int Layer, ImmutableArray<int> Heads, ImmutableArray<Site> Sites);
