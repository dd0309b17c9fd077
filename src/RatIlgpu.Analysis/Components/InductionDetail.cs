namespace RatIlgpu.Analysis;

/// <summary>How the components of a layer and earlier heads make one of its heads look at the token after an earlier
/// copy.</summary>
/// <remarks>The induction score of a head is the mean attention from the second copy of a token to the token after its
/// first copy, where different random tokens come twice; the last token of the second copy has no such query.</remarks>
/// <param name="Head">The head.</param>
/// <param name="KeyValueHead">The key/value head that it reads.</param>
/// <param name="Queries">The queries of the score, over all sequences.</param>
/// <param name="Scores">The induction scores of all heads of the layer.</param>
/// <param name="Mass">Where the head looks.</param>
/// <param name="Effects">The effects of query and key components, the largest on the head first.</param>
/// <param name="Feeders">The earlier heads that the head reads, the strongest first.</param>
public sealed record InductionDetail(
    HeadIndex Head,
    int KeyValueHead,
    int Queries,
    ValueArray<double> Scores,
    InductionMass Mass,
    ValueArray<ComponentEffect> Effects,
    ValueArray<HeadFeeder> Feeders)
{
    /// <summary>Gets the score of the head.</summary>
    public double Score => Scores[Head.Head];

    /// <summary>Gets the sum of the effects of the query components on the head; softmax makes effects add up to
    /// another number than the score.</summary>
    public double QuerySum => SumOf(AttentionProjection.Query);

    /// <summary>Gets the sum of the effects of the key components on the head.</summary>
    public double KeySum => SumOf(AttentionProjection.Key);

    /// <summary>Looks at a head on sequences with repeats.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of the layer of the head.</param>
    /// <param name="head">The head.</param>
    /// <param name="sequences">The sequences, each of tokens that come twice.</param>
    /// <param name="most">The most components of each matrix, the strongest first; null for all that count.</param>
    /// <param name="cancellation">Stops between two sequences.</param>
    /// <exception cref="ArgumentException">The decomposition is of another model or layer, there is no sequence, or one
    /// is not of two or more tokens that come twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head.</exception>
    public static InductionDetail Of(
        Qwen2Model model,
        Decomposition decomposition,
        HeadIndex head,
        IReadOnlyCollection<RepeatedSequence> sequences,
        int? most = null,
        CancellationToken cancellation = default)
    {
        if (head.Layer != decomposition.Layer)
            throw new ArgumentException(
                $"The decomposition is of layer {decomposition.Layer}, expected that of {head}.");
        return OfHeads(model, decomposition, [head.Head], sequences, most, cancellation)[0];
    }

    /// <summary>Looks at heads of the layer on sequences with repeats. Each sequence runs once for all of
    /// them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of the layer of the heads.</param>
    /// <param name="heads">The query heads, at least one, each once.</param>
    /// <param name="sequences">The sequences, each of tokens that come twice.</param>
    /// <param name="most">The most components of each matrix, the strongest first; null for all that count.</param>
    /// <param name="cancellation">Stops between two sequences.</param>
    /// <returns>What <see cref="Of"/> returns of each head, in the order asked.</returns>
    /// <exception cref="ArgumentException">The decomposition is of another model, there is no head, one is given twice,
    /// there is no sequence, or one is not of two or more tokens that come twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a head.</exception>
    public static ValueArray<InductionDetail> OfHeads(
        Qwen2Model model,
        Decomposition decomposition,
        ImmutableArray<int> heads,
        IReadOnlyCollection<RepeatedSequence> sequences,
        int? most = null,
        CancellationToken cancellation = default)
    {
        decomposition.CheckFor(ModelFingerprint.Of(model));
        ActivationAxes.CheckHeads(Activation.Query, heads, model.Config);
        if (sequences.Count == 0 || sequences.Any(sequence => sequence is not { Repeats: 2, HalfLength: >= 2 }))
            throw new ArgumentException(
                "Induction needs at least one sequence, each of two or more tokens that come twice.");
        var effects = new InductionEffects(model, decomposition, heads, most);
        foreach (var sequence in sequences)
        {
            cancellation.ThrowIfCancellationRequested();
            effects.Add(sequence, cancellation);
        }

        var feeders = FeedersOf(model, decomposition.Layer, heads, sequences, cancellation);
        return
        [
            .. heads.Select((head, place) => new InductionDetail(
                new(decomposition.Layer, head), head / model.Config.GroupSize, effects.Queries, effects.Scores,
                effects.MassOf(place), effects.Of(head), feeders[place])),
        ];
    }

    double SumOf(AttentionProjection projection) =>
        Effects.Where(one => one.Projection == projection).Sum(one => one.Effects[Head.Head]);

    static ImmutableArray<ValueArray<HeadFeeder>> FeedersOf(
        Qwen2Model model,
        int layer,
        ImmutableArray<int> heads,
        IEnumerable<RepeatedSequence> sequences,
        CancellationToken cancellation)
    {
        var layout = AtlasLayouts.Of(AtlasPass.Repeats, model.Config);
        var score = InductionDetector.OnRandom;
        var place = layout.PlaceOf(score);
        ImmutableArray<FeederTarget> targets =
        [
            .. heads.Select(head => new FeederTarget(
                new(layer, head), score.Id, AtlasPass.Repeats, place * PassLayout.Parts, place)),
        ];
        var units = sequences.Select(sequence => AtlasPlan.RepeatOf(sequence, layout, firstQuery: 0));
        return
        [
            .. new FeederFinder(model, units, targets, cancellation).Of(layer, targets, cancellation)
                .Select(found => (ValueArray<HeadFeeder>)found.Feeders),
        ];
    }
}

