namespace RatIlgpu.Analysis;

/// <summary>The clean and the corrupted run of a sweep, and their metrics.</summary>
/// <param name="Pair">The prompts.</param>
/// <param name="Metric">The number that is measured.</param>
/// <param name="Clean">The clean run.</param>
/// <param name="Corrupted">The corrupted run.</param>
/// <param name="CleanMetric">The metric of the clean run.</param>
/// <param name="CorruptedMetric">The metric of the corrupted run, and the rows from which it was computed.</param>
/// <param name="Positions">The positions from the first difference of the prompts on; before it the runs agree, since
/// attention is causal.</param>
sealed record RunPair(
    PromptPair Pair,
    LogitMetric Metric,
    Recording Clean,
    Recording Corrupted,
    double CleanMetric,
    MetricReader.Measured CorruptedMetric,
    ImmutableArray<int> Positions)
{
    /// <summary>Runs both prompts.</summary>
    public static RunPair Record(
        Qwen2Model model,
        PromptPair pair,
        MetricReader metric,
        IReadOnlyCollection<Site> ofBoth,
        IReadOnlyCollection<Site> ofCorrupted,
        CancellationToken cancellation)
    {
        ImmutableArray<int> positions =
            [.. Enumerable.Range(pair.FirstDifference, pair.Length - pair.FirstDifference)];
        var (clean, cleanMetric) = Run(pair.Clean, ofBoth);
        var (corrupted, corruptedMetric) = Run(pair.Corrupted, [.. ofBoth.Union(ofCorrupted)]);
        return new(pair, metric.Metric, clean, corrupted, cleanMetric.Value, corruptedMetric, positions);

        (Recording, MetricReader.Measured) Run(ImmutableArray<int> ids, IReadOnlyCollection<Site> sites)
        {
            ImmutableArray<Index> asked = [.. positions.Select(position => (Index)position)];
            var captures = (positions.IsEmpty ? [] : sites)
                .ToDictionary(site => site, site => new Capture(site.Activation) { Positions = asked });
            var probe = new RecordingProbe(model.Config, captures, ids.Length);
            var measured = metric.Measure(ids.AsSpan(), probe, cancellation);
            return (new(ModelFingerprint.Of(model), ids, null, probe.Recorded), measured);
        }
    }
}
