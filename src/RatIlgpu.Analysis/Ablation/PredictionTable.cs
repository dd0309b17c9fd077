namespace RatIlgpu.Analysis;

/// <summary>Says what a model predicts after prompts without heads and values: the next token, and the tokens whose
/// logits rise and fall.</summary>
/// <remarks>The prediction table of goodfire-ai/spd, pull request 403, with log probabilities and divergences besides,
/// and the values before t beside those up to and including t.</remarks>
public static class PredictionTable
{
    /// <summary>Makes the table of each prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">The prompts, at least one.</param>
    /// <param name="options">What is shown; null for the defaults.</param>
    /// <param name="others">Returns conditions of one's own for a prompt, which is cut after its position; they come
    /// last. Null for none.</param>
    /// <param name="progress">Told the share of the runs that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">There is no prompt, a position lies beyond its prompt, an option does not
    /// fit the model, or an intervention of one's own does not fit its prompt.</exception>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public static PredictionTableReport Run(
        Qwen2Model model,
        ImmutableArray<PredictionPrompt> prompts,
        PredictionOptions? options = null,
        Func<PredictionPrompt, ImmutableArray<GivenCondition>>? others = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        var shown = options.ShownFor(model.Config);
        ImmutableArray<PredictionPrompt> cut = [.. Check(prompts).Select(prompt => prompt with
        {
            Ids = prompt.Ids[..(prompt.Position + 1)],
        })];
        var areChosen = options.Heads.IsEmpty;
        var heads = areChosen
            ? StrongestHeads.Of(
                model, cut, options.ChosenHeads, PartOfWork.Of(progress, 0, 1, 2), cancellation)
            : new AblationOptions { Heads = options.Heads }.HeadsOf(model.Config);
        var found = ImmutableArray.CreateBuilder<PromptPredictions>(cut.Length);
        using var logits = new LogitRows(model);
        var running = new Queue<PromptRun>();
        ConditionRuns.RunAll(
            model, [.. cut.Select(prompt => prompt.Ids.Length)], place => Start(cut[place]),
            _ => found.Add(running.Dequeue().Predictions()),
            areChosen ? PartOfWork.Of(progress, 1, 1, 2) : progress, cancellation);
        return new(options, [.. heads], areChosen, found.MoveToImmutable());

        ConditionedPrompt Start(PredictionPrompt prompt)
        {
            var conditions = new PredictionConditions(model, heads, prompt.Position)
                .All(others?.Invoke(prompt) ?? []);
            var run = new PromptRun(prompt, conditions, options.Top, shown);
            running.Enqueue(run);
            return run.Conditioned(model, logits, cancellation);
        }
    }

    static ImmutableArray<PredictionPrompt> Check(ImmutableArray<PredictionPrompt> prompts)
    {
        if (prompts.IsDefaultOrEmpty)
            throw new ArgumentException("There is no prompt, expected one or more.");
        foreach (var (place, prompt) in prompts.Index())
            if (prompt.Position < 0 || prompt.Position >= prompt.Ids.Length)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Prompt {place + 1} has position {prompt.Position}, expected 0 to {prompt.Ids.Length - 1}."));
        return prompts;
    }
}

/// <summary>The run of one prompt under its conditions, whose rows come as they are read.</summary>
/// <param name="prompt">The prompt.</param>
/// <param name="conditions">The conditions, the first without a change.</param>
/// <param name="top">The most tokens that are listed as risen or fallen.</param>
/// <param name="shown">The tokens that are shown.</param>
sealed class PromptRun(
    PredictionPrompt prompt, ImmutableArray<PlannedCondition> conditions, int top, PredictedTokens shown)
{
    readonly PredictionRow?[] rows = new PredictionRow?[conditions.Length];
    PredictionReading? before;

    /// <summary>Returns what runs.</summary>
    public ConditionedPrompt Conditioned(Qwen2Model model, LogitRows logits, CancellationToken cancellation) => new(
        prompt.Ids.Items, [.. conditions.Select(one => one.Changes.Items)],
        new LastLogitReader(
            logits, model, prompt.Position,
            (_, numbers) => before = new(numbers, shown, top),
            (place, numbers) => rows[place] = before!.RowOf(conditions[place].Condition, numbers), cancellation));

    /// <summary>Returns the rows after the run, once: the logits without a change are not kept.</summary>
    public PromptPredictions Predictions()
    {
        var reading = before!;
        before = null;
        // Conditions that change nothing are not run.
        return new(prompt, [
            .. conditions.Select((one, place) => rows[place] ?? reading.RowOf(one.Condition, reading.Logits)),
        ]);
    }
}

/// <summary>The prediction without a change, and what conditions make of it.</summary>
sealed class PredictionReading
{
    readonly float[] before;
    readonly PredictedTokens shown;
    readonly int top, token;
    readonly double partition;
    readonly ExpectedPrediction expected;

    /// <summary>Takes the prediction without a change.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    /// <param name="shown">The tokens that are shown.</param>
    /// <param name="top">The most tokens that are listed as risen or fallen.</param>
    public PredictionReading(ReadOnlySpan<float> logits, PredictedTokens shown, int top)
    {
        (before, this.shown, this.top) = (logits.ToArray(), shown, top);
        (token, partition) = (shown.LikeliestOf(logits), Models.Logits.LogSumExp(logits));
        expected = new(logits.Length);
        expected.Set(logits);
    }

    /// <summary>Gets the logits without a change, <c>[vocabulary]</c>.</summary>
    public ReadOnlySpan<float> Logits => before;

    /// <summary>Returns the row of a condition.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="logits">The logits under it, <c>[vocabulary]</c>.</param>
    public PredictionRow RowOf(PredictionCondition condition, ReadOnlySpan<float> logits)
    {
        var (predicted, all) = (shown.LikeliestOf(logits), Models.Logits.LogSumExp(logits));
        var change = (double)logits[token] - before[token];
        return new(
            condition,
            new(predicted, logits[predicted], Math.Exp(logits[predicted] - all)),
            predicted == token,
            change,
            change - (all - partition),
            condition.Kind == PredictionConditionKind.Baseline ? 0 : expected.DivergenceTo(logits),
            LogitChanges.Largest(before, logits, shown, top, 1),
            LogitChanges.Largest(before, logits, shown, top, -1));
    }
}
