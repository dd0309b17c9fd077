namespace RatIlgpu.Analysis;

/// <summary>The clean and the corrupted run of a sweep, and their metrics.</summary>
/// <param name="Pair">The prompts.</param>
/// <param name="Reader">The reader of the metric, which measures divergences from the clean run.</param>
/// <param name="Clean">The clean run.</param>
/// <param name="Corrupted">The corrupted run.</param>
/// <param name="CleanMetric">The metric of the clean run.</param>
/// <param name="CorruptedMetric">The metric of the corrupted run, and the rows from which it was computed.</param>
/// <param name="Positions">The positions from the first difference of the prompts on; before it the runs agree, since
/// attention is causal.</param>
sealed record RunPair(
    PromptPair Pair,
    MetricReader Reader,
    Recording Clean,
    Recording Corrupted,
    double CleanMetric,
    MetricReader.Measured CorruptedMetric,
    ImmutableArray<int> Positions)
{
    /// <summary>Runs both prompts, or reads their recordings.</summary>
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
        var (clean, cleanMetric) = pair.CleanRun is { } first
            ? (Known(first, ofBoth), metric.Measure(first))
            : Run(pair.Clean, [], metric);
        var reader = metric.Against(cleanMetric.Rows);
        var (corrupted, corruptedMetric) = pair.CorruptedRun is { } second
            ? (Known(second, [.. ofBoth, .. ofCorrupted]), reader.Measure(second))
            : Run(pair.Corrupted, ofCorrupted, reader);
        return new(pair, reader, clean, corrupted, cleanMetric.Value, corruptedMetric, positions);

        // Sites that are not read are recorded at one position: which sites are recorded decides in which steps a layer
        // is computed, and with it the last bits.
        (Recording, MetricReader.Measured) Run(
            ImmutableArray<int> ids, IReadOnlyCollection<Site> alsoRead, MetricReader reader)
        {
            ImmutableArray<Index> asked = [.. positions.Select(position => (Index)position)];
            var captures = ofBoth.Union(ofCorrupted).ToDictionary(site => site, site => new Capture(site.Activation)
            {
                Positions = !positions.IsEmpty && (ofBoth.Contains(site) || alsoRead.Contains(site)) ? asked : [^1],
            });
            var probe = new RecordingProbe(model.Config, captures, ids.Length);
            var measured = probe.Record(() => reader.Measure(ids.AsSpan(), probe, cancellation));
            return (new(ModelFingerprint.Of(model), ids, pair.AttentionMask, probe.Recorded), measured);
        }

        // The sweep may start long before it reads a site: a missing one is refused at once.
        Recording Known(Recording run, IReadOnlyCollection<Site> sites)
        {
            run.CheckFor(model);
            foreach (var recorded in sites.Select(site => run[site]))
                foreach (var position in positions)
                    recorded.Need(position);
            return run;
        }
    }
}
