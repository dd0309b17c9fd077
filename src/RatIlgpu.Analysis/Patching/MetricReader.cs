using Rows = System.Collections.Generic.IReadOnlyDictionary<int, System.ReadOnlyMemory<float>>;

namespace RatIlgpu.Analysis;

/// <summary>Reads a metric from runs of prompts of one length, several branches at a time.</summary>
sealed class MetricReader
{
    readonly Qwen2Model model;
    readonly int length;
    readonly ValueArray<int>? mask;
    readonly double[]? direction;
    readonly ImmutableDictionary<int, ReferenceRow> reference;

    /// <summary>Makes a reader, which computes all logits if an intervention changes them.</summary>
    public MetricReader(
        Qwen2Model model, LogitMetric metric, int length, ValueArray<int>? mask = null, bool readsLogits = false)
    {
        (this.model, Metric, this.length, this.mask) = (model, metric, length, mask);
        metric.Check(model.Config);
        Positions = ActivationAxes.Resolve(metric.LogitPositions, length, "position");
        CheckMask();
        if (metric is LogitMetric.Logit { Target: var target } && (!readsLogits || target.Direction is not null))
            direction = LogitDirection.OfNormed(model, target);
        reference = metric is LogitMetric.KlDivergence { Reference: { } run }
            ? ReferencesOf(Positions.ToDictionary(at => at, at => RowOf(run, at)))
            : ImmutableDictionary<int, ReferenceRow>.Empty;
    }

    MetricReader(MetricReader reader, Rows rows)
    {
        (model, Metric, length, mask) = (reader.model, reader.Metric, reader.length, reader.mask);
        (Positions, direction, reference) = (reader.Positions, reader.direction, ReferencesOf(rows));
    }

    /// <summary>Gets the number that is measured.</summary>
    public LogitMetric Metric { get; }

    /// <summary>Gets the positions whose logits are needed, in ascending order.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>Gets the site after which a run can stop. One or two logits are a dot product with the normed stream
    /// and do not need the whole unembedding.</summary>
    public Site StopAfter => direction is null ? Site.Logits : Site.FinalNorm;

    /// <summary>Gets the number of last positions at which that site is computed.</summary>
    public int LogitCount => length - Positions[0];

    /// <summary>Returns the size of the last site of a run for one branch.</summary>
    public long ReadCount(int end) =>
        (long)int.Max(1, end - Positions[0]) * (direction?.Length ?? model.Config.VocabularySize);

    /// <summary>Returns the reader of a sweep, given the clean run: a divergence is measured from it unless the metric
    /// names another reference.</summary>
    public MetricReader Against(Rows clean) =>
        Metric is LogitMetric.KlDivergence { Reference: null } ? new(this, clean) : this;

    /// <summary>Returns the metric of a whole run that another probe watches, too.</summary>
    public Measured Measure(ReadOnlySpan<int> ids, IProbe probe, CancellationToken cancellation)
    {
        var found = new Reading(this, 1, length, null);
        var options = new ForwardOptions
        {
            Probe = new ProbePair(probe, found),
            AttentionMask = mask,
            StopAfter = StopAfter,
            LogitCount = LogitCount,
            Cancellation = cancellation,
        };
        model.Run(ids, options);
        return new(found.Values[0], found.Rows);
    }

    /// <summary>Returns the metric of a recorded run, which has <see cref="StopAfter"/> at the positions.</summary>
    public Measured Measure(Recording run)
    {
        var rows = Positions.ToDictionary(at => at, at => RowOf(run, at));
        return new(Evaluate(rows), rows);
    }

    /// <summary>Makes a probe that reads the metric of every branch of a run.</summary>
    public Reading Read(int branches, int end, Rows unchanged) => new(this, branches, end, unchanged);

    /// <summary>Returns the metric of the rows at the positions.</summary>
    public double Evaluate(Rows rows)
    {
        if (Metric is LogitMetric.Custom custom)
            return custom.Evaluate(new LogitView(rows, length));
        var sum = 0.0;
        foreach (var position in Positions)
            sum += At(position, rows[position].Span);
        return sum / Positions.Length;
    }

