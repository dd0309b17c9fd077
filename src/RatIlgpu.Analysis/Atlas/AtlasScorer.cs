using System.Diagnostics;

namespace RatIlgpu.Analysis;

/// <summary>Runs the sequences of an atlas and sums what heads do in them: the pattern of one layer of one sequence is
/// held at a time.</summary>
/// <param name="model">The model.</param>
/// <param name="plan">The sequences.</param>
sealed class AtlasScorer(Qwen2Model model, AtlasPlan plan) : IDisposable
{
    // As many tokens of short sequences run together as make products with weights fast.
    const int TokensOfBatch = 256;

    readonly ValueLengths lengths = new(model);

    /// <summary>Runs the units of a shard that are not in the sums.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="sums">The sums, to which each unit is added when it is done.</param>
    /// <param name="done">Called after each batch with the last unit of it; returns whether to go on.</param>
    /// <param name="cancellation">Stops within a run, whose units are then not added.</param>
    /// <returns>Whether it was not told to stop.</returns>
    public bool Run(
        AtlasShard shard, AtlasSums sums, Func<AtlasUnit, bool> done, CancellationToken cancellation = default)
    {
        foreach (var batch in Batches(plan.Units(shard, cancellation).Where(unit => !sums.Has(unit))))
        {
            Run(batch, sums, cancellation);
            if (!done(batch[^1]))
                return false;
        }

        return true;
    }

    /// <summary>Puts units together that run together: short ones of one pass.</summary>
    public static IEnumerable<IReadOnlyList<AtlasUnit>> Batches(IEnumerable<AtlasUnit> units)
    {
        var batch = new List<AtlasUnit>();
        var tokens = 0;
        foreach (var unit in units)
        {
            var own = unit.Sequences.Sum(sequence => sequence.Ids.Length);
            if (batch.Count > 0 && (batch[0].Pass != unit.Pass || tokens + own > TokensOfBatch))
            {
                yield return batch;
                (batch, tokens) = ([], 0);
            }

            batch.Add(unit);
            tokens += own;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>Frees what is kept on the device.</summary>
    public void Dispose() => lengths.Dispose();

    /// <summary>Runs units of one pass together and adds them to the sums.</summary>
    public void Run(IReadOnlyList<AtlasUnit> batch, AtlasSums sums, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var (pass, config) = (sums[batch[0].Pass], model.Config);
        var prompts = new List<BatchPrompt>();
        var scorers = new List<UnitScorer>();
        var activities = new List<SequenceActivity>();
        foreach (var unit in batch)
        {
            var scorer = new UnitScorer(pass, unit.Number, unit.Group);
            scorers.Add(scorer);
            foreach (var sequence in unit.Sequences)
            {
                var activity = pass.Layout.HasProfile
                    ? new SequenceActivity(
                        unit.Number, sequence.Ids.Items, new float[pass.HeadCount], new short[pass.HeadCount])
                    : null;
                if (activity is not null)
                    activities.Add(activity);
                prompts.Add(new(sequence.Ids)
                {
                    Probe = new HeadScoreProbe(model, lengths, scorer, sequence.Cells, activity),
                });
            }
        }

        model.RunAll(prompts, new()
        {
            StopAfter = new(Activation.Pattern, config.LayerCount - 1),
            LogitCount = 0,
            Cancellation = cancellation,
        });
        foreach (var scorer in scorers)
            scorer.Finish();
        foreach (var activity in activities)
            sums.Activities.Add(activity);
        sums.Seconds += clock.Elapsed.TotalSeconds;
    }
}
