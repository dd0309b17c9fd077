using RatIlgpu.Devices;
using RatIlgpu.Models;

namespace RatIlgpu.Tracing;

/// <summary>The checked plan of some traces of one prompt: every combination of positions, layers and heads.</summary>
/// <param name="Ids">The tokens of the prompt.</param>
/// <param name="Options">The options of the first trace, resolved.</param>
/// <param name="Positions">The positions, ascending, each once.</param>
/// <param name="Layers">The layers, ascending, each once.</param>
/// <param name="Heads">The choices of heads, each once.</param>
sealed record TracePlan(
    ImmutableArray<int> Ids,
    TraceOptions Options,
    ImmutableArray<int> Positions,
    ImmutableArray<int> Layers,
    ImmutableArray<HeadAggregation> Heads)
{
    /// <summary>Gets the resolved options of each trace: by position, then layer, then heads.</summary>
    public IEnumerable<TraceOptions> Traces =>
        from position in Positions
        from layer in Layers
        from heads in Heads
        select Options with { TargetPosition = position, Layer = layer, Heads = heads };

    /// <summary>Gets the number of tokens up to the last position, which are run.</summary>
    public int RunLength => Positions[^1] + 1;

    /// <summary>Gets the site after which the run stops.</summary>
    public Site StopAfter => Options.Predictions > 0 ? Site.Logits : AttentionSites(Layers[^1])[^1];

    /// <summary>Gets whether an intervention is at a pattern or at the keys or values of single query heads.</summary>
    public bool ChangesInsideAttention => Options.Interventions.Any(intervention =>
        intervention.Target.ChangedSite.Activation is Activation.HeadKey or Activation.HeadValue or Activation.Pattern);

    /// <summary>Makes a plan.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, an axis has no entry, the mask does not fit, or an
    /// intervention does not fit the model, the prompt or the traced layers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static TracePlan Make(Qwen2Model model, ReadOnlySpan<int> ids, TraceAxes axes, TraceOptions options)
    {
        var (config, length) = (model.Config, ids.Length);
        // Attention lies before the unembedding: a trace needs none, only predictions do.
        if (!model.Weights.HasUnembedding)
            options = options with { Predictions = 0 };
        var traces =
            from position in NeedSome(axes.Positions ?? [options.TargetPosition], "position")
            from layer in NeedSome(axes.Layers ?? [options.Layer], "layer")
            from heads in NeedSome(axes.Heads ?? [options.Heads], "choice of heads")
            select (options with { TargetPosition = position, Layer = layer, Heads = heads }).Resolve(
                length, config.LayerCount, config.HeadCount, config.VocabularySize);
        ImmutableArray<TraceOptions> resolved = [.. traces];
        var plan = new TracePlan(
            [.. ids],
            resolved[0],
            [.. resolved.Select(one => one.TargetPosition.Value).Distinct().Order()],
            [.. resolved.Select(one => one.Layer.Value).Distinct().Order()],
            [.. resolved.Select(one => one.Heads).Distinct()]);
        foreach (var intervention in options.Interventions)
        {
            intervention.CheckFor(model, length, options.AttentionMask);
            if (plan.StopAfter.IsBefore(intervention.Target.ChangedSite))
                throw new ArgumentException(
                    $"{intervention}: the run ends after {plan.StopAfter}, before it comes there; trace a later layer, "
                    + "ask for predictions, or leave the intervention out.");
        }

        return plan;
    }

    /// <summary>Gets the positions of each run. One run serves all positions, except those whose activations depend on
    /// where the run ends.</summary>
    public IEnumerable<ImmutableArray<int>> Runs()
    {
        ImmutableArray<int> together = [.. Positions.Where(position => !EndMatters(position))];
        return Positions.Where(EndMatters).Select(position => ImmutableArray.Create(position))
            .Concat(together.IsEmpty ? [] : [together]);
    }

    /// <summary>Returns the sites that the attention of a layer is made of, in the order of the run: its queries and
    /// keys as they are after the interventions, or the pattern if that is changed.</summary>
    public ImmutableArray<Site> AttentionSites(int layer)
    {
        Site pattern = new(Activation.Pattern, layer), headKey = new(Activation.HeadKey, layer);
        if (IsChanged(pattern))
            return [pattern];
        var key = IsChanged(headKey) ? headKey : new(Activation.RotatedKey, layer);
        return [new(Activation.RotatedQuery, layer), key];
    }

    // The attention of padding that sees no key is uniform over all keys of the run. A stored pattern, which
    // interventions inside attention need, has rows as long as the run.
    bool EndMatters(int position) =>
        (Options.AttentionMask is { } mask && mask[position] == 0) || ChangesInsideAttention;

    bool IsChanged(Site site) =>
        Options.Interventions.Any(intervention => intervention.Target.ChangedSite == site);

    static ValueArray<T> NeedSome<T>(ValueArray<T> entries, string name) => entries.IsEmpty
        ? throw new ArgumentException($"There is no {name} to trace: at least one is needed.")
        : entries;
}
