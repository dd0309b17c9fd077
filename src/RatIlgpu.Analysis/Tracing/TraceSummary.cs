using RatIlgpu.Tracing;
using TraceKey = (int Layer, RatIlgpu.Devices.HeadAggregation Heads, RatIlgpu.AttentionWeights Weights);

namespace RatIlgpu.Analysis;

/// <summary>Mean and spread of the numbers of traces over the prompts of a batch.</summary>
/// <remarks>Only prompts are averaged over: layers, choices of heads and targets have rows of their own, so that a row
/// does not depend on what else was traced. Targets are compared by their place among those of a prompt, in the order
/// of their positions. Where prompts have different numbers of targets, a prompt has the mean over its targets.
/// </remarks>
public sealed class TraceSummary
{
    TraceSummary(int promptCount, ImmutableArray<TraceMean> rows) => (PromptCount, Rows) = (promptCount, rows);

    /// <summary>Gets the number of prompts.</summary>
    public int PromptCount { get; }

    /// <summary>Gets the rows: by target, then the probability of the prediction, then by layer, both ascending, then
    /// heads in the order of the traces, then number. A number that no prompt has is left out.</summary>
    public ImmutableArray<TraceMean> Rows { get; }

    /// <summary>Returns the summary of some traces.</summary>
    /// <param name="traces">The traces of all prompts (<see cref="TraceResult.Prompt"/>), in any order.</param>
    /// <exception cref="ArgumentException">There is no trace, or two are of the same prompt, position, layer and
    /// heads.</exception>
    public static TraceSummary Of(IEnumerable<TraceResult> traces)
    {
        ImmutableArray<TraceResult> all = [.. traces];
        if (all.IsEmpty)
            throw new ArgumentException("There is no trace: at least one is needed.");
        CheckEachOnce(all);
        ImmutableArray<PromptTraces> prompts =
            [.. all.GroupBy(trace => trace.Prompt).Select(prompt => new PromptTraces(prompt))];
        var counts = prompts.Select(prompt => prompt.TargetCount).Distinct().ToList();
        IEnumerable<int?> targets = counts is [var count]
            ? Enumerable.Range(1, count).Select(target => (int?)target)
            : [null];
        ImmutableArray<TraceKey> keys = [.. all.Select(KeyOf).Distinct().OrderBy(key => key.Layer)];
        return new(prompts.Length, [.. targets.SelectMany(target => RowsOf(prompts, keys, target))]);
    }

    static IEnumerable<TraceMean> RowsOf(
        ImmutableArray<PromptTraces> prompts, ImmutableArray<TraceKey> keys, int? target)
    {
        IEnumerable<TraceMean> rows =
        [
            new(
                TraceNumber.PredictionProbability, target, null, null,
                MeanAndSpread.Of(prompts.Select(prompt => prompt.Prediction(target)))),
            .. from key in keys
               from number in Enum.GetValues<TraceNumber>()
               where number != TraceNumber.PredictionProbability
               select new TraceMean(
                   number, target, key.Layer, key.Heads,
                   MeanAndSpread.Of(prompts.Select(prompt => prompt.Number(target, key, number))))
               {
                   Weights = key.Weights,
               },
        ];
        return rows.Where(row => row.Value.Count > 0);
    }

    static double? Read(TraceResult trace, TraceNumber number) => number switch
    {
        TraceNumber.BestScore => trace.Paths is [var best, ..] ? best.Score : null,
        TraceNumber.BestShare => trace.PathWeights is [var share, ..] ? share : null,
        TraceNumber.BestSteps => trace.Paths is [var best, ..] ? best.EdgeAttentions.Length : null,
        TraceNumber.AttentionToItself => Attention(trace, trace.TargetPosition),
        TraceNumber.AttentionToFirst => Attention(trace, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(number), $"{number} is no number of a trace."),
    };

    static double? Attention(TraceResult trace, int key) =>
        key < trace.TargetAttention.Length ? trace.TargetAttention[key] : null;

    static TraceKey KeyOf(TraceResult trace) => (trace.Layer, trace.Options.Heads, trace.Options.Weights);

