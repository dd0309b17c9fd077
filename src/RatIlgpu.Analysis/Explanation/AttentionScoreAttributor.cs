using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Explains why a head at a query attends to a key: divides the score before the softmax among pairs of a part
/// of the query and a part of the key, from a recorded run.</summary>
/// <remarks>Queries and keys are linear in the parts of the stream before the layer once the scale of the norm is held,
/// and, where the model norms each head of queries and keys, the scale of that norm too; both scales are those of the
/// run. Weights are never changed.</remarks>
/// <param name="model">The model.</param>
public sealed class AttentionScoreAttributor(Qwen2Model model)
{
    /// <summary>The most pairs of parts of one explanation whose heads are split by token
    /// (<see cref="ScoreAttributionOptions.SplitHeads"/>). Whole heads have no such bound.</summary>
    public const int MostPairs = 1 << 24;

    readonly Lazy<double[]> meanEmbedding = new(() => MeanRow(model));

    /// <summary>Returns the most pairs that an explanation with split heads has: a head has a part for each token up to
    /// the position that it reads from.</summary>
    /// <param name="config">The shape of the model.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query.</param>
    /// <param name="key">The position of the key.</param>
    /// <param name="options">The options; <see cref="ScoreReading.Others"/> and <see cref="ScoreReading.Gradient"/>
    /// have the parts of all keys.</param>
    public static long SplitPairs(
        Qwen2Config config, HeadIndex head, int query, int key, ScoreAttributionOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        var last = options.Reading is ScoreReading.Others or ScoreReading.Gradient
            ? query
            : Math.Max(key, options.FoilKey?.GetOffset(query + 1) ?? 0);
        var heads = (long)head.Layer * config.HeadCount;
        return heads * (query + 1) * heads * (last + 1);
    }

    /// <summary>Returns the captures that explanations of a head at a query need. If an intervention changes the keys
    /// or values of one query head alone, they need <see cref="Activation.HeadKey"/> or
    /// <see cref="Activation.HeadValue"/> too.</summary>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query.</param>
    /// <param name="keys">The positions of the keys; <see cref="ScoreReading.Others"/> and
    /// <see cref="ScoreReading.Gradient"/> read all keys.</param>
    /// <param name="options">The options; null for the score itself.</param>
    /// <param name="tokens">The tokens of the prompt, from whose end positions such as <c>^1</c> count.</param>
    /// <exception cref="ArgumentException">There is no key, or the options contradict each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is not in the prompt.</exception>
    public static ImmutableArray<Capture> Captures(
        HeadIndex head, Index query, ReadOnlySpan<Index> keys, int tokens, ScoreAttributionOptions? options = null)
    {
        options ??= new();
        options.Check();
        if (keys.IsEmpty)
            throw new ArgumentException("There is no key: at least one is needed.");
        Index[] asked = [query, .. keys, .. options.FoilKey is { } foil ? (Index[])[foil] : []];
        var readsAll = options.Reading is ScoreReading.Others or ScoreReading.Gradient;
        ValueArray<Index>? positions = readsAll
            ? null
            : [.. asked.Select(at => ActivationAxes.Resolve(at, tokens, "position")).Distinct().Order()
                .Select(at => (Index)at)];
        ValueArray<Index> earlier = [.. Enumerable.Range(0, head.Layer).Select(layer => (Index)layer)];
        Activation[] ofLayers = options.SplitHeads
            ? [Activation.Pattern, Activation.Value, Activation.MlpOutput]
            : [Activation.HeadOutput, Activation.MlpOutput];
        return
        [
            new(Activation.Embedding) { Positions = positions },
            .. (earlier.IsEmpty ? [] : ofLayers).Select(one => new Capture(one)
            {
                Layers = earlier,
                // A head reads values at all earlier positions.
                Positions = one == Activation.Value ? null : positions,
            }),
            new(Activation.ResidualBefore) { Layers = [head.Layer], Positions = positions },
            .. RowCaptures(head, query),
        ];
    }

    /// <summary>Returns the captures that <see cref="StrongestKeys"/> needs.</summary>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query.</param>
    public static ImmutableArray<Capture> RowCaptures(HeadIndex head, Index query) =>
    [
        new(Activation.RotatedQuery) { Layers = [head.Layer], Positions = [query] },
        new(Activation.RotatedKey) { Layers = [head.Layer] },
    ];

    /// <summary>Returns the keys to which a head attends most, those with more attention first.</summary>
    /// <param name="run">The run, with the captures of <see cref="RowCaptures"/>.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query, <c>^1</c> for the last.</param>
    /// <param name="count">The most to return, at least 1.</param>
    /// <exception cref="ArgumentException">The run is of another model or does not have the captures, or the query is
    /// padding.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head, the prompt not the position, or
    /// the count is below 1.</exception>
    public ImmutableArray<int> StrongestKeys(Recording run, HeadIndex head, Index query, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        run.CheckFor(model);
        head.Check(model.Config.LayerCount, model.Config.HeadCount);
        var position = run.Resolve(query);
        var visible = VisibleKeys.Of(model.Config, head.Layer, position, run.AttentionMask);
        var attention = new ScoreRow(model.Config, run, head, position, visible).Attention;
        return [.. visible.Zip(attention).OrderByDescending(one => one.Second).Take(count).Select(one => one.First)];
    }

