namespace RatIlgpu.Analysis;

/// <summary>Compares two checkpoints of one shape: their weights, what they predict and attend to on texts, and the
/// scores of their heads.</summary>
public sealed class CheckpointDiffer
{
    readonly CheckpointPair pair;

    /// <summary>Prepares to compare two models.</summary>
    /// <param name="a">The first model, such as the one before fine-tuning.</param>
    /// <param name="b">The second model; both may be on one device.</param>
    /// <exception cref="ArgumentException">The models have different shapes, settings or tokenizers.</exception>
    public CheckpointDiffer(LanguageModel a, LanguageModel b) => pair = CheckpointPair.Of(a, b);

    /// <summary>Compares the models.</summary>
    /// <param name="options">What is compared besides weights; null for the defaults.</param>
    /// <param name="progress">Is told how far the comparison has come; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArgumentException">A prompt does not fit the models, or an atlas is of another model, other
    /// sequences or other rules.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArithmeticException">A weight or a result is not a finite number.</exception>
    /// <exception cref="FileNotFoundException">A file of the texts is not there.</exception>
    /// <exception cref="InvalidDataException">A file of the texts cannot be read, or a text has a token that the models
    /// have no embedding of.</exception>
    /// <exception cref="OperationCanceledException">The comparison was cancelled.</exception>
    public CheckpointDiff Read(
        DiffOptions? options = null,
        IProgress<AtlasProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        var (known, (a, b)) = (Known(options), (pair.A, pair.B));
        var (sequences, warnings) = options.RunsTexts ? Sequences(options, cancellation) : ([], []);
        var weights = new WeightDiffer(a.Network, b.Network).Read(Stage("weights"), cancellation);
        var texts = options.RunsTexts
            ? Run(sequences, OriginOf(options), Stage("texts"), cancellation)
            : null;
        var scores = options.Scores is { } asked
            ? ScoreChanges.Of(Atlas(a, asked, "A"), Atlas(b, asked, "B"))
            : known.Scores;
        return known with
        {
            Weights = weights,
            Texts = texts,
            Scores = scores,
            Warnings = [.. pair.Warnings, .. warnings, .. Guesses(texts), .. scores?.Warnings ?? []],
        };

        Action<double>? Stage(string name) =>
            progress is null ? null : share => progress.Report(new(name, share));

        HeadAtlas Atlas(LanguageModel model, AtlasOptions asked, string which) =>
            new HeadAtlasReader(model, asked).Read(
                AtlasDetail.Scores, progress is null ? null : new Renamed(progress, $"scores of {which}"),
                cancellation);
    }

    /// <summary>Returns what is known before anything is computed: the weights, heads and sequences, with 0 as every
    /// change; the scores of atlases. So that, for one, a page that will be too large is refused before the
    /// runs.</summary>
    /// <param name="options">What will be compared besides weights; null for the defaults.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArgumentException">A prompt does not fit the models, or an atlas is of another model, other
    /// sequences or other rules.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">A file of the texts is not there.</exception>
    /// <exception cref="InvalidDataException">A file of the texts cannot be read, or a text has a token that the models
    /// have no embedding of.</exception>
    /// <exception cref="OperationCanceledException">The reading of the texts was cancelled.</exception>
    public CheckpointDiff Outline(DiffOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var config = pair.A.Config;
        return Known(options) with
        {
            Weights = new WeightDiffer(pair.A.Network, pair.B.Network).Outline(),
            Texts = options.RunsTexts
                ? new()
                {
                    Origin = OriginOf(options),
                    Texts = [.. Sequences(options, cancellation).Sequences.Select(OutlineOf)],
                    Heads =
                    [
                        .. from layer in Enumerable.Range(0, config.LayerCount)
                           from head in Enumerable.Range(0, config.HeadCount)
                           select new HeadDivergence(new(layer, head), default, default, 0),
                    ],
                    Cosines = [.. new double[config.LayerCount]],
                    MeanKl = pair.HasLogits ? 0 : null,
                }
                : null,
        };
    }

