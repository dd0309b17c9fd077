namespace RatIlgpu.Analysis;

/// <summary>How active components are on texts.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Tokens">The tokens of the texts.</param>
/// <param name="Threshold">The share τ: a component is active at a token where <c>|a_c| ‖U_c‖ &gt; τ ‖W x‖</c>, without
/// the bias; in a head, with the parts of U and of W of that head.</param>
/// <param name="Matrices">The activity in each matrix, in the order of <see cref="AttentionProjection"/>.</param>
/// <param name="Groups">The co-activation of key and value components in each key/value head, <c>[head][value ·
/// key]</c>, the keys fastest.</param>
public sealed record ComponentActivity(
    int Layer,
    long Tokens,
    double Threshold,
    ValueArray<MatrixActivity> Matrices,
    ValueArray<ValueArray<CoActivation>> Groups)
{
    /// <summary>The usual share of the output at which a component counts as active.</summary>
    public const double DefaultThreshold = 0.1;

    /// <summary>Returns the activity of components of one layer on texts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components.</param>
    /// <param name="texts">The tokens of each text, at least one text.</param>
    /// <param name="most">The most components of each matrix, the strongest first; null for all that count.</param>
    /// <param name="threshold">The share of the output at which a component counts as active, above 0.</param>
    /// <param name="cancellation">Stops between two texts.</param>
    /// <exception cref="ArgumentException">The decomposition is of another model, there is no text, or one is
    /// empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not above 0.</exception>
    public static ComponentActivity Of(
        Qwen2Model model,
        Decomposition decomposition,
        IEnumerable<ValueArray<int>> texts,
        int? most = null,
        double threshold = DefaultThreshold,
        CancellationToken cancellation = default)
    {
        if (!(threshold > 0))
            throw new ArgumentOutOfRangeException(
                nameof(threshold), FormattableString.Invariant($"The threshold is {threshold}, expected more than 0."));
        decomposition.CheckFor(ModelFingerprint.Of(model));
        MatrixCounter[] counters =
        [
            .. Enum.GetValues<AttentionProjection>().Select(projection =>
                new MatrixCounter(model, decomposition, projection, most, threshold)),
        ];
        var (tokens, pairs) = (0L, new PairCounter(
            counters[(int)AttentionProjection.Key], counters[(int)AttentionProjection.Value]));
        var captures = MatrixCounter.Captures(decomposition.Layer);
        foreach (var ids in texts)
        {
            var run = new Recorder(model).Record(ids, captures, null, cancellation);
            foreach (var position in Enumerable.Range(0, ids.Length))
            {
                foreach (var counter in counters)
                    counter.Add(run, position);
                pairs.Add();
                tokens++;
            }
        }

        return tokens == 0
            ? throw new ArgumentException("There is no text to run: at least one is needed.")
            : new(
                decomposition.Layer, tokens, threshold, [.. counters.Select(counter => counter.Result(tokens))],
                pairs.Result(tokens));
    }
}

/// <summary>The activity of the components of one matrix.</summary>
/// <param name="Projection">The matrix.</param>
/// <param name="Components">The components, the strongest first.</param>
/// <param name="Active">The tokens at which each is active.</param>
/// <param name="MeanActivation">The mean of <c>a_c</c> over all tokens.</param>
/// <param name="MeanSize">The mean of <c>|a_c| ‖U_c‖</c> over all tokens.</param>
/// <param name="Heads">The mean over the active tokens of <c>|a_c| ‖U_c[h]‖</c>, of outputs of <c>|V_c[h] · z_h|
/// ‖U_c‖</c>, <c>[component, head]</c>; null where a component is never active.</param>
public sealed record MatrixActivity(
    AttentionProjection Projection,
    ValueArray<int> Components,
    ValueArray<long> Active,
    ValueArray<double> MeanActivation,
    ValueArray<double> MeanSize,
    LabelledArray Heads);
