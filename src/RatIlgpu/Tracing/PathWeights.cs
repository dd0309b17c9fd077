namespace RatIlgpu.Tracing;

/// <summary>Turns the scores of paths into shares of one.</summary>
public static class PathWeights
{
    /// <summary>Returns <c>exp(score) / Σ exp(score)</c>.</summary>
    /// <param name="scores">Finite numbers, any count.</param>
    public static ImmutableArray<double> Softmax(params ReadOnlySpan<double> scores)
    {
        if (scores.IsEmpty)
            return [];
        var weights = scores.ToArray();
        var largest = weights.Max();
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Exp(weights[i] - largest);
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
