namespace RatIlgpu.Analysis;

/// <summary>What heads do in repeated random tokens when others are taken away at all positions: which head the
/// attention of another rests on.</summary>
/// <param name="Data">The sequences.</param>
/// <param name="Conditions">The conditions.</param>
/// <param name="Scores">The scores of every head, without a change and under each condition.</param>
public sealed record AblatedScores(
    AblatedScoreOptions Data, ValueArray<AblationCondition> Conditions, ValueArray<AblatedScore> Scores)
{
    // Less than this is what another draw of the tokens changes.
    const double LeastChange = 0.05;

    /// <summary>Gets the scores that a condition changes by at least 0.05, the largest change first.</summary>
    /// <param name="condition">The place of the condition.</param>
    public IEnumerable<AblatedScore> Changed(int condition) => Scores
        .Where(score => Math.Abs(score.After[condition] - score.Before) >= LeastChange)
        .OrderByDescending(score => Math.Abs(score.After[condition] - score.Before));

    /// <summary>Tells whether a model has tokens enough to repeat.</summary>
    public static bool CanRun(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return TokenPool.Of(model.Tokenizer, model.Config.VocabularySize).Count >= 2;
    }

    /// <summary>Takes heads away at all positions and scores all heads (<c>induction</c>, <c>previous-random</c>,
    /// <c>duplicate-random</c> of the atlas).</summary>
    /// <param name="model">The model; without a tokenizer, random ids are drawn from all.</param>
    /// <param name="options">What is taken away; <see cref="AblationOptions.Everywhere"/> need not be set.</param>
    /// <param name="data">The sequences; null for the defaults.</param>
    /// <param name="progress">Told the share of the sequences that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">An option does not fit the model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number or the length of the sequences is out of
    /// range.</exception>
    public static AblatedScores Run(
        LanguageModel model,
        AblationOptions? options = null,
        AblatedScoreOptions? data = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        data ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(data.Sequences, 1);
        var (network, config) = (model.Network, model.Config);
        var conditions = ((options ?? new()) with { Everywhere = true }).ConditionsFor(network);
        var repeats = new RepeatedSequences(model.Tokenizer, config.VocabularySize, new()
        {
            Seed = data.Seed,
            LeastHalfLength = data.CopyLength,
            MostHalfLength = data.CopyLength,
        });
        var layout = LayoutOf(config);
        ImmutableArray<UnitSequence> units =
        [
            .. Enumerable.Range(0, data.Sequences).Select(number =>
                AtlasPlan.RepeatOf(repeats.Make(number), layout, new AtlasOptions().FirstQuery)),
        ];
        ImmutableArray<AblationSample> samples = [.. units.Select(unit => new AblationSample(unit.Ids, 0))];
        var sources = AblationSources.For(network, samples, conditions, cancellation);
        var maker = new ConditionMaker(network, samples, sources, everywhere: true);
        var reader = new ConditionScores(config, layout, conditions.Length);
        foreach (var (place, unit) in units.Index())
        {
            reader.Start(unit, place);
            ConditionRuns.Run(
                network, unit.Ids.Items, [.. conditions.Select(condition => maker.Make(condition, place))], reader,
                sources.Streams.IsEmpty ? null : sources.Streams[place],
                PartOfWork.Of(progress, place, 1, data.Sequences), cancellation);
            reader.Finish();
        }

        return new(data, [.. conditions], [.. reader.Scores]);
    }

    // Without mean maps, which nobody asks for here.
    static PassLayout LayoutOf(Qwen2Config config)
    {
        var all = AtlasLayouts.Of(AtlasPass.Repeats, config);
        return new(all.Pass, all.Scores) { Windows = all.Windows };
    }
}

/// <summary>The sequences of which heads are scored; change it with <c>with</c>.</summary>
public sealed record AblatedScoreOptions
{
    /// <summary>Gets the number of sequences, at least 1. Default: 16.</summary>
    public int Sequences { get; init; } = 16;

    /// <summary>Gets the number of different random tokens, which come twice, at least 2; a model with fewer tokens
    /// takes all. Default: 24, shorter than those of an atlas: more heads do what they do over short
    /// distances.</summary>
    public int CopyLength { get; init; } = 24;

    /// <summary>Gets the seed. Default: 0.</summary>
    public int Seed { get; init; }
}

/// <summary>A score of a head without a change and with one.</summary>
/// <param name="Head">The head.</param>
/// <param name="Score">The id of the score in an atlas.</param>
/// <param name="Before">The score without a change, raw.</param>
/// <param name="After">The score under each condition.</param>
public sealed record AblatedScore(HeadIndex Head, string Score, double Before, ValueArray<double> After);

/// <summary>Scores the patterns of all conditions of a sequence after the other.</summary>
/// <param name="config">The model.</param>
/// <param name="layout">The scores.</param>
/// <param name="conditions">The number of conditions.</param>
sealed class ConditionScores(Qwen2Config config, PassLayout layout, int conditions) : IConditionReader
{
    // That of the run without a change is the last.
    readonly PassSums[] sums =
    [
        .. Enumerable.Range(0, conditions + 1).Select(
            _ => new PassSums(layout, config.LayerCount * config.HeadCount)),
    ];

    UnitScorer[] scorers = [];
    UnitSequence? unit;

    // Of each condition and head; null where the head is as without a change.
    double[]?[][] found = [];

    public int FirstRead => unit!.Ids.Length;

    public int FirstLayer => 0;

    /// <summary>Gets the scores of all heads.</summary>
    public IEnumerable<AblatedScore> Scores
    {
        get
        {
            PassStatistics[] all = [.. sums.Select(one => new PassStatistics(one, config))];
            return
                from score in layout.Scores
                from layer in Enumerable.Range(0, config.LayerCount)
                from head in Enumerable.Range(0, config.HeadCount)
                let of = all.Select(one => one.Of(score, new(layer, head))?.Raw ?? 0).ToList()
                select new AblatedScore(new(layer, head), score.Id, of[^1], [.. of.SkipLast(1)]);
        }
    }

    /// <summary>Starts a sequence.</summary>
    public void Start(UnitSequence next, int number)
    {
        unit = next;
        scorers = [.. sums.Select(one => new UnitScorer(one, number, number % PassSums.GroupCount))];
        found = [.. sums.Select(_ => new double[]?[config.LayerCount * config.HeadCount])];
        foreach (var scorer in scorers)
            scorer.Add(next.Cells);
    }

    /// <summary>Adds the sequence to the sums.</summary>
    public void Finish()
    {
        foreach (var (place, scorer) in scorers.Index())
        {
            for (var head = 0; head < found[place].Length; head++)
                scorer.Add(unit!.Cells, head, found[place][head] ?? found[^1][head]!);
            scorer.Finish();
        }
    }

    public IProbe OfBaseline() => new Reading(this, [conditions]);

    public IProbe OfBatch(ImmutableArray<int> batch, int layer, int position) => new Reading(this, batch);

    void Note(ImmutableArray<int> batch, int layer, Tensor pattern, Device device)
    {
        foreach (var (row, own) in HeadScoreProbe.SumsOf(pattern, layer, unit!.Cells, device).Index())
            found[batch[row / config.HeadCount]][(layer * config.HeadCount) + (row % config.HeadCount)] = own;
    }

    sealed class Reading(ConditionScores all, ImmutableArray<int> batch) : IProbe
    {
        public bool Wants(Site site) => site.Activation == Activation.Pattern;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device) =>
            all.Note(batch, site.Layer, activation, device);
    }
}
