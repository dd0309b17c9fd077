using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Divides scores of attention among pairs of a query component and a key component.</summary>
/// <remarks>A score is bilinear in query and key: <c>S[h, i, j] = Σ_x Σ_y ⟨R_i q_x, R_j k_y⟩ / √d</c> over the terms x
/// of the query and y of the key. The terms are the chosen components, <c>rest</c> (all other components), <c>delta</c>
/// (what the components do not have of the matrix) and <c>bias</c>; their sum is the score exactly.</remarks>
public static class ComponentScores
{
    // Scores of the run are in single precision: the sum of a head has some hundred roundings of 6e-8 of its terms,
    // and the query and the key as many each.
    const double RunTolerance = 1e-4;

    /// <summary>Returns the activations of a layer that <see cref="Exact"/> reads.</summary>
    /// <param name="layer">The layer, <c>^1</c> for the last.</param>
    public static ImmutableArray<Capture> Captures(Index layer) =>
    [
        .. new[] { Activation.AttentionInput, Activation.RotatedQuery, Activation.RotatedKey }
            .Select(activation => new Capture(activation) { Layers = [layer] }),
    ];

    /// <summary>Divides the scores of one query of a run, and compares their sums with the scores of the run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of its layer.</param>
    /// <param name="run">The run, with <see cref="Captures"/> recorded at all positions up to the query.</param>
    /// <param name="query">The position of the query, <c>^1</c> for the last.</param>
    /// <param name="pairs">The components that are told apart.</param>
    /// <param name="mostKeys">The most keys: those with the largest attention of any head; at least 1.</param>
    /// <exception cref="ArgumentException">The decomposition or the run is of another model, or the run does not have
    /// an activation or a position.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component or position.</exception>
    /// <exception cref="ArithmeticException">A score is not a finite number, or the sum of one differs from that of the
    /// run by more than rounding, as after an intervention between the stream and the scores.</exception>
    public static ScoreContributions Exact(
        Qwen2Model model,
        Decomposition decomposition,
        Recording run,
        Index query,
        ComponentPairs pairs,
        int mostKeys = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostKeys, 1);
        decomposition.CheckFor(ModelFingerprint.Of(model));
        run.CheckFor(model);
        var position = run.Resolve(query);
        var split = new SplitScores(model, decomposition, run, position, pairs);
        var error = split.LargestError();
        if (double.IsNaN(error))
            throw new ArithmeticException("A score is not a finite number.");
        if (error > RunTolerance)
            throw new ArithmeticException(FormattableString.Invariant(
                $"The terms of a score add up to another score than that of the run, by {error} of the lengths of ")
                + "query and key: the run was changed between the stream and the scores.");
        return split.Divide(mostKeys, error);
    }

    /// <summary>Returns the scores of pairs of components by weights alone, <c>[offset, head, query_term,
    /// key_term]</c>.</summary>
    /// <remarks><c>W_h(δ)[c, e] = ⟨R_δ ũ_c[h], ũ_e[kv(h)]⟩ / √d</c>, with <c>ũ_c = s_c ‖V_c ⊙ γ‖ U_c</c>: the score
    /// of a stream along the input vector V of each component. The length of V has no sign; s_c is the sign of the mean
    /// activation where that is known. The bias, whose activation is 1, is the last term; the delta is no vector and
    /// is not there. Where the model norms heads, the scale of their norm is left out, and its gain is
    /// not.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of its layer.</param>
    /// <param name="pairs">The components.</param>
    /// <param name="offsets">The distances from the key to the query, at least 0.</param>
    /// <param name="signs">Returns the sign of the mean activation of a component, 1 or −1; null for 1.</param>
    /// <exception cref="ArgumentException">The decomposition is of another model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component, or an offset is negative.</exception>
    public static LabelledArray OverOffsets(
        Qwen2Model model,
        Decomposition decomposition,
        ComponentPairs pairs,
        ImmutableArray<int> offsets,
        Func<AttentionProjection, int, int>? signs = null)
    {
        decomposition.CheckFor(ModelFingerprint.Of(model));
        var (config, layer) = (model.Config, model.Weights.Layers[decomposition.Layer]);
        foreach (var offset in offsets)
            ArgumentOutOfRangeException.ThrowIfNegative(offset, nameof(offsets));
        var queries = Scaled(
            model, decomposition, AttentionProjection.Query, pairs.Query, layer.QueryGain, signs);
        var keys = Scaled(model, decomposition, AttentionProjection.Key, pairs.Key, layer.KeyGain, signs);
        var turns = new HeadTurns(config, offsets.Append(0).Max() + 1);
        var values = new List<double?>();
        foreach (var offset in offsets)
            for (var head = 0; head < config.HeadCount; head++)
                values.AddRange(turns.AtDistance(queries, keys, head, offset).Select(value => (double?)value));

        return new(
            [
                new("offset", [.. offsets.Select(SplitScores.Label)]), ArrayAxis.Counted("head", config.HeadCount),
                new("query_term", Names(pairs.Query)), new("key_term", Names(pairs.Key)),
            ],
            [.. values]);
    }

    // The output vector of each component, times the length of its input vector and its sign; then the bias.
    static double[][] Scaled(
        Qwen2Model model,
        Decomposition decomposition,
        AttentionProjection projection,
        ImmutableArray<int> chosen,
        Tensor? gain,
        Func<AttentionProjection, int, int>? signs)
    {
        double[][] terms =
        [
            .. chosen.Select(Vector), ProjectionWeight.Of(model, decomposition.Layer, projection).Bias,
        ];
        if (gain is not null && model.Rows(gain, 0) is var factors)
            foreach (var term in terms)
                for (var i = 0; i < term.Length; i++)
                    term[i] *= factors[i % factors.Length];
        return terms;

        double[] Vector(int component)
        {
            var matrix = decomposition[projection];
            var scale = TensorPrimitives.Norm<double>(matrix.Direction(component))
                * (signs?.Invoke(projection, component) ?? 1);
            return [.. matrix.Output(component).ToArray().Select(number => scale * number)];
        }
    }

    static ValueArray<string> Names(ImmutableArray<int> chosen) =>
        [.. chosen.Select(SplitScores.Label), ProjectionTerms.Bias];
}

