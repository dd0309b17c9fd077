using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>A pair of prompts, its metrics, and the metric under each patch.</summary>
/// <param name="Clean">The clean prompt.</param>
/// <param name="Corrupted">The corrupted prompt, as long as the clean one.</param>
/// <param name="Padding">The positions that are padding.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="MetricPositions">The positions at which it was measured.</param>
/// <param name="CleanMetric">The metric of the clean run.</param>
/// <param name="CorruptedMetric">The metric of the corrupted run.</param>
/// <param name="Values">The metric under each patch, in the order of the axes; NaN where there is no such
/// patch.</param>
sealed record SheetPair(
    ImmutableArray<TokenText> Clean,
    ImmutableArray<TokenText> Corrupted,
    ImmutableArray<int> Padding,
    string Metric,
    ImmutableArray<int> MetricPositions,
    double CleanMetric,
    double CorruptedMetric,
    ImmutableArray<double> Values)
{
    /// <summary>Gets whether both prompts are the same.</summary>
    public bool IsSame => Clean.Select(token => token.Id).SequenceEqual(Corrupted.Select(token => token.Id));

    /// <summary>Returns by how much a patch changes the metric; NaN where there is no such patch.</summary>
    public double Effect(int index) => Values[index] - CorruptedMetric;

    /// <summary>Returns the effect as a share of the difference between the runs; NaN where there is none.</summary>
    public double Recovery(int index) => CleanMetric == CorruptedMetric
        ? double.NaN
        : Effect(index) / (CleanMetric - CorruptedMetric);

    /// <summary>Returns the pair of a grid.</summary>
    public static SheetPair Of<T>(PatchGrid<T> grid, ImmutableArray<double> values, Func<int, TokenText> token)
    {
        var pair = grid.Pair;
        return new(
            [.. pair.Clean.Select(token)],
            [.. pair.Corrupted.Select(token)],
            [.. (pair.AttentionMask ?? []).Index().Where(entry => entry.Item == 0).Select(entry => entry.Index)],
            PatchWords.Of(grid.Metric, token),
            PatchWords.PositionsOf(grid.Metric, pair.Length),
            grid.CleanMetric,
            grid.CorruptedMetric,
            values);
    }
}