    // The models and the scores of atlases; atlases that do not fit are refused before anything is run.
    CheckpointDiff Known(DiffOptions options)
    {
        options.Check();
        var (a, b) = (Named(pair.A), Named(pair.B));
        CheckAtlas(options.AtlasA, a, pair.A.Config, "A");
        CheckAtlas(options.AtlasB, b, pair.B.Config, "B");
        var config = pair.A.Config;
        return new()
        {
            A = a,
            B = b,
            LayerCount = config.LayerCount,
            HeadCount = config.HeadCount,
            KeyValueHeadCount = config.KeyValueHeadCount,
            Weights = [],
            Scores = options is { AtlasA: { } one, AtlasB: { } other } ? ScoreChanges.Of(one, other) : null,
        };
    }

    // The weights were all read, and are finite.
    TextDivergence Run(
        IReadOnlyList<TextSequence> sequences,
        string origin,
        Action<double>? progress,
        CancellationToken cancellation)
    {
        try
        {
            return new TextDiffer(pair).Read(sequences, origin, progress, cancellation);
        }
        catch (ArithmeticException fault) when (fault.GetType() == typeof(ArithmeticException))
        {
            throw new ArithmeticException(Overflow.CauseOf(pair, sequences, cancellation) ?? fault.Message, fault);
        }
    }

    // A uniform guess has the logarithm of the vocabulary as loss.
    IEnumerable<string> Guesses(TextDivergence? texts)
    {
        var guess = Math.Log(pair.A.Config.VocabularySize);
        foreach (var (name, loss) in new[] { ("A", texts?.LossA), ("B", texts?.LossB) })
            if (loss >= guess)
                yield return FormattableString.Invariant(
                    $"The loss of {name} is {loss:F2}, no better than a guess ({guess:F2}, the logarithm of the ")
                    + "vocabulary): the model does not predict these texts, so what changed of its predictions says "
                    + "little.";
    }

    DiffText OutlineOf(TextSequence sequence) => new(
        sequence.Name, [.. sequence.Ids.Items.Select(pair.Tokenizer.Token)],
        [.. new double[pair.HasLogits ? sequence.Ids.Length : 0]]);

    (IReadOnlyList<TextSequence> Sequences, ImmutableArray<string> Warnings) Sequences(
        DiffOptions options, CancellationToken cancellation)
    {
        if (!options.Prompts.IsEmpty)
        {
            foreach (var prompt in options.Prompts)
                CheckPrompt(prompt.TokenIds);
            return (
                [
                    .. options.Prompts.Items.Select((prompt, number) => new TextSequence(
                        number, 0, FormattableString.Invariant($"prompt {number + 1}"), prompt.TokenIds, 0)),
                ],
                []);
        }

        var cutter = new TextSequences(
            pair.Tokenizer, pair.A.Config.VocabularySize, new() { Most = options.TextLength, Seed = options.Seed });
        ImmutableArray<TextSequence> texts =
        [
            .. cutter.Read(options.Corpus, skipped: _ => cancellation.ThrowIfCancellationRequested())
                .TakeWhile(one => options.Documents is not { } most || one.Document < most)
                .Where(one => options.PartsOfDocument is not { } most || one.Part < most),
        ];
        return !texts.IsEmpty
            ? (texts, cutter.Warnings)
            : throw new ArgumentException(
                $"No text of {OneLine.Shorten(options.Corpus.Origin)} has {cutter.Least} tokens, which a sequence "
                + "needs: give longer texts, or prompts.");
    }

    void CheckPrompt(ValueArray<int> ids)
    {
        if (ids.IsEmpty)
            throw new ArgumentException("A prompt is empty: at least one token is needed.");
        foreach (var id in ids)
            if ((uint)id >= (uint)pair.A.Config.VocabularySize)
                throw new ArgumentException(FormattableString.Invariant(
                    $"A prompt has the token {id}, expected one of the {pair.A.Config.VocabularySize} of the models."));
    }