    /// <summary>Runs the model once up to the layer of the head and explains its attention to a key.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query, <c>^1</c> for the last.</param>
    /// <param name="key">The position of the key.</param>
    /// <param name="options">The options; null for the score itself.</param>
    /// <param name="recording">The options of the run; null for a plain run.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">A position is padding; the key comes after the query or is outside its
    /// window; key and foil are the same; split heads would have more than <see cref="MostPairs"/> pairs; or an option
    /// does not fit the model, the prompt or another option.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head, or the prompt not a
    /// position.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public ScoreAttribution Explain(
        ReadOnlySpan<int> ids,
        HeadIndex head,
        Index query,
        Index key,
        ScoreAttributionOptions? options = null,
        RecordingOptions? recording = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        _ = ScoreLink.Make(model.Config, head, query, key, options, ids.Length, recording?.AttentionMask);
        var captures = Captures(head, query, [key], ids.Length, options);
        var changed = (recording?.Interventions ?? []).Select(one => one.Target.ChangedSite).ToList();
        if (changed.Contains(new(Activation.HeadKey, head.Layer)))
            captures = captures.Add(new(Activation.HeadKey) { Layers = [head.Layer] });
        captures = [.. captures, .. OwnValues(head, options, recording?.Interventions ?? [])];
        return Explain(new Recorder(model).Record(ids, captures, recording, cancellation), head, query, key, options);
    }

    /// <summary>Returns the captures of the values that interventions change for single query heads of earlier
    /// layers, where heads are split by the tokens that they read.</summary>
    internal static IEnumerable<Capture> OwnValues(
        HeadIndex head, ScoreAttributionOptions options, ValueArray<Intervention> interventions)
    {
        ImmutableArray<Index> layers =
        [
            .. interventions.Select(one => one.Target.ChangedSite)
                .Where(site => site.Activation == Activation.HeadValue && site.Layer < head.Layer)
                .Select(site => (Index)site.Layer).Distinct(),
        ];
        return options.SplitHeads && !layers.IsEmpty ? [new(Activation.HeadValue) { Layers = layers }] : [];
    }

    /// <summary>Explains the attention of a recorded run to a key.</summary>
    /// <param name="run">The run, with the captures of <see cref="Captures"/>.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query, <c>^1</c> for the last.</param>
    /// <param name="key">The position of the key.</param>
    /// <param name="options">The options; null for the score itself.</param>
    /// <exception cref="ArgumentException">The run is of another model or does not have the captures; a position is
    /// padding; the key comes after the query or is outside its window; key and foil are the same; split heads would
    /// have more than <see cref="MostPairs"/> pairs, or an intervention gave one another output than its values have;
    /// or the options contradict each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head, or the prompt not a
    /// position.</exception>
    public ScoreAttribution Explain(
        Recording run, HeadIndex head, Index query, Index key, ScoreAttributionOptions? options = null) =>
        Explain(run, head, query, [key], options)[0];

    /// <summary>Explains the attention of a recorded run to several keys, which costs less than one after the
    /// other.</summary>
    /// <param name="run">The run, with the captures of <see cref="Captures"/>.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The position of the query, <c>^1</c> for the last.</param>
    /// <param name="keys">The positions of the keys.</param>
    /// <param name="options">The options; null for the score itself.</param>
    /// <returns>An explanation for each key, in the given order.</returns>
    /// <exception cref="ArgumentException">As for one key.</exception>
    /// <exception cref="ArgumentOutOfRangeException">As for one key.</exception>
    public ImmutableArray<ScoreAttribution> Explain(
        Recording run,
        HeadIndex head,
        Index query,
        ReadOnlySpan<Index> keys,
        ScoreAttributionOptions? options = null) =>
        [.. ExplainEach(run, head, [.. keys.ToArray().Select(key => (query, key))], options ?? new())];

    /// <summary>Explains several links of one head, those of a query together. All are checked before the first is
    /// explained, and the products of weights are made once.</summary>
    internal IEnumerable<ScoreAttribution> ExplainEach(
        Recording run, HeadIndex head, ImmutableArray<(Index Query, Index Key)> asked, ScoreAttributionOptions options)
    {
        run.CheckFor(model);
        ImmutableArray<ScoreLink> links =
        [
            .. asked.Select(link => ScoreLink.Make(
                model.Config, head, link.Query, link.Key, options, run.TokenIds.Length, run.AttentionMask)),
        ];
        var weights = new Lazy<(ScoreSide, ScoreSide)>(() => ScoreSide.Both(model, head));
        foreach (var query in links.GroupBy(link => link.Query))
        {
            var sides = new ScoreSides(model, run, query.First(), weights, meanEmbedding);
            foreach (var link in query)
                yield return sides.Explain(link);
        }
    }

    // Eᵀ1 / V
    static double[] MeanRow(Qwen2Model model)
    {
        var ones = new double[model.Config.VocabularySize];
        Array.Fill(ones, 1);
        var mean = model.Transposed(model.Weights.Embedding, ones);
        TensorPrimitives.Divide(mean, ones.Length, mean);
        return mean;
    }
}
