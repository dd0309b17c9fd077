namespace RatIlgpu.Analysis;

/// <summary>What the conditions of a study change, at the changed position and after it.</summary>
/// <param name="Options">What was taken away.</param>
/// <param name="Samples">The samples, with what the model says without a change.</param>
/// <param name="Conditions">The conditions, in the order of the options: by head, then by kind.</param>
public sealed record AblationReport(
    AblationOptions Options, ValueArray<AblationBaseline> Samples, ValueArray<ConditionEffect> Conditions)
{
    /// <summary>Gets what all heads do in repeated random tokens under the conditions; null where that was not
    /// measured.</summary>
    public AblatedScores? Scores { get; init; }
}

/// <summary>A sample without a change.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="First">The first position that a condition changes.</param>
/// <param name="Predictions">The likeliest next token at each position from the first changed one on.</param>
/// <param name="Patterns">The patterns of heads that are shown under a condition; empty where the sample is not
/// shown.</param>
public sealed record AblationBaseline(
    AblationSample Sample, int First, ValueArray<int> Predictions, ValueArray<ShownAttention> Patterns)
{
    /// <summary>Gets the lengths of the values that each changed head reads, head by head; empty where the sample is
    /// not shown.</summary>
    public ValueArray<ValueLengthsOfHead> Values { get; init; } = [];
}

/// <summary>The lengths of the values that a head reads.</summary>
/// <param name="Head">The head.</param>
/// <param name="Lengths"><c>[positions]</c>.</param>
public sealed record ValueLengthsOfHead(HeadIndex Head, ValueArray<float> Lengths);

/// <summary>The attention of a head from the first changed position on.</summary>
/// <param name="Head">The head.</param>
/// <param name="Rows"><c>[positions from the first changed one, positions]</c>.</param>
/// <param name="Variation">The total variation from the pattern without the change, <c>Σ |a − b| / 2</c> of a row, as a
/// mean over the rows; 0 without a change.</param>
public sealed record ShownAttention(HeadIndex Head, ValueArray<float> Rows, double Variation);

/// <summary>What a condition changes.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Layers">The output of attention at the changed position in each layer from the first changed one on;
/// where all positions are changed, the mean over them.</param>
/// <param name="Divergence">The mean of <c>KL(without ‖ with)</c> of the next token over the positions from the first
/// changed one on, in nats, over the samples.</param>
/// <param name="Changed">The share of these positions whose likeliest next token changes, over the samples.</param>
/// <param name="Samples">Position by position, for each sample.</param>
public sealed record ConditionEffect(
    AblationCondition Condition,
    ValueArray<LayerEffect> Layers,
    MeanAndSpread Divergence,
    MeanAndSpread Changed,
    ValueArray<SampleEffect> Samples);

/// <summary>How much of the output of attention is left in a layer, over samples.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Projection">The normalised inner product (<see cref="OutputChange"/>).</param>
/// <param name="Cosine">The cosine.</param>
public sealed record LayerEffect(int Layer, MeanAndSpread Projection, MeanAndSpread Cosine);

/// <summary>What a condition changes in a sample, from its first changed position on.</summary>
/// <param name="Layers">The output of attention at each position, in each layer from the first changed one on.</param>
/// <param name="Divergences"><c>KL(without ‖ with)</c> at each position, in nats.</param>
/// <param name="Predictions">The likeliest next token at each position.</param>
/// <param name="Patterns">The heads whose attention changes most; empty where the sample is not shown.</param>
public sealed record SampleEffect(
    ValueArray<ValueArray<OutputChange>> Layers,
    ValueArray<double> Divergences,
    ValueArray<int> Predictions,
    ValueArray<ShownAttention> Patterns);
