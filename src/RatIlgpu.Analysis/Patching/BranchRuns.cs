using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Runs the corrupted prompt with many different changes, each only where it differs from the unchanged run:
/// from the changed site on, at the positions from the first difference of the prompts on, many at once.</summary>
/// <remarks>The restart, the shared prefix, the cut to the metric's rows and the batches of the specification of path
/// patching; see docs/analysis.md.</remarks>
sealed class BranchRuns : IDisposable
{
    // Whole rows of logits of many branches would take more memory than all else: 128 MB are enough.
    const long MostRead = 32 << 20;

    readonly Qwen2Model model;
    readonly PromptPair pair;
    readonly MetricReader metric;
    readonly MetricReader.Measured unchanged;
    readonly int batchRows;
    readonly KeyValueCache? prefix;
    readonly CancellationToken cancellation;

    /// <summary>Runs the prefix that the two prompts share.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The prompts.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="unchanged">What it is in the corrupted run.</param>
    /// <param name="batchRows">The most rows of a batch, at least 1; a patch is never split.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public BranchRuns(
        Qwen2Model model,
        PromptPair pair,
        MetricReader metric,
        MetricReader.Measured unchanged,
        int batchRows,
        CancellationToken cancellation)
    {
        (this.model, this.pair, this.metric, this.batchRows) = (model, pair, metric, batchRows);
        (this.unchanged, this.cancellation) = (unchanged, cancellation);
        if (pair.FirstDifference == 0 || pair.FirstDifference == pair.Length)
            return;
        prefix = new(model.Config, model.Device, pair.FirstDifference);
        var options = new ForwardOptions { LogitCount = 0, Cache = prefix, Cancellation = cancellation };
        model.Forward(pair.Corrupted.AsSpan()[..pair.FirstDifference], options)?.Dispose();
    }

    /// <summary>Gets the positions that are computed.</summary>
    public int Tail => pair.Length - pair.FirstDifference;

    /// <summary>Returns the metric under each of several patches of one site.</summary>
    /// <param name="start">Where to start, no later than <paramref name="edited"/>.</param>
    /// <param name="stream">The corrupted run's stream there, at the positions that are computed.</param>
    /// <param name="edited">The site that is patched.</param>
    /// <param name="patches">The edits of each patch; one without edits is not run.</param>
    public IEnumerable<double> Measure(
        Site start, ReadOnlyMemory<float> stream, Site edited, IEnumerable<IReadOnlyList<RowEdit>> patches)
    {
        var branches = long.Min(batchRows / int.Max(1, Tail), MostRead / metric.ReadCount);
        foreach (var batch in patches.Chunk((int)long.Max(1, branches)))
        {
            cancellation.ThrowIfCancellationRequested();
            var changing = batch.Where(patch => patch.Count > 0).ToArray();
            var values = changing.Length == 0 ? [] : Measure(start, stream.Span, edited, changing);
            var next = 0;
            foreach (var patch in batch)
                yield return patch.Count > 0 ? values[next++] : unchanged.Value;
        }
    }

    public void Dispose() => prefix?.Dispose();

    double[] Measure(Site start, ReadOnlySpan<float> stream, Site edited, IReadOnlyList<RowEdit>[] batch)
    {
        var reading = metric.Read(batch.Length, unchanged.Rows);
        using var rows = Repeat(stream, batch.Length);
        var options = new ForwardOptions
        {
            Probe = new ProbePair(new BranchProbe(edited, batch, pair.Length), reading),
            StopAfter = metric.StopAfter,
            LogitCount = metric.LogitCount,
            Cache = prefix,
            Cancellation = cancellation,
        };
        model.Resume(start, rows, batch.Length, options)?.Dispose();
        return reading.Values;
    }

    // The rows of a position, one for each branch, lie together.
    Tensor Repeat(ReadOnlySpan<float> stream, int branches)
    {
        var width = model.Config.HiddenSize;
        var repeated = new float[stream.Length * branches];
        for (var row = 0; row < Tail * branches; row++)
            stream.Slice(row / branches * width, width).CopyTo(repeated.AsSpan(row * width, width));
        var rows = model.Device.Allocate(Tail * branches, width);
        model.Device.Upload(repeated, rows);
        return rows;
    }
}
