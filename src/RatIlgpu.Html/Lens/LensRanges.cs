using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The ranges of the numbers of all states of a page, so that one colour means one number wherever it
/// stands.</summary>
sealed class LensRanges
{
    public LensRanges(IReadOnlyList<LensState> states)
    {
        TopLogit = Of(states.SelectMany(state => state.Top.Take(1)).Select(token => token.Logit));
        Logit = Of(states.SelectMany(state => state.Tokens).Select(token => token.Logit));
        LargestRank = states.SelectMany(state => state.Tokens).Select(token => token.Rank).DefaultIfEmpty(1).Max();
        LargestDivergence = Of(states.Select(state => state.KlDivergence)).High;
        LargestEntropy = Of(states.Select(state => state.Entropy)).High;
        var projected = Of(states.SelectMany(state => state.Projections).Select(one => Math.Abs(one.Value)));
        LargestProjection = projected.High;
    }

    public (double Low, double High) TopLogit { get; }

    public (double Low, double High) Logit { get; }

    public int LargestRank { get; }

    public double LargestDivergence { get; }

    public double LargestEntropy { get; }

    public double LargestProjection { get; }

    /// <summary>Returns the place of a number in a range, in [0, 1]; 0 if the range is empty.</summary>
    public static double Place(double number, double low, double high) =>
        high > low ? (number - low) / (high - low) : 0;

    /// <summary>Returns the shade of a rank: 1 for the first, 0 for the last that the page has.</summary>
    public double ShadeOfRank(int rank) =>
        LargestRank > 1 ? 1 - (Math.Log(rank) / Math.Log(LargestRank)) : 1;

    static (double Low, double High) Of(IEnumerable<double> numbers)
    {
        double[] finite = [.. numbers.Where(double.IsFinite)];
        return finite.Length == 0 ? (0, 0) : (finite.Min(), finite.Max());
    }
}
