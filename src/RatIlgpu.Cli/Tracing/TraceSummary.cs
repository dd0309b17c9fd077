namespace RatIlgpu.Cli.Tracing;

/// <summary>The numbers of traces that can be averaged over prompts.</summary>
static class TraceSummary
{
    static readonly (string Name, Func<TraceResult, double?> Of)[] Numbers =
    [
        ("probability of the prediction", trace => trace.Predictions is [var first, ..] ? first.Probability : null),
        ("score of the best path", trace => trace.Paths is [var best, ..] ? best.Score : null),
        ("share of the best path", trace => trace.PathWeights is [var best, ..] ? best : null),
        ("steps of the best path", trace => trace.Paths is [var best, ..] ? best.EdgeAttentions.Length : null),
        ("attention of the target to itself", trace => Attention(trace, trace.TargetPosition)),
        ("attention of the target to position 0", trace => Attention(trace, 0)),
    ];

    /// <summary>Returns mean and spread of each number that a trace has.</summary>
    public static IEnumerable<(string Name, MeanAndSpread Of)> Of(IReadOnlyCollection<TraceResult> traces) =>
        Numbers.Select(number => (number.Name, Of: MeanAndSpread.Of(traces.Select(number.Of))))
            .Where(number => number.Of.Count > 0);

    static double? Attention(TraceResult trace, int key) =>
        key < trace.TargetAttention.Length ? trace.TargetAttention[key] : null;
}