    double At(int position, ReadOnlySpan<float> row)
    {
        switch (Metric)
        {
            case LogitMetric.Logit one:
                return direction is null ? Difference(row, one.Target) : RowMath.Dot(row, direction);
            case LogitMetric.LogProbability one:
                return LogProbability(row, one.Token);
            case LogitMetric.Probability one:
                return Math.Exp(LogProbability(row, one.Token));
            case LogitMetric.KlDivergence:
                // Without a reference, the run is the reference of those after it.
                return reference.TryGetValue(position, out var from) ? from.Divergence(row) : 0;
            default:
                throw new InvalidOperationException($"{Metric} cannot be read.");
        }
    }

    void CheckMask()
    {
        if (mask is { } given && given.Length != length)
            throw new ArgumentException(FormattableString.Invariant(
                $"The attention mask has {given.Length} entries, expected {length}, one per token."));
        foreach (var position in Positions)
            if (mask is { } entries && entries[position] == 0)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Position {position} of the metric is padding, expected that of a token."));
    }

    ReadOnlyMemory<float> RowOf(Recording run, int position)
    {
        run.CheckFor(model);
        if (run.TokenIds.Length != length)
            throw new ArgumentException(
                $"The recorded run has {CountText.Of(run.TokenIds.Length, "token")}, expected {length}, those of the "
                + "prompt.");
        return run[StopAfter].Row(position).ToArray();
    }

    static double Difference(ReadOnlySpan<float> logits, LogitTarget target) =>
        (double)logits[target.Answer!.Value] - (target.Foil is { } foil ? logits[foil] : 0);

    static double LogProbability(ReadOnlySpan<float> logits, int token) => logits[token] - Logits.LogSumExp(logits);

    static ImmutableDictionary<int, ReferenceRow> ReferencesOf(Rows rows) =>
        rows.ToImmutableDictionary(row => row.Key, row => new ReferenceRow(row.Value));

    /// <summary>The metric of a run, and the rows from which it was computed, by position.</summary>
    public readonly record struct Measured(double Value, Rows Rows);

    /// <summary>The logits of the reference run at one position, from which divergences are measured.</summary>
    sealed class ReferenceRow(ReadOnlyMemory<float> logits)
    {
        readonly double partition = Logits.LogSumExp(logits.Span);

        /// <summary>Returns <c>Σ p log(p / q)</c>; rounding below 0 is 0.</summary>
        public double Divergence(ReadOnlySpan<float> row)
        {
            var own = logits.Span;
            var (other, sum) = (Logits.LogSumExp(row), 0.0);
            for (var token = 0; token < row.Length; token++)
            {
                var expected = own[token] - partition;
                // A token of probability 0 adds 0.
                if (!double.IsNegativeInfinity(expected))
                    sum += Math.Exp(expected) * (expected - (row[token] - other));
            }

            return Math.Max(0, sum);
        }
    }

    /// <summary>A probe that reads the metric of every branch.</summary>
    public sealed class Reading(MetricReader reader, int branches, int end, Rows? unchanged) : IProbe
    {
        /// <summary>Gets the metric of each branch.</summary>
        public double[] Values { get; } = new double[branches];

        /// <summary>Gets the rows of the last branch.</summary>
        public Rows Rows { get; private set; } = ImmutableDictionary<int, ReadOnlyMemory<float>>.Empty;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public bool Wants(Site site) => site == reader.StopAfter;

        public void Show(Site site, Tensor activation, Device device)
        {
            var first = end - activation.Shape[0] / branches;
            var width = activation.Shape[1];
            var read = reader.Positions.Where(position => position >= first)
                .ToDictionary(at => at, at => device.Download(activation.Slice((at - first) * branches, branches)));
            for (var branch = 0; branch < branches; branch++)
            {
                Rows = reader.Positions.ToDictionary(position => position, position =>
                    read.TryGetValue(position, out var rows)
                        ? rows.AsMemory(branch * width, width)
                        : unchanged![position]);
                Values[branch] = reader.Evaluate(Rows);
            }
        }
    }
}