/// <summary>Where a head looks from the second copy of a token, means over the queries.</summary>
/// <remarks>The last token of the second copy is a query here: the token after its first copy is the first one of the
/// second copy.</remarks>
/// <param name="Target">The attention to the token after the first copy.</param>
/// <param name="First">The attention to position 0.</param>
/// <param name="Rest">The attention to other tokens.</param>
public readonly record struct InductionMass(double Target, double First, double Rest);

/// <summary>What taking a component out of the queries or keys of all positions does to induction.</summary>
/// <param name="Projection">The query or the key matrix.</param>
/// <param name="Component">The component.</param>
/// <param name="Fraction">The part of its norm that is in the head, or in the key/value head that the head reads, in
/// [0, 1].</param>
/// <param name="Spread">How its norm is spread over heads: query heads, or key/value heads.</param>
/// <param name="Effects">The score of each query head of the layer less its score without the component: positive
/// where it helps.</param>
public sealed record ComponentEffect(
    AttentionProjection Projection,
    int Component,
    double Fraction,
    HeadSpread Spread,
    ValueArray<double> Effects)
{
    /// <summary>The smallest effect that is told of.</summary>
    public const double LeastEffect = 0.005;

    const double Concentrated = 0.5, Involved = 0.1, Needed = 0.01;

    /// <summary>Gets how far the component belongs to the head.</summary>
    public WeightConcentration Concentration => Fraction switch
    {
        > Concentrated => WeightConcentration.Concentrated,
        > Involved => WeightConcentration.Involved,
        _ => WeightConcentration.Minor,
    };

    /// <summary>Returns whether the component has weight in a head that does not use it: a fraction above 0.1, and an
    /// effect of less than 0.01 in either direction.</summary>
    /// <param name="head">The query head.</param>
    public bool IsUnused(int head) => Fraction > Involved && Math.Abs(Effects[head]) < Needed;

    /// <summary>Returns the other heads that it has an effect on, of more than 0.005 in either direction.</summary>
    /// <param name="head">The query head that is left out.</param>
    public ImmutableArray<int> OtherHeads(int head) =>
        [.. Others(head).Where(other => Math.Abs(Effects[other]) > LeastEffect)];

    /// <summary>Returns the other heads whose score rises by more than 0.005 without it.</summary>
    /// <param name="head">The query head that is left out.</param>
    public ImmutableArray<int> RaisedHeads(int head) =>
        [.. Others(head).Where(other => Effects[other] < -LeastEffect)];

    IEnumerable<int> Others(int head) => Enumerable.Range(0, Effects.Length).Where(other => other != head);
}

/// <summary>How far the weights of a component belong to one head.</summary>
public enum WeightConcentration
{
    /// <summary>At most a tenth.</summary>
    Minor,

    /// <summary>More than a tenth.</summary>
    Involved,

    /// <summary>More than half.</summary>
    Concentrated,
}
