namespace RatIlgpu.Analysis;

/// <summary>Finds the heads of a model whose zeroing at the last position changes predictions most.</summary>
static class StrongestHeads
{
    /// <summary>Returns the heads with the largest means of <c>KL(without ‖ with)</c> over prompts, ascending by name;
    /// of equal heads, the first ones.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">The prompts, each cut after its position.</param>
    /// <param name="count">The number of heads; all of a model that has fewer.</param>
    /// <param name="progress">Told the share of the prompts that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    public static ImmutableArray<HeadIndex> Of(
        Qwen2Model model,
        ImmutableArray<PredictionPrompt> prompts,
        int count,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var config = model.Config;
        ImmutableArray<HeadIndex> all =
        [
            .. from layer in Enumerable.Range(0, config.LayerCount)
               from head in Enumerable.Range(0, config.HeadCount)
               select new HeadIndex(layer, head),
        ];
        var sums = new double[all.Length];
        var expected = new ExpectedPrediction(config.VocabularySize);
        using var rows = new LogitRows(model);
        // The heads of a layer are as many rows of one run. Of all heads final norms are kept, for the prompts of a
        // group together as many as an ablation keeps.
        var kept = (long)all.Length * config.HiddenSize * PromptGroups.MostTokens / PredictionComparison.MostKept;
        var least = (int)long.Clamp(kept, config.HeadCount, PromptGroups.MostTokens);
        ConditionRuns.RunAll(
            model, [.. prompts.Select(prompt => int.Max(prompt.Ids.Length, least))],
            place => Zeroed(prompts[place]), _ => { }, progress, cancellation);

        return
        [
            .. all.Index().OrderByDescending(head => sums[head.Index]).ThenBy(head => head.Index)
                .Take(count).Select(head => head.Item).Order(),
        ];

        ConditionedPrompt Zeroed(PredictionPrompt prompt)
        {
            var zeros = new PredictionConditions(model, all, prompt.Position);
            return new(
                prompt.Ids.Items,
                [.. all.Select(head => (ImmutableArray<Intervention>)[zeros.Zero(head.Layer, [head.Head])])],
                new LastLogitReader(
                    rows, model, prompt.Position,
                    (_, logits) => expected.Set(logits),
                    (head, logits) => sums[head] += expected.DivergenceTo(logits), cancellation));
        }
    }
}
