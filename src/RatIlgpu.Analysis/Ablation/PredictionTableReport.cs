namespace RatIlgpu.Analysis;

/// <summary>What a model predicts after prompts under conditions.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Heads">The heads of the conditions, ascending.</param>
/// <param name="AreChosen">Whether the heads were chosen of all heads, as those whose zeroing at the position changes
/// the predictions most, by the mean of <c>KL(without ‖ with)</c> over the prompts.</param>
/// <param name="Prompts">The prompts, in their order.</param>
public sealed record PredictionTableReport(
    PredictionOptions Options,
    ValueArray<HeadIndex> Heads,
    bool AreChosen,
    ValueArray<PromptPredictions> Prompts)
{
    /// <summary>Returns what each condition changes over all prompts that have it, in the order of the first
    /// table.</summary>
    public ValueArray<ConditionSummary> Summary() =>
    [
        .. Prompts.SelectMany(prompt => prompt.Rows.Skip(1))
            .GroupBy(row => row.Condition.Name).Select(rows => new ConditionSummary(
                rows.First().Condition, rows.Count(), rows.Count(row => !row.IsSame),
                MeanAndSpread.Of(rows.Select(row => (double?)row.LogitChange)),
                MeanAndSpread.Of(rows.Select(row => (double?)row.LogProbabilityChange)),
                MeanAndSpread.Of(rows.Select(row => (double?)row.Divergence)))),
    ];
}

/// <summary>What a condition changes over several prompts.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Count">The number of prompts that have it.</param>
/// <param name="Changed">The number of those of which another token is predicted.</param>
/// <param name="LogitChange">The change of the logit of the token that is predicted without a change.</param>
/// <param name="LogProbabilityChange">The change of the logarithm of its probability, in nats.</param>
/// <param name="Divergence"><c>KL(without ‖ with)</c>, in nats.</param>
public sealed record ConditionSummary(
    PredictionCondition Condition,
    int Count,
    int Changed,
    MeanAndSpread LogitChange,
    MeanAndSpread LogProbabilityChange,
    MeanAndSpread Divergence);

/// <summary>What a model predicts after a prompt.</summary>
/// <param name="Prompt">The prompt, cut after the position.</param>
/// <param name="Rows">The run without a change, then the conditions.</param>
public sealed record PromptPredictions(PredictionPrompt Prompt, ValueArray<PredictionRow> Rows);

/// <summary>What a model predicts under a condition.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Predicted">The likeliest next token; of equal logits, that with the lower id.</param>
/// <param name="IsSame">Whether it is the token, by its id, that is predicted without a change.</param>
/// <param name="LogitChange">The change of the logit of the token that is predicted without a change.</param>
/// <param name="LogProbabilityChange">The change of the logarithm of its probability, in nats; unlike a logit, that is
/// free of a shift that all logits share.</param>
/// <param name="Divergence"><c>KL(without ‖ with)</c> over the whole vocabulary, in nats.</param>
/// <param name="Risen">The tokens whose logits rise most, the largest change first; those that rise alone.</param>
/// <param name="Fallen">The tokens whose logits fall most, the largest change first; those that fall alone.</param>
public sealed record PredictionRow(
    PredictionCondition Condition,
    NextToken Predicted,
    bool IsSame,
    double LogitChange,
    double LogProbabilityChange,
    double Divergence,
    ValueArray<TokenChange> Risen,
    ValueArray<TokenChange> Fallen);

/// <summary>A predicted token.</summary>
/// <param name="Id">The token.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Probability">Its probability over the whole vocabulary, in [0, 1].</param>
public readonly record struct NextToken(int Id, double Logit, double Probability);

/// <summary>A token whose logit changes.</summary>
/// <param name="Id">The token.</param>
/// <param name="Change">The logit with the change less that without.</param>
public readonly record struct TokenChange(int Id, double Change);
