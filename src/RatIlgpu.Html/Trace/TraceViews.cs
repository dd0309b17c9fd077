using RatIlgpu.Devices;

namespace RatIlgpu.Html;

/// <summary>The traces of a page, ordered by prompt, target, layer and heads.</summary>
sealed class TraceViews
{
    /// <summary>Orders traces, and checks that they belong on one page.</summary>
    /// <exception cref="ArgumentException">There is no trace, two traces differ in more than prompt, target, layer and
    /// heads, or a prompt has a trace twice or lacks one.</exception>
    public TraceViews(IReadOnlyList<TraceResult> results)
    {
        if (results is ImmutableArray<TraceResult> { IsDefault: true } || results.Count == 0)
            throw new ArgumentException("There is no trace to show: at least one is needed.");
        for (var i = 1; i < results.Count; i++)
            CheckAlike(results[0], results[i], i);
        Prompts =
        [
            .. PromptGroup<TraceResult>.All(
                    results, one => (one.Prompt, one.Tokens, one.PromptLength, one.Options.AttentionMask))
                .Select(Ordered),
        ];
    }

    /// <summary>Gets the prompts, by ascending number.</summary>
    public ImmutableArray<PromptViews> Prompts { get; }

    /// <summary>Gets the trace that the page opens at: of the first prompt, the last target and layer, and the heads
    /// that were given first.</summary>
    public TraceResult First => Prompts[0].Opening;

    /// <summary>Gets the number of traces.</summary>
    public int Count => Prompts.Sum(prompt => prompt.Results.Length);

    public bool HasSeveral => Count > 1;

    /// <summary>Gets whether a trace has explanations of its links.</summary>
    public bool AreExplained => Prompts.Any(prompt => prompt.Results.Any(result => !result.Explanations.IsEmpty));

    /// <summary>Describes the number of views by their dimensions, such as <c>2 prompts × 24 layers</c>.</summary>
    public override string ToString()
    {
        (int Count, string Word)[] sizes =
        [
            (Prompts.Length, "prompts"), (Prompts.Max(prompt => prompt.Targets.Length), "targets"),
            (Prompts.Max(prompt => prompt.Layers.Length), "layers"),
            (Prompts.Max(prompt => prompt.Heads.Length), "choices of heads"),
        ];
        var several = sizes.Where(size => size.Count > 1)
            .Select(size => string.Create(CultureInfo.InvariantCulture, $"{size.Count} {size.Word}"));
        return string.Join(" × ", several);
    }

    /// <summary>Collects the blocks of a page of the traces.</summary>
    /// <exception cref="ArgumentException">The blocks are larger than allowed.</exception>
    public ImmutableArray<DataBlock> Collect(IEnumerable<DataBlock> blocks, long most = PageLimit.MostBytes) =>
        PageLimit.Collect(
            blocks, most, HasSeveral
                ? ($"its {Count} traces ({this})",
                    "Choose fewer prompts, positions, layers or heads, or write several pages")
                : ("its trace", "Trace a shorter prompt"), ToldSize.Fixed);

    static PromptViews Ordered(PromptGroup<TraceResult> prompt)
    {
        var results = prompt.Results;
        ImmutableArray<int> targets = [.. results.Select(result => result.TargetPosition).Distinct().Order()];
        ImmutableArray<int> layers = [.. results.Select(result => result.Layer).Distinct().Order()];
        ImmutableArray<HeadAggregation> heads = [.. results.Select(result => result.Options.Heads).Distinct()];
        var byPlace = results.ToLookup(result => (result.TargetPosition, result.Layer, result.Options.Heads));
        var ordered = ImmutableArray.CreateBuilder<TraceResult>();
        foreach (var target in targets)
            foreach (var layer in layers)
                foreach (var choice in heads)
                {
                    TraceResult[] found = [.. byPlace[(target, layer, choice)]];
                    if (found.Length != 1)
                        throw new ArgumentException(
                            $"Prompt {prompt.Number} has {found.Length} traces of position {target}, layer {layer}, "
                            + $"heads {choice}; a page needs one of each of its positions with each of its layers and "
                            + "heads.");
                    ordered.Add(found[0]);
                }

        return new(prompt.Number, prompt.First, prompt.Label, targets, layers, heads, ordered.ToImmutable());
    }

    // What does not depend on the view is shown once.
    static void CheckAlike(TraceResult first, TraceResult result, int index)
    {
        var options = first.Options with
        {
            TargetPosition = result.Options.TargetPosition,
            Layer = result.Options.Layer,
            Heads = result.Options.Heads,
            AttentionMask = result.Options.AttentionMask,
        };
        var other = PromptPlan.OtherOf(
            (first.Model, first.Interventions, options), (result.Model, result.Interventions, result.Options));
        if (other is not null)
            throw new ArgumentException(
                $"Trace {index} has {other} than trace 0; the traces of a page differ only in prompt, position, layer "
                + "and heads.");
    }
}

/// <summary>The traces of one prompt: one for each of its targets with each of its layers and heads, in this
/// order.</summary>
sealed record PromptViews(
    int Number,
    int First,
    string Label,
    ImmutableArray<int> Targets,
    ImmutableArray<int> Layers,
    ImmutableArray<HeadAggregation> Heads,
    ImmutableArray<TraceResult> Results)
    : PromptPlan<TraceResult>(Number, First, Label, Targets, Layers, Heads, Results)
{
    /// <summary>Gets the trace of the last target and layer, and the first choice of heads.</summary>
    public TraceResult Opening => Results[^Heads.Length];
}
