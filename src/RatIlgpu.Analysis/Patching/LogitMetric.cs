namespace RatIlgpu.Analysis;

/// <summary>A number that is measured in a run, at one position, or at several as the mean over them.</summary>
public abstract record LogitMetric
{
    LogitMetric()
    {
    }

    /// <summary>Gets the kind; null for <see cref="Custom"/>.</summary>
    public abstract LogitMetricKind? Kind { get; }

    /// <summary>Returns the metric of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="target">One token for <see cref="LogitMetricKind.Logit"/>,
    /// <see cref="LogitMetricKind.LogProbability"/> and <see cref="LogitMetricKind.Probability"/>; answer and foil for
    /// <see cref="LogitMetricKind.Difference"/>; a direction for <see cref="LogitMetricKind.Direction"/>; null for
    /// <see cref="LogitMetricKind.KlDivergence"/>.</param>
    /// <param name="positions">The positions, <c>^1</c> for the last: at least one, each once.</param>
    /// <exception cref="ArgumentException">The target does not fit the kind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not a member of its enumeration.</exception>
    public static LogitMetric Of(LogitMetricKind kind, LogitTarget? target, ValueArray<Index> positions) =>
        (kind, target) switch
        {
            (LogitMetricKind.Logit, { Answer: not null, Foil: null } one) => new Logit(one, positions),
            (LogitMetricKind.Difference, { Foil: not null } one) => new Logit(one, positions),
            (LogitMetricKind.Direction, { Direction: not null } one) => new Logit(one, positions),
            (LogitMetricKind.LogProbability, { Answer: { } token, Foil: null }) =>
                new LogProbability(token, positions),
            (LogitMetricKind.Probability, { Answer: { } token, Foil: null }) => new Probability(token, positions),
            (LogitMetricKind.KlDivergence, null) => new KlDivergence(positions),
            _ => throw Unfit(kind, target),
        };

    /// <summary>Returns the metric of one run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="interventions">The interventions in the run.</param>
    /// <param name="attentionMask">The attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null for no
    /// padding.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty, a position of the metric is padding, or the metric, the
    /// mask or an intervention does not fit.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <remarks>A <see cref="KlDivergence"/> without a reference compares with the run of the same prompt without
    /// interventions.</remarks>
    public double Measure(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<Intervention> interventions = default,
        ValueArray<int>? attentionMask = null,
        CancellationToken cancellation = default)
    {
        if (ids.IsEmpty)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        attentionMask = attentionMask is { IsDefault: false } ? attentionMask : null;
        var changesLogits = interventions.ToArray().Any(change => change.Target.Site == Site.Logits);
        var reader = new MetricReader(model, this, ids.Length, attentionMask, changesLogits);
        foreach (var intervention in interventions)
            intervention.CheckFor(model, ids.Length, attentionMask);
        if (this is KlDivergence { Reference: null })
        {
            using var none = new InterventionProbe(model, []);
            reader = reader.Against(reader.Measure(ids, none, cancellation).Rows);
        }

        using var changes = new InterventionProbe(model, interventions);
        return reader.Measure(ids, changes, cancellation).Value;
    }

    /// <summary>Gets the positions whose logits are needed.</summary>
    internal abstract ImmutableArray<Index> LogitPositions { get; }

    /// <summary>Gets the capture of a recorded run from which the metric is computed.</summary>
    internal Capture ReadCapture =>
        new(this is Logit ? Activation.FinalNorm : Activation.Logits) { Positions = LogitPositions };

    /// <summary>Gets the tokens or the direction that are read; null where there are none.</summary>
    internal LogitTarget? ReadTarget => this switch
    {
        Logit one => one.Target,
        LogProbability one => new(one.Token),
        Probability one => new(one.Token),
        _ => null,
    };

    /// <summary>Throws if the model does not have a token.</summary>
    internal abstract void Check(Qwen2Config config);

