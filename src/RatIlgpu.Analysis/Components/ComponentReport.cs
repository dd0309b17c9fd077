namespace RatIlgpu.Analysis;

/// <summary>All that is known of the components of one layer.</summary>
/// <param name="Kind">Where the components come from.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Prompt">The tokens of the prompt of the scores.</param>
/// <param name="Matrices">Each matrix, in the order of <see cref="AttentionProjection"/>.</param>
/// <param name="Scores">The scores of one query of the prompt, divided among components.</param>
/// <param name="Offsets">The scores by weights alone, <c>[offset, head, query_term, key_term]</c>.</param>
/// <param name="Activity">The activity on texts.</param>
/// <param name="ReadSimilarity">How alike the directions are that keys and values read, <c>[value, key]</c>.</param>
/// <param name="Induction">What makes heads induction heads.</param>
/// <param name="Stories">What query components look for.</param>
public sealed record ComponentReport(
    DecompositionKind Kind,
    int Layer,
    ValueArray<int> Prompt,
    ValueArray<MatrixReport> Matrices,
    ScoreContributions Scores,
    LabelledArray Offsets,
    ComponentActivity Activity,
    LabelledArray ReadSimilarity,
    ValueArray<InductionDetail> Induction,
    ValueArray<ComponentStory> Stories)
{
    /// <summary>Gets the head and the distance whose scores were decomposed; null for a decomposition of each matrix by
    /// itself.</summary>
    public QueryKeyCircuit? Circuit { get; init; }

    /// <summary>Makes the report.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components.</param>
    /// <param name="run">The run of the prompt, with <see cref="ComponentScores.Captures"/> recorded.</param>
    /// <param name="query">The position whose scores are divided, <c>^1</c> for the last.</param>
    /// <param name="texts">The tokens of each text on which activity is measured, at least one text.</param>
    /// <param name="repeats">The sequences on which induction is measured; none where it is not.</param>
    /// <param name="heads">The heads of the layer whose induction is looked at, each once.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArgumentException">The decomposition or the run is of another model, the run does not have an
    /// activation or a position, or there is no text.</exception>
    /// <exception cref="ArithmeticException">A score is not a finite number, or the run was changed between the stream
    /// and the scores.</exception>
    public static ComponentReport Of(
        Qwen2Model model,
        Decomposition decomposition,
        Recording run,
        Index query,
        IReadOnlyCollection<ValueArray<int>> texts,
        IReadOnlyCollection<RepeatedSequence> repeats,
        ImmutableArray<int> heads,
        ComponentOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        options.Check();
        var pairs = ComponentPairs.Alive(decomposition, options.Pairs);
        var scores = ComponentScores.Exact(model, decomposition, run, query, pairs, options.Keys);
        progress?.Report(0.1);
        var activity = ComponentActivity.Of(
            model, decomposition, texts, options.Most, options.Threshold, cancellation);
        progress?.Report(0.4);
        var signs = SignsOf(decomposition, activity);
        var offsets = ComponentScores.OverOffsets(
            model, decomposition, pairs, options.Offsets, (projection, component) =>
                signs.GetValueOrDefault((projection, component), 1));
        ImmutableArray<MatrixReport> matrices =
        [
            .. Enum.GetValues<AttentionProjection>().Select(projection =>
                MatrixReport.Of(model, decomposition, projection, options.Most)),
        ];
        progress?.Report(0.6);
        ValueArray<InductionDetail> induction = repeats.Count == 0 || heads.IsEmpty
            ? []
            : InductionDetail.OfHeads(model, decomposition, heads, repeats, options.Most, cancellation);
        progress?.Report(1);
        return new(
            decomposition.Kind, decomposition.Layer, run.TokenIds, matrices, scores, offsets, activity,
            ComponentHeads.ReadSimilarity(
                decomposition, decomposition[AttentionProjection.Key].Alive(options.Most),
                decomposition[AttentionProjection.Value].Alive(options.Most)),
            induction, ComponentStory.Of(offsets, activity))
        {
            Circuit = decomposition.Circuit,
        };
    }

    // Those of the file come from more tokens than ours.
    static Dictionary<(AttentionProjection, int), int> SignsOf(
        Decomposition decomposition, ComponentActivity activity) =>
        activity.Matrices.SelectMany(matrix => matrix.Components.Select((component, place) => (
            (matrix.Projection, component),
            Sign: decomposition[matrix.Projection].Signs?[component] ?? (matrix.MeanActivation[place] < 0 ? -1 : 1))))
            .ToDictionary(one => one.Item1, one => one.Sign);
}

/// <summary>The options of a report on components; change them with <c>with</c>.</summary>
public sealed record ComponentOptions
{
    /// <summary>Gets the most components of each matrix that are reported, at least 1; null for all that count.
    /// Default: 48.</summary>
    public int? Most { get; init; } = 48;

    /// <summary>Gets the most query components and the most key components among whose pairs scores are divided, at
    /// least 1. Default: 24.</summary>
    public int Pairs { get; init; } = 24;

    /// <summary>Gets the most keys whose scores are divided, at least 1. Default: 16.</summary>
    public int Keys { get; init; } = 16;

    /// <summary>Gets the distances of scores by weights alone, at least one, each at least 0. Default: 0 to
    /// 16.</summary>
    public ValueArray<int> Offsets { get; init; } = [.. Enumerable.Range(0, 17)];

    /// <summary>Gets the share of the output of a matrix above which a component counts as active, above 0. Default:
    /// 0.1.</summary>
    public double Threshold { get; init; } = ComponentActivity.DefaultThreshold;

    /// <summary>Throws if an option is out of range.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Most ?? 1, 1, nameof(Most));
        ArgumentOutOfRangeException.ThrowIfLessThan(Pairs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Keys, 1);
        if (Offsets.IsEmpty)
            throw new ArgumentException("There is no offset: at least one is needed.");
    }
}
