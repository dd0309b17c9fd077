namespace RatIlgpu.Analysis;

/// <summary>Whether taking heads A away at t takes away what the values B at <c>t − 1</c> give.</summary>
/// <param name="Heads">The heads A.</param>
/// <param name="ValueHeads">The heads whose own values are removed in some comparisons.</param>
/// <param name="Samples">The samples.</param>
/// <param name="Comparisons">What attention writes at t, compared, in each layer from that of the heads on.</param>
public sealed record RedundancyReport(
    ValueArray<HeadIndex> Heads,
    ValueArray<HeadIndex> ValueHeads,
    ValueArray<AblationSample> Samples,
    ValueArray<RedundancyComparison> Comparisons)
{
    /// <summary>Gets the components A; null where the heads are A.</summary>
    public AblatedComponents? Components { get; init; }

    /// <summary>Gets what A is, in words: the heads, or the components.</summary>
    public string Removed => Components?.ToString() ?? string.Join(", ", Heads);

    // Of less than this, B changes nothing that a share could be taken of.
    const double Least = 1e-6;

    /// <summary>Gets the index R for the values of all heads: <c>1 − (1 − P(A, AB)) / (1 − P(·, B))</c> with the means
    /// P of the normalised inner product in the layer of the heads. 1: A has all that B takes away; 0: nothing of it.
    /// Null where B changes nothing.</summary>
    public double? Redundancy => Index(RedundancyPair.Values, RedundancyPair.ValuesAfterHeads);

    /// <summary>Gets the index R for the heads' own values.</summary>
    public double? OwnRedundancy => Index(RedundancyPair.OwnValues, RedundancyPair.OwnValuesAfterHeads);

    /// <summary>Gets the interaction <c>E(AB) − E(A) − E(B)</c> for the values of all heads, with
    /// <c>E = 1 − P(·, x)</c>: negative where A and B take the same away.</summary>
    public double? Interaction => Excess(RedundancyPair.Both, RedundancyPair.Values);

    /// <summary>Gets the interaction for the heads' own values.</summary>
    public double? OwnInteraction => Excess(RedundancyPair.BothOwn, RedundancyPair.OwnValues);

    /// <summary>Returns the mean of the normalised inner product of a comparison in the layer of the heads; null where
    /// the output is zero, or there is no such comparison.</summary>
    public double? ProjectionOf(RedundancyPair pair) =>
        Comparisons.FirstOrDefault(one => one.Pair == pair)?.Projection is { Count: > 0, Mean: var mean } ? mean : null;

    double? Index(RedundancyPair values, RedundancyPair after) =>
        1 - ProjectionOf(values) is { } lost && Math.Abs(lost) > Least
            ? 1 - ((1 - ProjectionOf(after)) / lost)
            : null;

    double? Excess(RedundancyPair both, RedundancyPair values) =>
        (1 - ProjectionOf(both)) - (1 - ProjectionOf(RedundancyPair.Heads)) - (1 - ProjectionOf(values));
}

/// <summary>A comparison in a layer.</summary>
/// <param name="Pair">What is compared.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Projection">The normalised inner product over the samples (<see cref="OutputChange"/>).</param>
/// <param name="Cosine">The cosine over the samples.</param>
public sealed record RedundancyComparison(
    RedundancyPair Pair, int Layer, MeanAndSpread Projection, MeanAndSpread Cosine)
{
    /// <summary>Gets the two runs in words, such as "none, A and B of all heads".</summary>
    public string Name => Pair switch
    {
        RedundancyPair.Heads => "none, A",
        RedundancyPair.Values => "none, B of all heads",
        RedundancyPair.OwnValues => "none, B of own values",
        RedundancyPair.Both => "none, A and B of all heads",
        RedundancyPair.BothOwn => "none, A and B of own values",
        RedundancyPair.ValuesAfterHeads => "A, A and B of all heads",
        RedundancyPair.OwnValuesAfterHeads => "A, A and B of own values",
        _ => Pair.ToString(),
    };
}

/// <summary>What two runs are compared.</summary>
public enum RedundancyPair
{
    /// <summary>The run without a change, and that without the heads: A.</summary>
    Heads,

    /// <summary>The run without a change, and that without the values of all heads: B.</summary>
    Values,

    /// <summary>The run without a change, and that without the values of the chosen heads.</summary>
    OwnValues,

    /// <summary>The run without a change, and that without the heads and the values of all: AB.</summary>
    Both,

    /// <summary>The run without a change, and that without the heads and the values of the chosen ones.</summary>
    BothOwn,

    /// <summary>The run without the heads, and that without the heads and the values of all.</summary>
    ValuesAfterHeads,

    /// <summary>The run without the heads, and that without the heads and the values of the chosen ones.</summary>
    OwnValuesAfterHeads,
}

/// <summary>What attention writes at t where values at earlier positions are removed, with the heads A and
/// without.</summary>
/// <param name="Heads">The heads A.</param>
/// <param name="Samples">The samples.</param>
/// <param name="Layers">The layers from that of the heads on.</param>
public sealed record OffsetSweep(
    ValueArray<HeadIndex> Heads, ValueArray<AblationSample> Samples, ValueArray<SweepOfLayer> Layers)
{
    /// <summary>Gets the components A; null where the heads are A.</summary>
    public AblatedComponents? Components { get; init; }

    /// <summary>Gets what A is, in words: the heads, or the components.</summary>
    public string Removed => Components?.ToString() ?? string.Join(", ", Heads);
}

/// <summary>The sweep in a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="HeadsAlone">The run without the heads, and with all values.</param>
/// <param name="Points">Offset by offset, from 1.</param>
public sealed record SweepOfLayer(int Layer, MeasuredOutput HeadsAlone, ValueArray<SweepPoint> Points);

/// <summary>One offset of a sweep.</summary>
/// <param name="Offset">The distance from t back to the position whose values are removed, at least 1.</param>
/// <param name="Values">The run without these values, beside that without a change.</param>
/// <param name="Both">The run without these values and without the heads, beside that without a change.</param>
public sealed record SweepPoint(int Offset, MeasuredOutput Values, MeasuredOutput Both)
{
    /// <summary>Gets what the heads take away beside the values: the difference of the means of the normalised inner
    /// product, with the values removed alone less with both; null where an output is zero.</summary>
    public double? Difference =>
        Values.Projection.Count > 0 && Both.Projection.Count > 0 ? Values.Projection.Mean - Both.Projection.Mean : null;
}

/// <summary>An output compared with that without a change, over samples.</summary>
/// <param name="Projection">The normalised inner product (<see cref="OutputChange"/>).</param>
/// <param name="Cosine">The cosine.</param>
public sealed record MeasuredOutput(MeanAndSpread Projection, MeanAndSpread Cosine);