/// <summary>Components of the query and of the key matrix.</summary>
/// <param name="Query">Those of the query matrix.</param>
/// <param name="Key">Those of the key matrix.</param>
public sealed record ComponentPairs(ValueArray<int> Query, ValueArray<int> Key)
{
    /// <summary>Returns the components of a decomposition that count, the strongest first.</summary>
    /// <param name="decomposition">The decomposition.</param>
    /// <param name="most">The most of each matrix; null for any number.</param>
    public static ComponentPairs Alive(Decomposition decomposition, int? most = null) => new(
        decomposition[AttentionProjection.Query].Alive(most), decomposition[AttentionProjection.Key].Alive(most));
}

/// <summary>The scores of one query, divided among pairs of components.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Query">The position of the query.</param>
/// <param name="Keys">The positions of the keys, ascending.</param>
/// <param name="Values">The share of each pair in the score, <c>[head, key, query_term, key_term]</c>; a term is the
/// number of a component, <c>rest</c>, <c>delta</c> or <c>bias</c>.</param>
/// <param name="Scores">The scores, <c>[head, key]</c>: the sums over the terms.</param>
/// <param name="RunScores">The scores of the run, <c>[head, key]</c>, of its rotated queries and keys in single
/// precision.</param>
/// <param name="Attention">The attention, <c>[head, key]</c>, among all keys that the query sees.</param>
/// <param name="LargestError">The largest difference between a sum and the score of the run in single precision, over
/// all keys, as a share of <c>‖q‖ ‖k‖ / √d</c>.</param>
public sealed record ScoreContributions(
    int Layer,
    int Query,
    ValueArray<int> Keys,
    LabelledArray Values,
    LabelledArray Scores,
    LabelledArray RunScores,
    LabelledArray Attention,
    double LargestError);
