using System.Runtime.InteropServices;
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
    public IEnumerable<TraceOptions> Traces
    {
        get
        {
            foreach (var position in Positions)
                foreach (var layer in Layers)
                    foreach (var heads in Heads)
                        yield return Options with { TargetPosition = position, Layer = layer, Heads = heads };
        }
    }

    /// <summary>Gets the largest number of tokens of a run: those up to the last position, or all.</summary>
    public int RunLength => EndOf(Positions);

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
        var resolved = new List<TraceOptions>();
        var (positions, layers) = (new HashSet<int>(), new HashSet<int>());
        var everyPosition = NeedSome(axes.Positions ?? [options.TargetPosition], "position");
        var everyLayer = NeedSome(axes.Layers ?? [options.Layer], "layer");
        var everyHeads = NeedSome(axes.Heads ?? [options.Heads], "choice of heads");
        foreach (var position in everyPosition)
            foreach (var layer in everyLayer)
                foreach (var heads in everyHeads)
                {
                    var one = (options with { TargetPosition = position, Layer = layer, Heads = heads }).Resolve(
                        length, config.LayerCount, config.HeadCount, config.VocabularySize);
                    resolved.Add(one);
                    positions.Add(one.TargetPosition.Value);
                    layers.Add(one.Layer.Value);
                }

        var plan = new TracePlan(
            [.. ids], resolved[0], Sorted(positions), Sorted(layers),
            [.. resolved.Select(one => one.Heads).Distinct()]);
        plan.CheckInterventions(model, length);
        return plan;
    }

    void CheckInterventions(Qwen2Model model, int length)
    {
        foreach (var intervention in Options.Interventions)
        {
            intervention.CheckFor(model, length, Options.AttentionMask);
            if (StopAfter.IsBefore(intervention.Target.ChangedSite))
                throw new ArgumentException(
                    $"{intervention}: the run ends after {StopAfter}, before it comes there; trace a later layer, "
                    + "ask for predictions, or leave the intervention out.");
        }
    }

    /// <summary>Gets the positions of each run. One run serves all positions, except those whose activations depend on
    /// where the run ends.</summary>
    public IEnumerable<ImmutableArray<int>> Runs()
    {
        var together = new List<int>();
        foreach (var position in Positions)
            if (EndMatters(position))
                yield return [position];
            else
                together.Add(position);
        if (together.Count > 0)
            yield return [.. together];
    }

    /// <summary>Returns the number of tokens of a run for some positions, ascending: those up to the last, or all where
    /// weights are measured by the largest of the prompt.</summary>
    public int EndOf(ImmutableArray<int> positions) => RunsWhole ? Ids.Length : positions[^1] + 1;

    /// <summary>Returns the sites that the attention of a layer is made of, in the order of the run: its queries and
    /// keys as they are after the interventions, or the pattern if that is changed, and its values if links are
    /// weighted by them.</summary>
    public ImmutableArray<Site> AttentionSites(int layer)
    {
        List<Activation> parts = IsChanged(new(Activation.Pattern, layer))
            ? [Activation.Pattern]
            : [Activation.RotatedQuery, OwnOr(Activation.HeadKey, Activation.RotatedKey)];
        if (Options.Weights != AttentionWeights.Standard)
            parts.Add(OwnOr(Activation.HeadValue, Activation.Value));
        return [.. parts.Order().Select(activation => new Site(activation, layer))];

        Activation OwnOr(Activation own, Activation shared) => IsChanged(new(own, layer)) ? own : shared;
    }

    bool RunsWhole => Options.Weights is AttentionWeights.Value or AttentionWeights.Info;

    // The attention of padding that sees no key is uniform over all keys of the run. A stored pattern, which
    // interventions inside attention need, has rows as long as the run.
    bool EndMatters(int position) =>
        !RunsWhole && ((Options.AttentionMask is { } mask && mask[position] == 0) || ChangesInsideAttention);

    bool IsChanged(Site site) =>
        Options.Interventions.Any(intervention => intervention.Target.ChangedSite == site);

    static ImmutableArray<int> Sorted(HashSet<int> numbers)
    {
        var sorted = numbers.ToArray();
        Array.Sort(sorted);
        return ImmutableCollectionsMarshal.AsImmutableArray(sorted);
    }

    static ValueArray<T> NeedSome<T>(ValueArray<T> entries, string name) => entries.IsEmpty
        ? throw new ArgumentException($"There is no {name} to trace: at least one is needed.")
        : entries;
}
