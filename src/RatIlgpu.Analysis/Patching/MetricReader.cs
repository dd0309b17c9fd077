namespace RatIlgpu.Analysis;

/// <summary>Reads a metric from runs of prompts of one length, several branches at a time.</summary>
sealed class MetricReader
{
    readonly Qwen2Model model;
    readonly int length;
    readonly double[]? direction;

    /// <summary>Makes a reader, which computes all logits if an intervention changes them.</summary>
    public MetricReader(Qwen2Model model, LogitMetric metric, int length, bool readsLogits = false)
    {
        (this.model, Metric, this.length) = (model, metric, length);
        metric.Check(model.Config);
        Positions = ActivationAxes.Resolve(metric.LogitPositions, length, "position");
        if (metric is LogitMetric.Logit logit && !readsLogits)
            direction = LogitDirection.OfNormed(model, logit.Target);
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

    /// <summary>Returns the metric of a whole run that another probe watches, too.</summary>
    public Measured Measure(ReadOnlySpan<int> ids, IProbe probe, CancellationToken cancellation)
    {
        var found = new Reading(this, 1, length, null);
        var options = new ForwardOptions
        {
            Probe = new ProbePair(probe, found),
            StopAfter = StopAfter,
            LogitCount = LogitCount,
            Cancellation = cancellation,
        };
        model.Run(ids, options);
        return new(found.Values[0], found.Rows);
    }

    /// <summary>Makes a probe that reads the metric of every branch of a run.</summary>
    public Reading Read(int branches, int end, IReadOnlyDictionary<int, ReadOnlyMemory<float>> unchanged) =>
        new(this, branches, end, unchanged);

    double Evaluate(IReadOnlyDictionary<int, ReadOnlyMemory<float>> rows) => Metric switch
    {
        LogitMetric.Logit when direction is not null => RowMath.Dot(rows[Positions[0]].Span, direction),
        LogitMetric.Logit one => Difference(rows[Positions[0]].Span, one.Target),
        LogitMetric.LogProbability one => LogProbability(rows[Positions[0]].Span, one.Token),
        LogitMetric.Custom custom => custom.Evaluate(new LogitView(rows, length)),
        _ => throw new InvalidOperationException($"{Metric} cannot be read."),
    };

    static double Difference(ReadOnlySpan<float> logits, LogitTarget target) =>
        (double)logits[target.Answer] - (target.Foil is { } foil ? logits[foil] : 0);

    static double LogProbability(ReadOnlySpan<float> logits, int token) => logits[token] - Logits.LogSumExp(logits);

    /// <summary>The metric of a run, and the rows from which it was computed, by position.</summary>
    public readonly record struct Measured(double Value, IReadOnlyDictionary<int, ReadOnlyMemory<float>> Rows);

    /// <summary>A probe that reads the metric of every branch.</summary>
    public sealed class Reading(
        MetricReader reader, int branches, int end, IReadOnlyDictionary<int, ReadOnlyMemory<float>>? unchanged) : IProbe
    {
        /// <summary>Gets the metric of each branch.</summary>
        public double[] Values { get; } = new double[branches];

        /// <summary>Gets the rows of the last branch.</summary>
        public IReadOnlyDictionary<int, ReadOnlyMemory<float>> Rows { get; private set; } =
            ImmutableDictionary<int, ReadOnlyMemory<float>>.Empty;

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