    static void CheckEachOnce(ImmutableArray<TraceResult> traces)
    {
        foreach (var same in traces.GroupBy(trace => (trace.Prompt, trace.TargetPosition, KeyOf(trace))))
            if (same.Skip(1).Any())
                throw new ArgumentException(FormattableString.Invariant(
                    $"{same.Count()} traces are of prompt {same.Key.Prompt + 1}, position {same.Key.TargetPosition}, ")
                    + FormattableString.Invariant($"layer {same.First().Layer}, heads {same.First().Options.Heads}; ")
                    + "expected one: traces of different prompts need different numbers (TraceResult.Prompt).");
    }

    /// <summary>The traces of one prompt.</summary>
    sealed class PromptTraces
    {
        readonly ImmutableArray<int> positions;
        readonly Dictionary<(int Position, TraceKey Key), TraceResult> traces;
        readonly Dictionary<int, double> predictions = [];

        public PromptTraces(IEnumerable<TraceResult> prompt)
        {
            traces = prompt.ToDictionary(trace => (trace.TargetPosition, KeyOf(trace)));
            positions = [.. traces.Keys.Select(key => key.Position).Distinct().Order()];
            // All traces of a target have its prediction.
            foreach (var trace in traces.Values)
                if (trace.Predictions is [var first, ..])
                    predictions.TryAdd(trace.TargetPosition, first.Probability);
        }

        public int TargetCount => positions.Length;

        /// <summary>Returns the probability of the prediction at a target, from 1; null for the mean over
        /// all.</summary>
        public double? Prediction(int? target) => Over(
            target, position => predictions.TryGetValue(position, out var probability) ? probability : null);

        /// <summary>Returns a number of the trace of a target, from 1; null for the mean over all.</summary>
        public double? Number(int? target, TraceKey key, TraceNumber number) => Over(
            target, position => traces.TryGetValue((position, key), out var trace) ? Read(trace, number) : null);

        double? Over(int? target, Func<int, double?> of)
        {
            if (target is { } one)
                return of(positions[one - 1]);
            var mean = MeanAndSpread.Of(positions.Select(of));
            return mean.Count > 0 ? mean.Mean : null;
        }
    }
}

/// <summary>A number of traces over prompts.</summary>
/// <param name="Number">The number.</param>
/// <param name="Target">The place of the target among those of each prompt, from 1; null where prompts have different
/// numbers of targets, and a prompt has the mean over its targets.</param>
/// <param name="Layer">The traced layer; null for <see cref="TraceNumber.PredictionProbability"/>, which all layers and
/// heads share.</param>
/// <param name="Heads">The choice of heads; null for <see cref="TraceNumber.PredictionProbability"/>.</param>
/// <param name="Value">Mean and spread over the prompts that have the number.</param>
public sealed record TraceMean(
    TraceNumber Number, int? Target, int? Layer, HeadAggregation? Heads, MeanAndSpread Value)
{
    /// <summary>Gets what the links of the traces count. Default: attention.</summary>
    public AttentionWeights Weights { get; init; }

    /// <summary>Gets the number in words, such as <c>score of the best path</c>.</summary>
    public string Label => Number switch
    {
        TraceNumber.PredictionProbability => "probability of the prediction",
        TraceNumber.BestScore => "score of the best path",
        TraceNumber.BestShare => "share of the best path",
        TraceNumber.BestSteps => "steps of the best path",
        TraceNumber.AttentionToItself => $"{PathText.MeasureOf(Weights)} of the target to itself",
        TraceNumber.AttentionToFirst => $"{PathText.MeasureOf(Weights)} of the target to position 0",
        _ => throw new InvalidOperationException($"{Number} is no number of a trace."),
    };
}

/// <summary>The numbers of a trace that are averaged over prompts.</summary>
public enum TraceNumber
{
    /// <summary>The probability of the likeliest token after the target, in [0, 1].</summary>
    PredictionProbability,

    /// <summary>The score of the best path.</summary>
    BestScore,

    /// <summary>The weight of the best path among the paths, in [0, 1].</summary>
    BestShare,

    /// <summary>The number of steps of the best path.</summary>
    BestSteps,

    /// <summary>The aggregated attention of the target to itself, in [0, 1]; where links are weighted, the
    /// weight.</summary>
    AttentionToItself,

    /// <summary>The aggregated attention of the target to position 0, in [0, 1]; where links are weighted, the
    /// weight.</summary>
    AttentionToFirst,
}
