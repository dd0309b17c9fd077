namespace RatIlgpu.Analysis;

/// <summary>A number that is measured in a run.</summary>
public abstract record LogitMetric
{
    LogitMetric()
    {
    }

    /// <summary>Returns the metric of one run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="interventions">The interventions in the run.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or the metric or an intervention does not
    /// fit.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public double Measure(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ReadOnlySpan<Intervention> interventions = default,
        CancellationToken cancellation = default)
    {
        if (ids.IsEmpty)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        var changesLogits = interventions.ToArray().Any(change => change.Target.Site == Site.Logits);
        var reader = new MetricReader(model, this, ids.Length, changesLogits);
        foreach (var intervention in interventions)
            intervention.CheckFor(model, ids.Length, null);
        return reader.Measure(ids, new InterventionProbe(model, interventions), cancellation).Value;
    }

    /// <summary>Gets the positions whose logits are needed.</summary>
    internal abstract ImmutableArray<Index> LogitPositions { get; }

    /// <summary>Throws if the model does not have a token.</summary>
    internal abstract void Check(Qwen2Config config);

    /// <summary>A logit, or the difference of two.</summary>
    /// <param name="Target">The tokens.</param>
    /// <param name="Position">The position, <c>^1</c> for the last.</param>
    public sealed record Logit(LogitTarget Target, Index Position) : LogitMetric
    {
        internal override ImmutableArray<Index> LogitPositions => [Position];

        internal override void Check(Qwen2Config config) => Target.CheckFor(config);
    }

    /// <summary>The natural logarithm of the probability of a token.</summary>
    /// <param name="Token">The token.</param>
    /// <param name="Position">The position, <c>^1</c> for the last.</param>
    public sealed record LogProbability(int Token, Index Position) : LogitMetric
    {
        internal override ImmutableArray<Index> LogitPositions => [Position];

        internal override void Check(Qwen2Config config) => new LogitTarget(Token).CheckFor(config);
    }

    /// <summary>A function of logits.</summary>
    /// <param name="Positions">The positions whose logits are needed: at least one, each once.</param>
    /// <param name="Evaluate">The function.</param>
    public sealed record Custom(ValueArray<Index> Positions, Func<LogitView, double> Evaluate) : LogitMetric
    {
        internal override ImmutableArray<Index> LogitPositions => Positions;

        internal override void Check(Qwen2Config config) => ArgumentNullException.ThrowIfNull(Evaluate);
    }
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