    static void CheckAtlas(HeadAtlas? atlas, DiffModel model, Qwen2Config config, string which)
    {
        if (atlas is not { Manifest: var made })
            return;
        if (made.Fingerprint != model.Fingerprint)
            throw new ArgumentException(
                $"The atlas of {which} is of {OneLine.Shorten(made.Model)} "
                + $"({OneLine.Shorten(made.Fingerprint)}), expected one of {OneLine.Shorten(model.Name)} "
                + $"({model.Fingerprint}); make it with 'ratilgpu heads --model'.");
        // A file may have been changed since.
        if ((made.LayerCount, made.HeadCount, made.KeyValueHeadCount)
            != (config.LayerCount, config.HeadCount, config.KeyValueHeadCount))
            throw new ArgumentException(
                $"The atlas of {which} has {CountText.Of(made.LayerCount, "layer")} of "
                + $"{CountText.Of(made.HeadCount, "head")} that {(made.HeadCount == 1 ? "reads" : "read")} "
                + FormattableString.Invariant(
                    $"{made.KeyValueHeadCount}, expected {config.LayerCount} of {config.HeadCount} that read ")
                + FormattableString.Invariant(
                    $"{config.KeyValueHeadCount}, as {OneLine.Shorten(model.Name)} has; make it anew."));
    }

    string OriginOf(DiffOptions options) => !options.Prompts.IsEmpty ? "prompts"
        : pair.Tokenizer.EncodesTexts ? options.Corpus.Origin : "random tokens";

    static DiffModel Named(LanguageModel model) => new(model.Name, ModelFingerprint.Of(model.Network).Text);

    sealed class Renamed(IProgress<AtlasProgress> listener, string name) : IProgress<AtlasProgress>
    {
        public void Report(AtlasProgress value) => listener.Report(value with { Stage = name });
    }
}

/// <summary>What of two checkpoints is compared besides their weights; change it with <c>with</c>.</summary>
public sealed record DiffOptions
{
    /// <summary>Gets whether both models are run on texts. Default: true.</summary>
    public bool RunsTexts { get; init; } = true;

    /// <summary>Gets the prompts that are run in place of texts. Default: none.</summary>
    public ValueArray<AnalysisPrompt> Prompts { get; init; } = [];

    /// <summary>Gets the texts. Default: those that come with the library.</summary>
    public TextCorpus Corpus { get; init; } = TextCorpus.BuiltIn;

    /// <summary>Gets how many of the texts are read, at least 1 where they are run; null for all. Default:
    /// 48.</summary>
    public int? Documents { get; init; } = 48;

    /// <summary>Gets how many sequences of a text are read, from its start, at least 1; null for all. Default:
    /// 1.</summary>
    public int? PartsOfDocument { get; init; } = 1;

    /// <summary>Gets the most tokens of a sequence, from 32 to 32768. Default: 256.</summary>
    public int TextLength { get; init; } = 256;

    /// <summary>Gets the seed of random tokens, which models without a tokenizer run on. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets on what the heads of both models are scored. Default: null, they are not.</summary>
    public AtlasOptions? Scores { get; init; }

    /// <summary>Gets an atlas of the first model, whose scores are compared with those of <see cref="AtlasB"/>.
    /// Default: null, none.</summary>
    public HeadAtlas? AtlasA { get; init; }

    /// <summary>Gets an atlas of the second model. Default: null, none.</summary>
    public HeadAtlas? AtlasB { get; init; }

    /// <summary>Throws if the options contradict each other or are out of range.</summary>
    internal void Check()
    {
        if (AtlasA is null != AtlasB is null)
            throw new ArgumentException(
                $"There is an atlas of {(AtlasA is null ? "B" : "A")} alone, expected one of each model or none.");
        if (AtlasA is not null && Scores is not null)
            throw new ArgumentException("There are atlases and options to make them, expected one of the two.");
        Scores?.Check();
        // Texts that are not run may be none.
        if (RunsTexts && Prompts.IsEmpty && Documents is < 1 and { } few)
            throw new ArgumentOutOfRangeException(
                nameof(Documents), FormattableString.Invariant(
                    $"{nameof(Documents)} is {few}, expected 1 or more: the models are run on texts."));
        new AtlasOptions
        {
            Documents = Documents,
            PartsOfDocument = PartsOfDocument,
            TextLength = TextLength,
        }.Check();
    }
}
