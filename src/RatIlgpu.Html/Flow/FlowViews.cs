using RatIlgpu.Devices;

namespace RatIlgpu.Html;

/// <summary>The flows of a page, ordered by prompt and target.</summary>
sealed class FlowViews
{
    /// <summary>Orders flows, and checks that they belong on one page.</summary>
    /// <exception cref="ArgumentException">There is no flow, two flows differ in more than prompt and target, or a
    /// prompt has a flow of a target twice.</exception>
    public FlowViews(IReadOnlyList<FlowResult> results)
    {
        if (results is ImmutableArray<FlowResult> { IsDefault: true } || results.Count == 0)
            throw new ArgumentException("There is no flow to show: at least one is needed.");
        for (var i = 1; i < results.Count; i++)
            CheckAlike(results[0], results[i], i);
        Prompts =
        [
            .. PromptGroup<FlowResult>.All(
                    results, one => (one.Prompt, one.Tokens, one.PromptLength, one.Options.AttentionMask))
                .Select(Ordered),
        ];
    }

    /// <summary>Gets the prompts, by ascending number.</summary>
    public ImmutableArray<FlowPrompt> Prompts { get; }

    /// <summary>Gets the flow that the page opens at: of the first prompt and its last target.</summary>
    public FlowResult First => Prompts[0].Opening;

    /// <summary>Gets the number of flows.</summary>
    public int Count => Prompts.Sum(prompt => prompt.Results.Length);

    /// <summary>Gets whether the page has controls that choose a flow.</summary>
    public bool HasSeveral => Count > 1;

    /// <summary>Collects the blocks of the page.</summary>
    /// <exception cref="ArgumentException">The blocks are larger than allowed.</exception>
    public ImmutableArray<DataBlock> Collect(long most) => PageLimit.Collect(
        HasSeveral ? ViewBlocks.Of(Prompts, result => new FlowView(result), FlowTables.RowOf) : Single(),
        most,
        HasSeveral
            ? ($"its {Count} flows", "Choose fewer prompts or positions")
            : ("its flow", "Trace a shorter prompt, keep fewer paths"));

    IEnumerable<DataBlock> Single()
    {
        var view = new FlowView(First);
        return [DataBlock.Json("data", view.WriteJson), DataBlock.Compressed("file", view.Exported())];
    }

    static FlowPrompt Ordered(PromptGroup<FlowResult> prompt)
    {
        ImmutableArray<FlowResult> ordered = [.. prompt.Results.OrderBy(result => result.TargetPosition)];
        for (var i = 1; i < ordered.Length; i++)
            if (ordered[i].TargetPosition == ordered[i - 1].TargetPosition)
                throw new ArgumentException(
                    $"Prompt {prompt.Number} has two flows of position {ordered[i].TargetPosition}; a page has one of "
                    + "each of its positions.");
        return new(prompt.Number, prompt.First, prompt.Label, ordered);
    }

    // What does not depend on the view is shown once.
    static void CheckAlike(FlowResult first, FlowResult result, int index)
    {
        var options = first.Options with
        {
            TargetPosition = result.Options.TargetPosition,
            AttentionMask = result.Options.AttentionMask,
        };
        var other = PromptPlan.OtherOf(
            (first.Model, first.Interventions, options), (result.Model, result.Interventions, result.Options));
        if (other is not null)
            throw new ArgumentException(
                $"Flow {index} has {other} than flow 0; the flows of a page differ only in prompt and position.");
    }
}

/// <summary>The flows of one prompt, one for each of its targets, ascending.</summary>
sealed record FlowPrompt(int Number, int First, string Label, ImmutableArray<FlowResult> Results)
    : PromptPlan<FlowResult>(
        Number, First, Label, [.. Results.Select(result => result.TargetPosition)], [Results[0].Options.ToLayer.Value],
        [HeadAggregation.Mean], Results)
{
    /// <summary>Gets the flow of the last target.</summary>
    public FlowResult Opening => Results[^1];
}