    static ArgumentException Unfit(LogitMetricKind kind, LogitTarget? target)
    {
        var needed = kind switch
        {
            LogitMetricKind.Logit or LogitMetricKind.LogProbability or LogitMetricKind.Probability => "one token",
            LogitMetricKind.Difference => "an answer and a foil",
            LogitMetricKind.Direction => "a direction of the stream",
            LogitMetricKind.KlDivergence => "no target, since it compares the probabilities of all tokens",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} is no kind of metric."),
        };
        var found = target switch
        {
            null => "no target",
            { Direction: not null } => "a direction of the stream",
            { Foil: not null } => "an answer and a foil",
            { Answer: not null } => "one token",
            _ => "a target without token and direction",
        };
        return new($"The metric {kind} was given {found}, expected {needed}.");
    }

    /// <summary>A logit, the difference of two, or the number that a direction of the stream reads.</summary>
    /// <param name="Target">The tokens or the direction.</param>
    /// <param name="Positions">The positions, <c>^1</c> for the last: at least one, each once.</param>
    public sealed record Logit(LogitTarget Target, ValueArray<Index> Positions) : LogitMetric
    {
        /// <summary>Makes the metric of one position.</summary>
        /// <param name="target">The tokens or the direction.</param>
        /// <param name="position">The position, <c>^1</c> for the last.</param>
        public Logit(LogitTarget target, Index position)
            : this(target, [position])
        {
        }

        /// <inheritdoc/>
        public override LogitMetricKind? Kind => Target switch
        {
            { Direction: not null } => LogitMetricKind.Direction,
            { Foil: not null } => LogitMetricKind.Difference,
            _ => LogitMetricKind.Logit,
        };

        internal override ImmutableArray<Index> LogitPositions => Positions;

        internal override void Check(Qwen2Config config) => Target.CheckFor(config);
    }

    /// <summary>The natural logarithm of the probability of a token.</summary>
    /// <param name="Token">The token.</param>
    /// <param name="Positions">The positions, <c>^1</c> for the last: at least one, each once.</param>
    public sealed record LogProbability(int Token, ValueArray<Index> Positions) : LogitMetric
    {
        /// <summary>Makes the metric of one position.</summary>
        /// <param name="token">The token.</param>
        /// <param name="position">The position, <c>^1</c> for the last.</param>
        public LogProbability(int token, Index position)
            : this(token, [position])
        {
        }

        /// <inheritdoc/>
        public override LogitMetricKind? Kind => LogitMetricKind.LogProbability;

        internal override ImmutableArray<Index> LogitPositions => Positions;

        internal override void Check(Qwen2Config config) => new LogitTarget(Token).CheckFor(config);
    }

    /// <summary>The probability of a token, in [0, 1].</summary>
    /// <param name="Token">The token.</param>
    /// <param name="Positions">The positions, <c>^1</c> for the last: at least one, each once.</param>
    public sealed record Probability(int Token, ValueArray<Index> Positions) : LogitMetric
    {
        /// <summary>Makes the metric of one position.</summary>
        /// <param name="token">The token.</param>
        /// <param name="position">The position, <c>^1</c> for the last.</param>
        public Probability(int token, Index position)
            : this(token, [position])
        {
        }

        /// <inheritdoc/>
        public override LogitMetricKind? Kind => LogitMetricKind.Probability;

        internal override ImmutableArray<Index> LogitPositions => Positions;

        internal override void Check(Qwen2Config config) => new LogitTarget(Token).CheckFor(config);
    }

    /// <summary>The Kullback-Leibler divergence <c>Σ p log(p / q)</c> in nats: p is the distribution of the next token
    /// in a reference run, q that in the measured run.</summary>
    /// <remarks>At least 0, and 0 for the reference run itself. Computed in double from the F32 logits.</remarks>
    /// <param name="Positions">The positions, <c>^1</c> for the last: at least one, each once.</param>
    /// <param name="Reference">The reference run, as long as the measured one, with its logits at the positions; null
    /// for the clean run of the pair.</param>
    public sealed record KlDivergence(ValueArray<Index> Positions, Recording? Reference = null) : LogitMetric
    {
        /// <summary>Makes the metric of one position.</summary>
        /// <param name="position">The position, <c>^1</c> for the last.</param>
        /// <param name="reference">The reference run; null for the clean run of the pair.</param>
        public KlDivergence(Index position, Recording? reference = null)
            : this([position], reference)
        {
        }

        /// <inheritdoc/>
        public override LogitMetricKind? Kind => LogitMetricKind.KlDivergence;

        internal override ImmutableArray<Index> LogitPositions => Positions;

        internal override void Check(Qwen2Config config)
        {
        }
    }

    /// <summary>A function of logits.</summary>
    /// <param name="Positions">The positions whose logits are needed: at least one, each once.</param>
    /// <param name="Evaluate">Computes the metric of a run from its logits at the positions.</param>
    public sealed record Custom(ValueArray<Index> Positions, Func<LogitView, double> Evaluate) : LogitMetric
    {
        /// <inheritdoc/>
        public override LogitMetricKind? Kind => null;

        internal override ImmutableArray<Index> LogitPositions => Positions;

        internal override void Check(Qwen2Config config) => ArgumentNullException.ThrowIfNull(Evaluate);
    }
}

/// <summary>The kinds of metrics.</summary>
public enum LogitMetricKind
{
    /// <summary>The logit of a token.</summary>
    Logit,

    /// <summary>The difference of the logits of two tokens.</summary>
    Difference,

    /// <summary>The natural logarithm of the probability of a token.</summary>
    LogProbability,

    /// <summary>The probability of a token.</summary>
    Probability,

    /// <summary>The Kullback-Leibler divergence from the clean run, in nats.</summary>
    KlDivergence,

    /// <summary>The number that a direction of the stream reads.</summary>
    Direction,
}

/// <summary>The logits of a run, at the positions of a metric.</summary>
public sealed class LogitView
{
    readonly IReadOnlyDictionary<int, ReadOnlyMemory<float>> rows;
    readonly int length;

    internal LogitView(IReadOnlyDictionary<int, ReadOnlyMemory<float>> rows, int length) =>
        (this.rows, this.length) = (rows, length);

    /// <summary>Returns the logits at a position, <c>[vocabulary]</c>.</summary>
    /// <param name="position">The position, <c>^1</c> for the last.</param>
    /// <exception cref="ArgumentException">The metric does not name this position.</exception>
    public ReadOnlySpan<float> At(Index position) => rows.TryGetValue(position.GetOffset(length), out var row)
        ? row.Span
        : throw new ArgumentException(
            $"Position {position} is not among those of the metric: {string.Join(", ", rows.Keys.Order())}.");
}
